import type { BlobStore } from "@causeway/storage";
import { createFetchedCopies } from "./fetched-copies.ts";

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

/** For a store without paths (S3), blobs are fetched into `directory`, under their keys. */
export function createBlobCache(store: Pick<BlobStore, "open" | "localPath">, directory: string): BlobCache {
  const copies = createFetchedCopies(directory);
  return {
    async pathOf(key, signal) {
      return store.localPath ? store.localPath(key) : copies.pathOf(key, () => store.open(key), signal);
    },
    async forget(key) {
      if (!store.localPath) await copies.forget(key);
    },
    removeUnused: (before) => copies.removeUnused(before),
  };
}
