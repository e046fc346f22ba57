import type { BlobStore } from "@causeway/storage";
import type { OpenDatabase } from "../db/database.ts";
import type { Links } from "../http/links.ts";
import type { FileAccess, SeenFile } from "./access.ts";
import { createFileArranging } from "./arranging.ts";
import { createFileDescribing } from "./describing.ts";
import { createDescribingMany } from "./describing-many.ts";
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
  const describing = createFileDescribing(database.db, access, reading, metadataIsClosed);
  return {
    ...reading,
    ...describing,
    updateMany: createDescribingMany(database.db, reading, metadataIsClosed, (actor, { id, given }, options) =>
      describing.update(actor, id, () => given, options),
    ),
    ...createFileArranging(database.db, access, reading, store),
  };
}
