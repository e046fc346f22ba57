import { S3ServiceException } from "@aws-sdk/client-s3";
import { BlobMissing, PartsRefused, StorageFull, UploadMissing } from "../blob-errors.ts";

/** Servers of the S3 family that can run out of disk each have a name for it. */
const FULL = new Set(["XMinioStorageFull", "InsufficientStorage", "QuotaExceeded", "InsufficientCapacity"]);
const REFUSED = new Set(["InvalidPart", "InvalidPartOrder", "EntityTooSmall", "EntityTooLarge"]);

/** What S3 says, in our words; what we have no word for is returned as it is. */
export function asStoreError(error: unknown, about: { key: string; uploadId?: string }): unknown {
  if (!(error instanceof S3ServiceException)) return error;
  const status = error.$metadata.httpStatusCode;
  if (error.name === "NoSuchUpload") return new UploadMissing(about.uploadId ?? about.key, { cause: error });
  // An answer to HEAD has no body, so no name but its status.
  if (error.name === "NoSuchKey" || error.name === "NotFound") return new BlobMissing(about.key, { cause: error });
  if (REFUSED.has(error.name)) return new PartsRefused(`the S3 server refused the parts: ${error.name}`, { cause: error });
  if (FULL.has(error.name) || status === 507) return new StorageFull("the S3 server is full", { cause: error });
  return error;
}

/** A range that begins after the end of the object. */
export function isRangeError(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 416;
}
