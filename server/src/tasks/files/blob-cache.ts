import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { SharedWork } from "@causeway/executors";
import type { BlobStore } from "@causeway/storage";

/** Paths of this machine at which blobs can be read: of the store itself, or of copies where it has none. */
export interface BlobCache {
  /**
   * The path of a blob's bytes; never write to it. Rejects with the signal's reason when that aborts; a fetch that nobody
   * waits for any more is ended. Throws `BlobMissing`.
   */
  pathOf(key: string, signal?: AbortSignal): Promise<string>;
  /** Removes the copy of a blob, where there is one: the next asking fetches it anew. */
  forget(key: string): Promise<void>;
  /** Removes copies that nobody has asked for since `before`. Answers how many. */
  removeUnused(before: Date): Promise<number>;
}

/**
 * For a store without paths (S3): a blob is fetched once, whole, into `directory`, under its key. Jobs stage their inputs
 * from there. A fetch that breaks leaves nothing under the key.
 */
export function createBlobCache(store: Pick<BlobStore, "open" | "localPath">, directory: string): BlobCache {
  const fetching = new SharedWork<string>();

  async function fetchBlob(key: string, signal: AbortSignal): Promise<string> {
    const path = join(directory, key);
    const now = new Date();
    const there = await stat(path).catch(() => undefined);
    if (there) {
      await utimes(path, now, there.mtime);
      return path;
    }
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // Of its own: a fetch that was ended may not have removed its draft yet.
    const draft = `${path}.${randomUUID()}.new`;
    try {
      await pipeline(await store.open(key), createWriteStream(draft, { flags: "w", mode: 0o400 }), { signal });
      await rename(draft, path);
    } finally {
      await rm(draft, { force: true });
    }
    return path;
  }

  return {
    async pathOf(key, signal) {
      if (store.localPath) return store.localPath(key);
      return fetching.join(key, (abandoned) => fetchBlob(key, abandoned), signal);
    },
    async forget(key) {
      if (!store.localPath) await rm(join(directory, key), { force: true });
    },
    async removeUnused(before) {
      let removed = 0;
      const names = await readdir(directory).catch(() => []);
      for (const name of names) {
        const path = join(directory, name);
        const { atime } = await stat(path);
        if (atime >= before) continue;
        await rm(path, { force: true });
        removed++;
      }
      return removed;
    },
  };
}
