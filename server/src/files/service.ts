import type { BlobStore } from "@causeway/storage";
import type { OpenDatabase } from "../db/database.ts";
import type { Links } from "../http/links.ts";
import type { FileAccess, SeenFile } from "./access.ts";
import { createFileArranging } from "./arranging.ts";
import { createFileDescribing } from "./describing.ts";
import { createFileReading } from "./reading.ts";

export type { File } from "./reading.ts";

export type FileService = ReturnType<typeof createFileService>;

/** The calls on files and folders: seeing them, what is said of them, and where they are. */
export function createFileService(
  database: OpenDatabase,
  access: FileAccess,
  links: Links,
  metadataIsClosed: () => boolean,
  signDownload: (file: SeenFile, username: string) => Promise<string>,
  store: Pick<BlobStore, "stat">,
) {
  const reading = createFileReading(database, access, links, signDownload);
  return {
    ...reading,
    ...createFileDescribing(database.db, access, reading, metadataIsClosed),
    ...createFileArranging(database.db, access, reading, store),
  };
}
