import { constants } from "node:fs";
import { access, chmod, type FileHandle, link, lstat, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { copyFile, digestFile, type ReadOptions } from "../../hashing/reading.ts";
import { asStorageError, BlobMissing, codeOf, StoreAway, UploadMissing } from "../blob-errors.ts";
import { BLOB_KEY, checkBlobKey, checkPartNumber } from "../blob-key.ts";
import type {
  BlobStat,
  BlobStore,
  BlobUpload,
  ByteRange,
  HashedBlob,
  ListedBlob,
  NamedPart,
  StoredBlob,
  StoredPart,
  UploadRef,
} from "../blob-store.ts";
import { DiskUploads } from "./disk-uploads.ts";
import { BLOB_FILE, makeDirectory, PRIVATE_DIRECTORY, PRIVATE_FILE, publish } from "./durable-files.ts";
import { writeGathered } from "./gathered-write.ts";
import { Incoming } from "./incoming.ts";

const READ_AT_ONCE = 1024 * 1024;

/**
 * Keeps blobs as files under one directory, which must be one file system:
 *
 *     blobs/3f/3f0c…     a blob, read-only; its directory is named after its key's first two characters
 *     uploads/<id>/      an upload in parts
 *     incoming/          what is being written or removed; swept at start
 *
 * All of it is for the owner alone, whatever the process's umask says.
 */
export class DiskBlobStore implements BlobStore {
  readonly #root: string;
  readonly #incoming: Incoming;
  readonly #uploads: DiskUploads;

  private constructor(root: string) {
    this.#root = root;
    this.#incoming = new Incoming(join(root, "incoming"));
    this.#uploads = new DiskUploads(join(root, "uploads"), this.#incoming);
  }

  /** Opens the store in `root`, making it when there is none, and frees what writers that were killed have left. */
  static async open(root: string): Promise<DiskBlobStore> {
    for (const name of ["blobs", "uploads", "incoming"]) await makeDirectory(join(root, name));
    // A store that was made when files were readable by everybody: below this directory nobody else gets any more.
    await chmod(root, PRIVATE_DIRECTORY);
    const store = new DiskBlobStore(root);
    await store.#incoming.sweep();
    return store;
  }

  async put(key: string, bytes: Readable): Promise<HashedBlob> {
    const path = this.#path(key);
    return this.#incoming.build(async (incoming) => {
      const stored = await writeBlob(incoming, (file) => writeGathered(file, bytes, 0));
      await publish(incoming, path);
      return stored;
    });
  }

  async adopt(key: string, source: string, options: { signal?: AbortSignal | undefined } = {}): Promise<HashedBlob> {
    const path = this.#path(key);
    return this.#incoming.build(async (incoming) => {
      const file = await open(source, constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        const before = await file.stat({ bigint: true });
        if (!before.isFile()) throw new TypeError(`not a regular file: ${source}`);
        // A file with other names could be written to through them: those bytes are not ours alone.
        const isLinked = before.nlink === 1n && (await hardLink(source, incoming));
        const stored = isLinked ? await hashInPlace(incoming, file, options) : await copy(file, incoming, options);
        const after = await file.stat({ bigint: true });
        if (after.mtimeNs !== before.mtimeNs || BigInt(stored.size) !== before.size) throw new Error(`${source} was written to`);
        await publish(incoming, path);
        return stored;
      } finally {
        await closeUnless(options.signal, file);
      }
    });
  }

  async open(key: string, range?: ByteRange): Promise<Readable> {
    const file = await this.#openBlob(key);
    if (!range) return file.createReadStream({ highWaterMark: READ_AT_ONCE });
    const { size } = await file.stat();
    const end = Math.min(range.offset + range.length, size);
    if (range.offset < end) return file.createReadStream({ start: range.offset, end: end - 1, highWaterMark: READ_AT_ONCE });
    await file.close();
    return Readable.from([]);
  }

  async stat(key: string): Promise<BlobStat> {
    try {
      // The change time is when the blob was published; a file that was adopted may have been written long before.
      const { size, ctime } = await stat(this.#path(key));
      return { size, modifiedAt: ctime };
    } catch (error) {
      throw await this.#missing(key, error);
    }
  }

  async remove(key: string): Promise<void> {
    await rm(this.#path(key), { force: true });
  }

  async *list({ prefix = "", after = "" } = {}): AsyncIterable<ListedBlob> {
    const groups = await readdir(join(this.#root, "blobs"));
    for (const group of groups.sort()) {
      if (group < after.slice(0, 2) || !group.startsWith(prefix.slice(0, 2))) continue;
      const keys = await readdir(join(this.#root, "blobs", group));
      for (const key of keys.filter((key) => BLOB_KEY.test(key) && key.startsWith(prefix) && key > after).sort()) {
        try {
          yield { key, ...(await this.stat(key)) };
        } catch (error) {
          if (!(error instanceof BlobMissing)) throw error; // Removed since the directory was read.
        }
      }
    }
  }

  async localPath(key: string): Promise<string> {
    await this.stat(key);
    return this.#path(key);
  }

  async openUpload(key: string, { partSize }: { partSize: number }): Promise<BlobUpload> {
    checkBlobKey(key);
    return saying(this.#uploads.open(key, partSize));
  }

  async writePart(
    upload: BlobUpload,
    number: number,
    bytes: Readable,
    { length }: { length?: number } = {},
  ): Promise<StoredPart> {
    checkPartNumber(number);
    return saying(this.#uploads.write(upload, number, bytes, length));
  }

  async listParts(upload: BlobUpload): Promise<StoredPart[]> {
    return this.#uploads.parts(upload);
  }

  async completeUpload(upload: BlobUpload, parts: readonly NamedPart[]): Promise<StoredBlob> {
    const path = this.#path(upload.key);
    const finish = async (assembled: string) => {
      try {
        await chmod(assembled, BLOB_FILE);
        await publish(assembled, path);
      } catch (error) {
        throw codeOf(error) === "ENOENT" ? new UploadMissing(upload.id, { cause: error }) : error;
      }
    };
    try {
      return await saying(this.#uploads.complete(upload, parts, finish));
    } catch (error) {
      if (!(error instanceof UploadMissing)) throw error;
      return this.#completedBefore(upload, error);
    }
  }

  async removeUpload(upload: UploadRef): Promise<void> {
    await this.#uploads.remove(upload);
  }

  listUploads(): AsyncIterable<UploadRef & { openedAt: Date }> {
    return this.#uploads.list();
  }

  /** A crash may come between the blob's publishing and the upload's removal: what was left goes now. */
  async #completedBefore(upload: BlobUpload, error: UploadMissing): Promise<StoredBlob> {
    try {
      const { size } = await this.stat(upload.key);
      await this.removeUpload(upload);
      return { size, sha256: null };
    } catch (statError) {
      throw statError instanceof BlobMissing ? error : statError;
    }
  }

  async #openBlob(key: string): Promise<FileHandle> {
    try {
      return await open(this.#path(key), "r");
    } catch (error) {
      throw await this.#missing(key, error);
    }
  }

  /** A blob that is not there is missing only where the others are. */
  async #missing(key: string, error: unknown): Promise<unknown> {
    if (codeOf(error) !== "ENOENT") return error;
    const blobs = join(this.#root, "blobs");
    const isThere = await access(blobs).then(
      () => true,
      () => false,
    );
    return isThere ? new BlobMissing(key, { cause: error }) : new StoreAway(blobs, { cause: error });
  }

  #path(key: string): string {
    checkBlobKey(key);
    return join(this.#root, "blobs", key.slice(0, 2), key);
  }
}

/** Makes the file that was linked read-only and durable, and hashes it. `path` could have been swapped for another: `file` was checked. */
async function hashInPlace(path: string, file: FileHandle, { signal }: ReadOptions): Promise<HashedBlob> {
  const [linked, checked] = [await lstat(path, { bigint: true }), await file.stat({ bigint: true })];
  if (linked.ino !== checked.ino) throw new Error("the file was replaced while it was adopted");
  // Programs that a job made stay programs under the name they have: a later step may run them.
  await file.chmod(BLOB_FILE | (Number(checked.mode) & 0o100));
  const { size, digest } = await digestFile(file, { signal });
  await syncUnless(signal, file);
  return { size, sha256: digest };
}

function copy(from: FileHandle, path: string, { signal }: ReadOptions): Promise<HashedBlob> {
  const write = async (file: FileHandle) => {
    const { size, digest } = await copyFile(from, file, { signal });
    return { size, sha256: digest };
  };
  return writeBlob(path, write, signal);
}

async function writeBlob(
  path: string,
  write: (file: FileHandle) => Promise<HashedBlob>,
  signal?: AbortSignal,
): Promise<HashedBlob> {
  const file = await open(path, "wx", PRIVATE_FILE);
  try {
    const stored = await write(file);
    await file.chmod(BLOB_FILE);
    await syncUnless(signal, file);
    return stored;
  } finally {
    await closeUnless(signal, file);
  }
}

/** Waits until the disk has the file, which may be minutes for one of gigabytes on a slow disk, or until the signal aborts. */
async function syncUnless(signal: AbortSignal | undefined, file: FileHandle): Promise<void> {
  if (!signal) return file.sync();
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const synced = file.sync();
  synced.catch(() => {}); // When nobody waits for it any more, nobody needs it.
  await Promise.race([synced, aborted.promise]).finally(() => signal.removeEventListener("abort", onAbort));
}

/** Closes the file; after an abort without waiting for what the disk is still at. */
async function closeUnless(signal: AbortSignal | undefined, file: FileHandle): Promise<void> {
  const closed = file.close();
  if (signal?.aborted) closed.catch(() => {});
  else await closed;
}

/** Whether a second name could be given: not across file systems, and not everywhere permitted. */
async function hardLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (["EXDEV", "EPERM", "EMLINK", "ENOTSUP"].includes(codeOf(error) ?? "")) return false;
    throw error;
  }
}

async function saying<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw asStorageError(error);
  }
}
