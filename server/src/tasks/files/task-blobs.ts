import { open, realpath } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { BLOB } from "@causeway/agent";
import { mapAllEntries, type Value, visitAllEntries } from "@causeway/cwl";
import { BlobMissing, digestFile, type StoredBytes } from "@causeway/storage";
import { parseObjectKey } from "../../aliases/object-key.ts";
import type { TaskFiles } from "./task-files.ts";

/** Blobs that are read at once for one task. */
const AT_ONCE = 16;

/**
 * Where on this machine the bytes are that one task works with, and what is stored of them already: its inputs, results
 * that it took over, and what its own jobs made. Paths are found as they were noted and with links resolved.
 */
export class TaskBlobs {
  readonly #files: TaskFiles;
  readonly #signal: AbortSignal;
  readonly #stored = new Map<string, StoredBytes>();
  readonly #paths = new Map<string, string>();
  /** Bytes of copies of objects on volumes, by their paths. */
  readonly #objects = new Map<string, number>();
  readonly #contents = new Map<string, Promise<string>>();

  /** @param signal ends what reads large files, with its reason, soon after its abort */
  constructor(files: TaskFiles, signal: AbortSignal) {
    this.#signal = signal;
    this.#files = files;
  }

  /**
   * Brings blobs, and objects of volumes, to this machine and reads them. Answers the keys of the objects that have changed
   * since they were last looked at. Throws `BlobMissing` when one of them is gone, or damaged.
   */
  async fetchBlobs(keys: readonly string[]): Promise<string[]> {
    const missing = [...new Set(keys)].filter((key) => !this.#paths.has(key));
    const changed: string[] = [];
    const found = new Map((await this.#files.stored(missing)).map((bytes) => [bytes.key, bytes]));
    const bringOne = async (key: string) => {
      if (parseObjectKey(key)) {
        const { path, size, hasChanged } = await this.#files.objectOf(key, this.#signal);
        if (hasChanged) changed.push(key);
        this.#objects.set(await realpath(path), size).set(path, size);
        this.#paths.set(key, path);
        return;
      }
      const bytes = found.get(key);
      if (!bytes) throw new BlobMissing(key);
      const path = await this.#files.checkedPathOf(bytes, this.#signal);
      await this.note(path, bytes);
      this.#paths.set(key, path);
    };
    // Each is an open file meanwhile.
    const waiting = missing.values();
    const bringOn = async () => {
      for (const key of waiting) await bringOne(key);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, bringOn));
    return changed;
  }

  /** Where on this machine the bytes of that key are, if they were brought here. */
  pathOf(key: string): string | undefined {
    return this.#paths.get(key);
  }

  /** Whether the file at a path was brought here for the task, or is stored. */
  has(path: string): boolean {
    return this.#stored.has(path) || this.#objects.has(path);
  }

  /** Says that the file at `path` is stored, and stays so until the task has ended. */
  async note(path: string, bytes: StoredBytes): Promise<void> {
    this.#stored.set(path, bytes);
    this.#stored.set(await realpath(path), bytes);
  }

  /** What is stored of the file at a path, if anything is. */
  at(path: string): StoredBytes | undefined {
    return this.#stored.get(path);
  }

  /** The SHA-256 of the file at a path, which does not change any more. */
  contentOf(path: string): Promise<string> {
    const bytes = this.at(path);
    const identity = bytes?.key ?? path;
    let content = this.#contents.get(identity);
    if (!content) {
      content = bytes ? this.#files.contentOf(bytes, this.#signal) : contentOfFile(path, this.#signal);
      content.catch(() => this.#contents.delete(identity));
      this.#contents.set(identity, content);
    }
    return content;
  }

  /** The value with the Files at `blob:<key>` where they are on this machine; their blobs have been brought. */
  local<V extends Value>(value: V): V {
    return mapAllEntries(value, (entry) => {
      const path = this.#paths.get(blobOf(entry) ?? "");
      if (path === undefined) return entry;
      const size = this.#objects.get(path);
      return { ...entry, location: pathToFileURL(path).href, ...(size === undefined ? {} : { size }) };
    }) as V;
  }
}

/** The keys of all blobs in a value whose Files are at `blob:<key>`. */
export function blobsIn(value: Value): string[] {
  const keys: string[] = [];
  visitAllEntries(value, (entry) => {
    const key = blobOf(entry);
    if (key !== undefined) keys.push(key);
  });
  return keys;
}

/** The key of the blob at which a File is; who wrote a value may have given it any location. */
export const blobOf = ({ location }: { location?: unknown }): string | undefined =>
  typeof location === "string" && location.startsWith(BLOB) ? location.slice(BLOB.length) : undefined;

async function contentOfFile(path: string, signal: AbortSignal): Promise<string> {
  const file = await open(path, "r");
  try {
    return (await digestFile(file, { signal })).digest;
  } finally {
    await file.close();
  }
}
