import { type BlobStore, type BlobUpload, type StoredPart, UploadMissing } from "@causeway/storage";
import type { UploadRow } from "./queries.ts";

/** The upload as the blob store knows it. */
export const inStore = (upload: Pick<UploadRow, "blob_key" | "store_id" | "part_size">): BlobUpload => ({
  key: upload.blob_key,
  id: upload.store_id,
  partSize: upload.part_size,
});

/** The parts that the store has, by number; undefined when it has no such upload any more. */
export async function storedParts(store: BlobStore, upload: UploadRow): Promise<Map<number, StoredPart> | undefined> {
  try {
    const parts = await store.listParts(inStore(upload));
    return new Map(parts.map((part) => [part.number, part]));
  } catch (error) {
    if (error instanceof UploadMissing) return undefined;
    throw error;
  }
}
