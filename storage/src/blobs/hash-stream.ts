import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { digestFile } from "../hashing/reading.ts";
import { codeOf } from "./blob-errors.ts";
import type { BlobStore, HashedBlob } from "./blob-store.ts";

/** What a part's SHA-256 looks like as an ETag: 32 hex digits, the look that clients know from S3 (uploads.md §4). */
export function etagOf(sha256: string): string {
  return sha256.slice(0, 32);
}

/** Reads `bytes` to their end and returns their size and SHA-256. Hashing is done here, at about 1.7 GB/s a core. */
export async function hashStream(bytes: Readable): Promise<HashedBlob> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of bytes) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { size, sha256: hash.digest("hex") };
}

/**
 * Reads a stored blob again: for the SHA-256 that an upload in parts leaves open, and for the scrub. A store with paths is
 * read by threads of their own, off the thread that answers requests. Rejects with the signal's reason within moments of
 * its abort. Throws as `BlobStore.stat`.
 */
export async function hashBlob(
  store: BlobStore,
  key: string,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<HashedBlob> {
  if (!store.localPath) return hashStream(abortable(await store.open(key), signal));
  const file = await open(await store.localPath(key), "r").catch(async (error) => {
    if (codeOf(error) === "ENOENT") await store.stat(key); // says which: the blob, or the whole store
    throw error;
  });
  try {
    const { size, digest } = await digestFile(file, { signal });
    return { size, sha256: digest };
  } finally {
    await file.close();
  }
}

/** The same stream, which fails with the signal's reason when that aborts. */
export function abortable(bytes: Readable, signal: AbortSignal | undefined): Readable {
  if (!signal) return bytes;
  const stop = () => bytes.destroy(signal.reason as Error);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  bytes.once("close", () => signal.removeEventListener("abort", stop));
  return bytes;
}
