import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * What of a data directory only its owner may enter: bytes of files, jobs with their inputs and outputs, copies, secrets.
 * The directory itself stays open to be passed through: where root starts the platform, the database's files belong to
 * another user.
 */
const PRIVATE = ["files", "jobs", "copies", "secrets"];

/** Makes them, or closes those that were made when they were open, whatever the umask says. What is in them is out of reach then. */
export async function keepPrivate(dataDirectory: string): Promise<void> {
  for (const name of PRIVATE) {
    const path = join(dataDirectory, name);
    await mkdir(path, { recursive: true });
    await chmod(path, 0o700);
  }
}
