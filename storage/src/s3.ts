/** Apart from the index: the SDK behind it takes a quarter of a second to load, which only those pay who use S3. */
export { S3BlobStore } from "./blobs/s3/s3-blob-store.ts";
export type { S3Settings } from "./blobs/s3/s3-client.ts";
