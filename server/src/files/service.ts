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

export interface FileServiceDeps {
  database: OpenDatabase;
  access: FileAccess;
  links: Links;
  metadataIsClosed: () => boolean;
  signDownload: (file: SeenFile, username: string) => Promise<string>;
  store: Pick<BlobStore, "stat">;
}

/** The calls on files and folders: seeing them, what is said of them, and where they are. */
export function createFileService({ database, access, links, metadataIsClosed, signDownload, store }: FileServiceDeps) {
  const reading = createFileReading({ database, access, links, signDownload });
  const describing = createFileDescribing({ db: database.db, access, reading, metadataIsClosed });
  return {
    ...reading,
    ...describing,
    updateMany: createDescribingMany({
      db: database.db,
      reading,
      metadataIsClosed,
      updateOne: (actor, { id, given }, options) => describing.update(actor, id, () => given, options),
    }),
    ...createFileArranging({ db: database.db, access, reading, store }),
  };
}
