import { open, stat } from "node:fs/promises";
import { type BlobStore, digestFile } from "@causeway/storage";
import type { StoredBytes } from "../files/tables.ts";
import type { BlobCache } from "../tasks/files/blob-cache.ts";
import { DamagedBytes, type DamageRecord, damageOf } from "./damage.ts";

/** A file that was found right is taken for right this long, unless its times or size change. */
const TRUSTED_MS = 60 * 60 * 1000;
const REMEMBERED = 10_000;

export type InputCheck = ReturnType<typeof createInputCheck>;

/**
 * Brings blobs to this machine for tasks, and reads each whole to see that it is as it was stored: once for all tasks that
 * use it within an hour. A copy of this machine that is not is fetched again.
 */
export function createInputCheck(store: BlobStore, copies: BlobCache, damage: DamageRecord) {
  /** What a file looked like when it was found right, by its path. */
  const right = new Map<string, string>();
  const underWay = new Map<string, Promise<string>>();

  async function fetchBlob(bytes: StoredBytes & { sha256: string }): Promise<string> {
    try {
      const path = await copies.pathOf(bytes.key);
      if (await isRight(path, bytes)) return path;
      if (store.localPath) throw new DamagedBytes(bytes.key, "changed");
      await copies.forget(bytes.key);
      if (await isRight(await copies.pathOf(bytes.key), bytes)) return path;
      await copies.forget(bytes.key);
      throw new DamagedBytes(bytes.key, "changed");
    } catch (error) {
      const found = damageOf(error);
      if (found === undefined) throw error;
      await damage.mark(bytes.key, found, "task");
      throw new DamagedBytes(bytes.key, found, { cause: error });
    }
  }

  async function isRight(path: string, { size, sha256 }: { size: number; sha256: string }): Promise<boolean> {
    const looks = await lookOf(path);
    if (right.get(path) === looks) return true;
    const file = await open(path, "r");
    try {
      const found = await digestFile(file);
      if (found.size !== size || found.digest !== sha256) return false;
    } finally {
      await file.close();
    }
    right.set(path, looks);
    if (right.size > REMEMBERED) right.delete(right.keys().next().value!);
    setTimeout(() => right.delete(path), TRUSTED_MS).unref();
    return true;
  }

  return {
    /**
     * The path of a blob's bytes, which were read and are right; never write to it. Rejects with the signal's reason when
     * that aborts. @throws DamagedBytes
     */
    async pathOf(bytes: StoredBytes & { sha256: string }, signal?: AbortSignal): Promise<string> {
      signal?.throwIfAborted();
      let brought = underWay.get(bytes.key);
      if (!brought) {
        brought = fetchBlob(bytes).finally(() => underWay.delete(bytes.key));
        underWay.set(bytes.key, brought);
      }
      return until(brought, signal);
    },
  };
}

async function lookOf(path: string): Promise<string> {
  const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [ino, size, mtimeNs, ctimeNs].join(" ");
}

/** What others wait for as well goes on when one of them gives up. */
async function until<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  return Promise.race([work, stopped]).finally(() => signal.removeEventListener("abort", stop));
}
