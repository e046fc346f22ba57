import { type BlobStore, hashBlob, type VolumeStore } from "@causeway/storage";
import type { Database } from "../db/database.ts";
import { ApiError } from "../http/errors.ts";
import type { SecretBox } from "../secrets/secret-box.ts";
import type { ExportRow } from "./queries.ts";

/** What is needed to send one file's bytes. */
export interface Sending {
  db: Database;
  blobs: BlobStore;
  secrets: SecretBox;
  store: VolumeStore;
  job: ExportRow;
  bytes: { key: string; size: number; sha256: string | null };
  signal: AbortSignal;
}

/** Nothing is written of bytes that are not those that were stored. */
export async function checkSource({ blobs, bytes: { key, size, sha256 }, signal }: Sending): Promise<void> {
  const found = await hashBlob(blobs, key, { signal });
  if (found.size !== size || (sha256 !== null && found.sha256 !== sha256))
    throw new ApiError("volumeJobFileGone", "The bytes of the file are damaged: they are not those that were stored.");
}
