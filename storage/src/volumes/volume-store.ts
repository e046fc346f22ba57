import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";

/**
 * The objects of a user's own bucket, container or directory, under one prefix. Implementations: S3 and what speaks it
 * (OSS too), GCS, Azure Blob, `local` (volumes.md §1.3, §6).
 *
 * - A *location* is an object's key without the volume's prefix. Leading slashes do not count. `BadLocation` is thrown for
 *   an empty one, one of more than 1,024 bytes of UTF-8, one with a control character, and one with a segment `.` or `..`:
 *   no client library, proxy or file system may ever read a location as another. Objects that have such a key are left
 *   out of lists, and counted in `skipped`.
 * - Safe for concurrent use, also by several processes. No state of its own: a store may be made anew for every call.
 * - Nothing but `VolumeError` is thrown, except the reason of an aborted `signal`, and what a body throws. Its faults have
 *   the same meaning for every service. Streams fail with it, too, and never end early as if they were whole.
 * - Every call ends: each has a deadline, and answers that are not object bytes a size (`net/service-http.ts`). Connections
 *   go only where the operator's endpoint list allows it (`net/endpoint-list.ts`), and redirects are not followed.
 * - A location holds nothing or a whole object: no reader sees a half-written one, whatever fails while it is written.
 *   What was written when a promise resolves is as durable as the service makes it (on `local` it survives a power cut).
 * - Nothing is asked twice by itself: see `withVolumeRetries`.
 */
export interface VolumeStore {
  readonly service: VolumeService;

  /**
   * One page of the objects whose location begins with `prefix`, in order of their keys (by bytes of UTF-8). With a
   * `delimiter`, those that have it after the prefix are rolled up into `prefixes`, which end in it. Both share `limit`
   * (1 to 1,000), and everything on a page sorts before everything on the next. A page may have fewer entries, even
   * none, and still a `next`: the list ends where there is no `next`. A prefix that holds nothing is an empty list.
   * Objects that come or go meanwhile may be on it or not, all others are on it once. Throws `BadToken`, where
   * the service looks at it.
   */
  list(from: ListFrom, options?: CallOptions): Promise<ObjectPage>;

  /** Throws `NoSuchObject`. */
  stat(location: string, options?: CallOptions): Promise<VolumeObject>;

  /**
   * Opens `length` bytes from `offset`; without a range, all. A range is clamped to the object: one that begins at or
   * after its end is empty. With `ifMatch`, an ETag, throws `ObjectChanged` when the object has another one; without,
   * `facts.etag` says which object the bytes are of. Throws `NoSuchObject`, `Archived`.
   */
  open(location: string, options?: OpenOptions): Promise<OpenedObject>;

  /**
   * A URL from which anyone can read the object for `seconds` (a week at most), with ranges, any number of times and
   * without a header, offered for saving as `filename`. It can be made for a location that holds nothing. Absent where
   * the service has no such URLs, or the endpoint is for the platform alone.
   */
  signRead?(location: string, seconds: number, as?: { filename?: string }, options?: CallOptions): Promise<URL>;

  /**
   * Stores an object (of `PUT_LIMIT` bytes at most: larger ones are uploads, and those of many MiB are faster so, because
   * their parts go at once). One already there is replaced in one step. With `ifAbsent`, throws `ObjectExists` and changes nothing when there is one; of several writers at one
   * moment, one wins. Where a service cannot do that (its answer is 501), it is asked before whether there is one.
   */
  put(location: string, body: ObjectBody, options?: WriteOptions & { ifAbsent?: boolean } & CallOptions): Promise<WrittenObject>;

  /** Removes the object, or `version` of it. A location that holds nothing is not an error. */
  remove(location: string, options?: { version?: string | undefined } & CallOptions): Promise<void>;

  /**
   * Starts an object of `size` bytes (1 to 5 TiB) that will arrive in parts; `ifAbsent` as for `put`, and it is whoever
   * completes that hears `ObjectExists`, or whoever opens or sends the last part already. What is returned is plain data:
   * store it (it is as secret as the credentials), any process can go on from it.
   */
  openUpload(
    location: string,
    size: number,
    options?: WriteOptions & { ifAbsent?: boolean } & CallOptions,
  ): Promise<VolumeUpload>;

  /**
   * Stores part `number`, 1 to n, each of `upload.partSize` bytes but the last. Parts may be sent repeatedly, the last
   * whole body wins; unless `upload.inOrder`, in any order and several at once. Throws `NoSuchUpload`, `BodyCut`.
   */
  writePart(upload: VolumeUpload, number: number, body: ObjectBody, options?: CallOptions): Promise<UploadedPart>;

  /**
   * The parts that the service holds, ascending by number, whoever sent them: a resumed upload need not send them again.
   * Unless `upload.inOrder`, one that nobody has seen an answer to may have been cut, and has to be sent again: versitygw
   * fills it up with zeros. Throws `NoSuchUpload`.
   */
  listParts(upload: VolumeUpload, options?: CallOptions): Promise<UploadedPart[]>;

  /**
   * Makes all parts of the upload the object, in one step; before it, there is none (with `upload.inOrder`, before the last
   * part). Completing again returns the same object or throws `NoSuchUpload`: compare `stat` then. Throws `PartsRefused` and
   * `ObjectExists` (on S3 and `local` the upload stays open).
   */
  completeUpload(upload: VolumeUpload, parts: readonly UploadedPart[], options?: CallOptions): Promise<WrittenObject>;

  /** Frees what an upload that was not completed has stored; on Azure that happens by itself, after a week. One that is not there is not an error. */
  removeUpload(upload: VolumeUpload, options?: CallOptions): Promise<void>;

  /**
   * The ids of uploads to this location that are neither completed nor removed: those that a killed process opened and
   * nobody knows. Absent where the service removes them by itself (GCS and Azure, after a week).
   */
  listUploads?(location: string, options?: CallOptions): Promise<VolumeUpload["id"][]>;

  /** Reads the object's access list and forgets it: only whether it may. Absent where there are none. Throws `NotSupported`. */
  readAcl?(location: string, options?: CallOptions): Promise<void>;

  /** As `put`, of the regular file at `path`, sharing its bytes where the file system can. `local` alone. */
  putFile?(location: string, path: string, options?: { ifAbsent?: boolean } & CallOptions): Promise<WrittenObject>;

  /** The object's file, open for reading, for staging without a copy: no path, because names may change. The caller closes it. */
  openFile?(location: string): Promise<FileHandle>;

  /** Frees connections. Calls under way may fail. */
  close(): void;
}

export type VolumeService = "s3" | "oss" | "gcs" | "azure" | "local";

/** Bytes of the largest object that `put` takes. */
export const PUT_LIMIT = 5 * 1024 ** 3;

export interface CallOptions {
  /** Rejects with its reason within moments of its abort. */
  signal?: AbortSignal | undefined;
}

export interface ListFrom {
  prefix?: string;
  /** `/`, or none for everything beneath the prefix. */
  delimiter?: "/" | undefined;
  /** Objects and prefixes on a page: 1 to 1,000, which is the default. */
  limit?: number;
  /** `next` of the page before, which was asked for with the same prefix and delimiter. */
  token?: string | undefined;
}

export interface ObjectPage {
  objects: ListedObject[];
  /** Ending in the delimiter. */
  prefixes: string[];
  /** Opaque, text without a limit to its length or characters. */
  next?: string;
  /** Objects and prefixes of this page that are left out because they can be no location. */
  skipped: number;
}

/** An object as a list shows it. `size` in bytes; `etag` is opaque, without quotes, and changes with the content. */
export interface ListedObject {
  location: string;
  size: number;
  modifiedAt: Date;
  etag: string;
  /** The service's own word, such as `STANDARD`, `GLACIER`, `Hot`. */
  storageClass?: string;
  /** True when the bytes must be restored before they can be read, as far as this answer tells. */
  archived: boolean;
  /** 32 lower-case hex digits, when it is known to be of all bytes. */
  md5?: string;
  /** What the service reports, as the API shows it (volumes.md §1.5). */
  metadata: Record<string, unknown>;
}

export interface VolumeObject extends ListedObject {
  contentType?: string;
  /** Of this content, where the bucket keeps versions. */
  version?: string;
  /** What the writer has set, names in lower case. `local` keeps none. */
  userMetadata: Record<string, string>;
}

export interface OpenOptions extends CallOptions {
  range?: { offset: number; length: number };
  ifMatch?: string;
}

export interface OpenedObject {
  /** `size` is of the whole object. */
  facts: { size: number; etag: string };
  bytes: Readable;
}

/** Bytes to be written: exactly `size`, or the write fails with `BodyCut` and changes nothing. */
export interface ObjectBody {
  size: number;
  /** Begins at the first byte every time it is called: a write may have to be tried another way. */
  open(): Readable | Promise<Readable>;
}

/** What is written with an object. What a service does not know, it leaves out: only S3 knows the last three. */
export interface WriteOptions {
  contentType?: string;
  /** Names of lower-case letters, digits and `_`, values of ASCII. */
  userMetadata?: Record<string, string>;
  /** A store that cannot do `AES256` (its answer is 501) is asked again without. */
  encryption?: { algorithm: "AES256" | "aws:kms"; kmsKeyId?: string };
  cannedAcl?: string;
  storageClass?: string;
}

export interface WrittenObject {
  size: number;
  etag: string;
  version?: string;
  /** True when the service's own checksum of what it stored is that of the bytes sent; if not, it gave none that says. */
  verified: boolean;
}

export interface VolumeUpload {
  location: string;
  id: string;
  /** Bytes of the object. */
  size: number;
  /** Bytes of every part but the last, at least 5 MiB; 10,000 parts at most. */
  partSize: number;
  /** True where a part can be sent only after the one before. */
  inOrder: boolean;
  ifAbsent: boolean;
}

export interface UploadedPart {
  number: number;
  size: number;
  etag: string;
  /** As in `WrittenObject`; false for parts that `listParts` found. */
  verified: boolean;
}
