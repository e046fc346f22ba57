import type { BlobStore } from "@causeway/storage";
import type { OpenDatabase } from "../db/database.ts";
import type { Links } from "../http/links.ts";
import type { FileAccess, SeenFile } from "./access.ts";
import { createDescribingMany } from "./bulk-metadata-and-tags.ts";
import { createFileArranging } from "./copy-move-delete.ts";
import { createFileReading } from "./get-and-list.ts";
import { createFileDescribing } from "./metadata-and-tags.ts";

export type { File } from "./get-and-list.ts";

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
