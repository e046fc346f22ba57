import type { Readable } from "node:stream";

/**
 * Keeps immutable bytes under keys. Implementations: memory, disk, S3.
 *
 * - Safe for concurrent use, also by several processes.
 * - A key holds nothing or a whole blob: a reader never sees a half-written one, whatever fails while it is written.
 * - What was stored when a promise resolves is durable: it survives kill -9 and, on disk and S3, a power cut.
 * - `BlobMissing` is the only error that means "not there". `StorageFull` means that nothing changed and that the call
 *   may be repeated when there is room. Errors that are not of this module are passing failures: try again later.
 * - Keys match `BLOB_KEY`; make them with `newBlobKey`.
 */
export interface BlobStore {
  /** Stores `bytes` to their end and returns what was stored. A blob already under `key` is replaced in one step. */
  put(key: string, bytes: Readable): Promise<HashedBlob>;

  /**
   * Makes the regular file at `path` a blob, without copying where the file system allows it. The file stays where it
   * is, but the caller must not write to it any more: both names may share the bytes, which become read-only.
   * May be repeated. Throws when `path` is a symbolic link, or is written to meanwhile. Rejects with the signal's reason,
   * within moments of its abort and with nothing stored.
   */
  adopt(key: string, path: string, options?: { signal?: AbortSignal | undefined }): Promise<HashedBlob>;

  /**
   * Opens `length` bytes from `offset`; without a range, all of them. A range is clamped to the blob: one that begins
   * at or after its end is empty. Throws `BlobMissing`. A blob removed meanwhile may fail the stream, never shorten it.
   */
  open(key: string, range?: ByteRange): Promise<Readable>;

  /** Throws `BlobMissing`. */
  stat(key: string): Promise<BlobStat>;

  /** Removes the blob. A key that holds nothing is not an error. */
  remove(key: string): Promise<void>;

  /** Every blob whose key begins with `prefix` and sorts after `after`, in ascending order of keys (by code unit). */
  list(from?: { prefix?: string; after?: string }): AsyncIterable<ListedBlob>;

  /** A path of this machine at which the blob can be read, for staging without a copy; never write to it. Throws `BlobMissing`. */
  localPath?(key: string): Promise<string>;

  /**
   * A URL from which anyone can read the blob for `seconds` (a week at most), offered for saving as `filename`.
   * It can be made for a key that holds nothing.
   */
  signReadUrl?(key: string, seconds: number, as?: { filename?: string }): Promise<URL>;

  /**
   * Starts a blob that will arrive in numbered parts. `partSize` (bytes) is what most parts are expected to have;
   * no part needs to. What is returned is plain data: store it, any process can go on from it.
   */
  openUpload(key: string, options: { partSize: number }): Promise<BlobUpload>;

  /**
   * Stores one part (`number` 1 to 10,000) to the end of `bytes`. Parts come in any order, at once and repeatedly, with
   * any size including 0. The last whole body wins: a body that fails, or that has not `length` bytes, changes nothing.
   * Tell `length` when it is known (Content-Length): it spares the disk store a copy. Throws `UploadMissing`.
   */
  writePart(upload: BlobUpload, number: number, bytes: Readable, options?: { length?: number }): Promise<StoredPart>;

  /** A URL to which anyone can PUT the part for `seconds`, with no header; its answer's ETag is the part's. */
  signPartUrl?(upload: BlobUpload, number: number, seconds: number): Promise<URL>;

  /** The parts stored, ascending by number. Throws `UploadMissing`. */
  listParts(upload: BlobUpload): Promise<StoredPart[]>;

  /**
   * Makes the parts named, 1 to n without a gap, the blob `upload.key`; no part makes an empty blob. Parts stored but
   * not named are dropped. Completing again returns the same blob.
   * Throws `PartsRefused` (the upload stays open) and `UploadMissing`.
   */
  completeUpload(upload: BlobUpload, parts: readonly NamedPart[]): Promise<StoredBlob>;

  /** Frees the parts of an upload that was not completed. One that is not there is not an error. */
  removeUpload(upload: UploadRef): Promise<void>;

  /** Every upload that is neither completed nor removed, in no order: the sweep removes those that nobody knows. */
  listUploads(): AsyncIterable<UploadRef & { openedAt: Date }>;
}

/** In bytes. */
export interface ByteRange {
  offset: number;
  length: number;
}

/** `size` in bytes. */
export interface BlobStat {
  size: number;
  modifiedAt: Date;
}

export interface ListedBlob extends BlobStat {
  key: string;
}

/** `size` in bytes; `sha256` is 64 lower-case hex digits, or null where it would cost a second reading: see `hashBlob`. */
export interface StoredBlob {
  size: number;
  sha256: string | null;
}

/** Stored bytes with the key under which they are. */
export interface StoredBytes extends StoredBlob {
  key: string;
}

export interface HashedBlob extends StoredBlob {
  sha256: string;
}

export interface UploadRef {
  key: string;
  id: string;
}

/** `partSize` in bytes. */
export interface BlobUpload extends UploadRef {
  partSize: number;
}

/** `etag` is opaque, without quotes, and changes with the content. */
export interface NamedPart {
  number: number;
  etag: string;
}

/** `size` in bytes. */
export interface StoredPart extends NamedPart {
  size: number;
}
