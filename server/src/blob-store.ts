import { join } from "node:path";
import { type BlobStore, DiskBlobStore } from "@causeway/storage";
import type { Settings } from "./settings.ts";

/** Opens the store of the bytes of files: a bucket when one is named, else the data directory. */
export async function openBlobStore(settings: Settings): Promise<BlobStore> {
  if (settings.s3Bucket === "") return DiskBlobStore.open(join(settings.dataDirectory, "files"));
  const { S3BlobStore } = await import("@causeway/storage/s3");
  return new S3BlobStore({
    bucket: settings.s3Bucket,
    prefix: settings.s3Prefix,
    region: settings.s3Region,
    pathStyle: settings.s3PathStyle,
    ...(settings.s3Endpoint === "" ? {} : { endpoint: settings.s3Endpoint }),
    ...(settings.s3PublicEndpoint === "" ? {} : { publicEndpoint: settings.s3PublicEndpoint }),
  });
}
