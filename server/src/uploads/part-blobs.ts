import { type BlobStore, etagOf, newBlobKey, PartCut, type StoredPart, UploadMissing } from "@causeway/storage";
import type { Database } from "../db/database.ts";
import { gathering } from "../db/gathering.ts";
import { insertPartBlobs, listPartBlobs, type NewPartBlob } from "./part-blob-queries.ts";
import type { PartBlob, UploadRow } from "./queries.ts";
import type { UploadParts } from "./upload-parts.ts";

/** Whether the parts of an upload are blobs of their own. */
export const hasPartBlobs = ({ store_id }: Pick<UploadRow, "store_id">): boolean => store_id === null;

/** A blob as the part that it is. */
export const asPart = ({ number, size, sha256 }: PartBlob): StoredPart => ({ number, size, etag: etagOf(sha256) });

/**
 * Parts that are blobs of their own. Nothing has to be joined: a file of one part takes its blob as it is, so its bytes
 * are written once, under one name, and one row in the database says that they are there. A blob whose row was never
 * written, because the process was killed, or that was replaced just then, is swept.
 */
export function createPartBlobs(db: Database, store: BlobStore): UploadParts {
  const note = gathering((parts: readonly NewPartBlob[]) => insertPartBlobs(db, parts));

  return {
    async write({ id: uploadId }, number, bytes, length) {
      const key = newBlobKey();
      const { size, sha256 } = await store.put(key, bytes);
      if (length !== undefined && size !== length) {
        await store.remove(key);
        throw new PartCut(number, length, size);
      }
      // Where this fails the row may be written all the same: the blob is left to the sweep, which asks.
      const noted = await note({ uploadId, number, key, size, sha256 });
      if (!noted) {
        await store.remove(key);
        throw new UploadMissing(uploadId);
      }
      if (noted.replaced !== null) await store.remove(noted.replaced);
      return asPart({ number, key, size, sha256 });
    },

    async stored({ id }, sql = db) {
      const blobs = await listPartBlobs(sql, id);
      return new Map(blobs.map((blob) => [blob.number, asPart(blob)]));
    },
  };
}
