import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { UserService } from "./service.ts";

/** Where the first administrator's token is kept, in the data directory. */
const ADMINISTRATOR_TOKEN = "admin.token";

/**
 * Makes the administrator of a platform that has no users yet, and leaves the token where only the owner of the data
 * directory can read it: whoever can read that file could read the database as well.
 */
export async function ensureAdministrator(users: UserService, username: string, dataDirectory: string): Promise<void> {
  if (!(await users.isEmpty())) return;
  const { token } = await users.create({ username, isAdmin: true });
  await mkdir(dataDirectory, { recursive: true });
  const path = join(dataDirectory, ADMINISTRATOR_TOKEN);
  await writeFile(`${path}.new`, `${token}\n`, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}
