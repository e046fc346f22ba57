import { type BlobStore, type BlobUpload, UploadMissing } from "@causeway/storage";
import type { UploadRow } from "./queries.ts";
import type { UploadParts } from "./upload-parts.ts";

/** The upload as the blob store knows it. */
export const inStore = (upload: Pick<UploadRow, "blob_key" | "store_id" | "part_size">): BlobUpload => ({
  key: upload.blob_key,
  id: upload.store_id!,
  partSize: upload.part_size,
});

/** Parts of an upload in the blob store. */
export function createPartsInStore(store: BlobStore): UploadParts {
  return {
    write: (upload, number, bytes, length) =>
      store.writePart(inStore(upload), number, bytes, length === undefined ? {} : { length }),

    async stored(upload) {
      try {
        const parts = await store.listParts(inStore(upload));
        return new Map(parts.map((part) => [part.number, part]));
      } catch (error) {
        if (error instanceof UploadMissing) return undefined;
        throw error;
      }
    },
  };
}
