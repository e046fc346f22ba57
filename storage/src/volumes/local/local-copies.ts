import { constants } from "node:fs";
import { copyFile as copyWithSystem, type FileHandle } from "node:fs/promises";
import { codeOf } from "../../blobs/blob-errors.ts";
import { copyFile } from "../../hashing/reading.ts";
import type { Publication } from "./publication.ts";

/** A new file that shares the bytes of `source`, where the file system can. */
export async function shared(publication: Publication, source: FileHandle): Promise<FileHandle | undefined> {
  const { COPYFILE_FICLONE_FORCE, COPYFILE_EXCL } = constants;
  try {
    await copyWithSystem(`/proc/self/fd/${source.fd}`, publication.temporaryPath, COPYFILE_FICLONE_FORCE | COPYFILE_EXCL);
  } catch (error) {
    if (["ENOTSUP", "EOPNOTSUPP", "EXDEV", "EINVAL", "ENOSYS", "ENOTTY"].includes(codeOf(error) ?? "")) return undefined;
    throw error;
  }
  return publication.reopen();
}

export async function copied(publication: Publication, source: FileHandle, signal: AbortSignal | undefined): Promise<FileHandle> {
  const file = await publication.create();
  try {
    await copyFile(source, file, { signal });
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
