import { type Patience, retrying } from "../retrying.ts";
import { BlobMissing, PartCut, PartsRefused, StorageFull, UploadMissing } from "./blob-errors.ts";
import type { BlobStore } from "./blob-store.ts";

/** Answers, not failures: asking again gives the same. */
const ANSWERS = [BlobMissing, UploadMissing, PartsRefused, PartCut, StorageFull, TypeError, RangeError];

const passes = (error: unknown): boolean => !ANSWERS.some((kind) => error instanceof kind);

/**
 * The same store, asked again after a passing failure. What takes a stream is not repeated, its bytes are spent: the
 * client sends them again. An upload opened twice leaves one that nobody knows, for the sweep.
 */
export function withRetries(store: BlobStore, patience: Patience = { attempts: 4, pause: 100 }): BlobStore {
  const again = <Answer>(ask: () => Promise<Answer>, signal?: AbortSignal) => retrying(ask, patience, { passes, signal });
  return {
    put: (key, bytes) => store.put(key, bytes),
    adopt: (key, path, options) => again(() => store.adopt(key, path, options), options?.signal),
    open: (key, range) => again(() => store.open(key, range)),
    stat: (key) => again(() => store.stat(key)),
    remove: (key) => again(() => store.remove(key)),
    list: (from) => store.list(from),
    localPath: store.localPath && ((key) => again(() => store.localPath!(key))),
    signReadUrl: store.signReadUrl?.bind(store),
    openUpload: (key, options) => again(() => store.openUpload(key, options)),
    writePart: (upload, number, bytes, options) => store.writePart(upload, number, bytes, options),
    signPartUrl: store.signPartUrl?.bind(store),
    listParts: (upload) => again(() => store.listParts(upload)),
    completeUpload: (upload, parts) => again(() => store.completeUpload(upload, parts)),
    removeUpload: (upload) => again(() => store.removeUpload(upload)),
    listUploads: () => store.listUploads(),
  };
}
