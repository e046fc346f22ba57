import type { Database, Tx } from "../db/database.ts";
import type { FileAccess } from "../files/access.ts";
import { ApiError } from "../http/errors.ts";

/**
 * Refuses an upload to a name that something has, unless that is a file and the upload overwrites.
 *
 * @throws ApiError `uploadFileExists`
 */
export async function refuseTaken(
  access: FileAccess,
  target: { parent: string; name: string; overwrite: boolean },
  sql?: Database | Tx,
): Promise<void> {
  const there = await access.child(target.parent, target.name, sql);
  if (there && (!target.overwrite || there.type === "folder")) throw new ApiError("uploadFileExists");
}
