export { BlobMissing, isFull, PartCut, PartsRefused, StorageFull, UploadMissing } from "./blobs/blob-errors.ts";
export { BLOB_KEY, newBlobKey } from "./blobs/blob-key.ts";
export type {
  BlobStat,
  BlobStore,
  BlobUpload,
  ByteRange,
  HashedBlob,
  ListedBlob,
  NamedPart,
  StoredBlob,
  StoredBytes,
  StoredPart,
  UploadRef,
} from "./blobs/blob-store.ts";
export { contentDisposition } from "./blobs/content-disposition.ts";
export { DiskBlobStore } from "./blobs/disk/disk-blob-store.ts";
export { etagOf, hashBlob, hashStream } from "./blobs/hash-stream.ts";
export { MemoryBlobStore } from "./blobs/memory-blob-store.ts";
export { withRetries } from "./blobs/with-retries.ts";
export { copyFile, type Digested, digestFile, type ReadOptions } from "./hashing/reading.ts";
export type { Patience } from "./retrying.ts";
export { allowsLink, type LinkGrant, type LinkSignature, signLink } from "./signed-links.ts";
export type { LocalRoot } from "./volumes/local/local-settings.ts";
export { EndpointList } from "./volumes/net/endpoint-list.ts";
export { ServiceHttp } from "./volumes/net/service-http.ts";
export { openVolume, type VolumeSettings } from "./volumes/open-volume.ts";
export { type ProbeResult, probeVolume } from "./volumes/probe-volume.ts";
export type { VolumeConnection } from "./volumes/volume-connection.ts";
export {
  isFault,
  PASSING_FAULTS,
  VOLUME_FAULTS,
  type VolumeAction,
  VolumeError,
  type VolumeFault,
} from "./volumes/volume-errors.ts";
export * from "./volumes/volume-store.ts";
export { withVolumeRetries } from "./volumes/with-volume-retries.ts";
