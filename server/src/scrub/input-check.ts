import { open, stat } from "node:fs/promises";
import { SharedWork } from "@causeway/executors";
import { type BlobStore, digestFile, type StoredBytes } from "@causeway/storage";
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
  const underWay = new SharedWork<string>();

  async function fetchBlob(bytes: StoredBytes & { sha256: string }, abandoned: AbortSignal): Promise<string> {
    try {
      const path = await copies.pathOf(bytes.key, abandoned);
      if (await isRight(path, bytes, abandoned)) return path;
      if (store.localPath) throw new DamagedBytes(bytes.key, "changed");
      await copies.forget(bytes.key);
      if (await isRight(await copies.pathOf(bytes.key, abandoned), bytes, abandoned)) return path;
      await copies.forget(bytes.key);
      throw new DamagedBytes(bytes.key, "changed");
    } catch (error) {
      const found = damageOf(error);
      if (found === undefined) throw error;
      await damage.mark(bytes.key, found, "task");
      throw new DamagedBytes(bytes.key, found, { cause: error });
    }
  }

  async function isRight(
    path: string,
    { size, sha256 }: { size: number; sha256: string },
    signal: AbortSignal,
  ): Promise<boolean> {
    const looks = await lookOf(path);
    if (right.get(path) === looks) return true;
    const file = await open(path, "r");
    try {
      const found = await digestFile(file, { signal });
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
     * that aborts: what others wait for as well goes on, what nobody waits for any more ends. @throws DamagedBytes
     */
    pathOf: (bytes: StoredBytes & { sha256: string }, signal?: AbortSignal): Promise<string> =>
      underWay.join(bytes.key, (abandoned) => fetchBlob(bytes, abandoned), signal),
  };
}

async function lookOf(path: string): Promise<string> {
  const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [ino, size, mtimeNs, ctimeNs].join(" ");
}
