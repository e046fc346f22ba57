import pRetry from "p-retry";
import { BlobMissing, PartCut, PartsRefused, StorageFull, UploadMissing } from "./blob-errors.ts";
import type { BlobStore } from "./blob-store.ts";

/** Answers, not failures: asking again gives the same. */
const ANSWERS = [BlobMissing, UploadMissing, PartsRefused, PartCut, StorageFull, TypeError, RangeError];

/** `attempts` in all; `pause` in milliseconds before the second, doubled before each one after it. */
export interface Patience {
  attempts: number;
  pause: number;
}

/**
 * The same store, asked again after a passing failure. What takes a stream is not repeated, its bytes are spent: the
 * client sends them again. An upload opened twice leaves one that nobody knows, for the sweep.
 */
export function withRetries(store: BlobStore, patience: Patience = { attempts: 4, pause: 100 }): BlobStore {
  const again = <Answer>(ask: () => Promise<Answer>, signal?: AbortSignal) => retrying(ask, patience, signal);
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

function retrying<Answer>(
  ask: () => Promise<Answer>,
  { attempts, pause }: Patience,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  return pRetry(ask, {
    retries: attempts - 1,
    minTimeout: pause,
    ...(signal && { signal }),
    shouldRetry: ({ error }) => !ANSWERS.some((kind) => error instanceof kind),
  });
}
