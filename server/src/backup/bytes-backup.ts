import { link, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { BlobMissing, type BlobStore, hashBlob } from "@causeway/storage";
import { type ListedBytes, lineOf, readBlobList } from "./blob-list.ts";
import { hashFile, writeHashed } from "./database-dump.ts";

export interface BytesOptions {
  readonly store: BlobStore;
  /** Of the backup. */
  readonly directory: string;
  /** Of an earlier backup, whose bytes are used again. */
  readonly previous?: string;
  /** Whether bytes that have no path of this machine are fetched. */
  readonly fetches: boolean;
  readonly report: (blobs: number, bytes: number) => void;
}

/** What was done with the blobs of a list. */
export interface BackedUpBytes {
  readonly blobs: number;
  readonly size: number;
  readonly damaged: number;
  readonly included: boolean;
  readonly sha256: string;
}

/** Blobs that are at work at once. */
const AT_ONCE = 8;

/**
 * Brings the blobs named in the file `wanted` into the backup: by a second name for the same bytes where the file system
 * is the same, else by a copy whose SHA-256 is checked. Writes the list of what is in the backup to the file `list`. A
 * blob that is missing or damaged is named there, and does not keep the others from being saved.
 */
export async function backUpBytes(wanted: string, list: string, options: BytesOptions): Promise<BackedUpBytes> {
  const { store, directory, report } = options;
  const included = store.localPath !== undefined || options.fetches;
  const totals = { blobs: 0, size: 0, damaged: 0 };
  const made = new Set<string>();
  async function* lines() {
    const known = new Set<string>();
    if (included) await mkdir(join(directory, "blobs"), { recursive: true, mode: 0o700 });
    for await (const group of inGroups(readBlobList(wanted), AT_ONCE)) {
      const saved = await Promise.all(group.map((blob) => (included ? save(blob, options, made) : look(blob, store))));
      for (const blob of saved) {
        known.add(blob.key);
        totals.blobs++;
        totals.size += blob.size;
        if (blob.damage !== undefined) totals.damaged++;
        yield `${lineOf(blob)}\n`;
      }
      report(totals.blobs, totals.size);
    }
    // Of an attempt that was broken off, and gone from the platform since.
    if (included) await removeOthers(join(directory, "blobs"), known);
  }
  const sha256 = await writeHashed(list, Readable.from(lines()));
  return { ...totals, included, sha256 };
}

async function* inGroups<T>(items: AsyncIterable<T>, size: number): AsyncIterable<T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** Where a blob is in a backup. */
export const pathInBackup = (directory: string, key: string): string => join(directory, "blobs", key.slice(0, 2), key);

/** Of bytes that stay where they are: whether they are there. */
async function look(blob: ListedBytes, store: BlobStore): Promise<ListedBytes> {
  try {
    const { size } = await store.stat(blob.key);
    return size === blob.size ? blob : { ...blob, damage: `it has ${size} bytes` };
  } catch (error) {
    return { ...blob, damage: whyMissing(error) };
  }
}

async function save(blob: ListedBytes, options: BytesOptions, made: Set<string>): Promise<ListedBytes> {
  const path = pathInBackup(options.directory, blob.key);
  const group = blob.key.slice(0, 2);
  if (!made.has(group)) await mkdir(join(options.directory, "blobs", group), { recursive: true, mode: 0o700 });
  made.add(group);
  try {
    const known = await bringTo(path, blob, options);
    if (known.size !== blob.size) return damaged(path, blob, `it has ${known.size} bytes`);
    if (blob.sha256 !== null && known.sha256 !== undefined && known.sha256 !== blob.sha256)
      return damaged(path, blob, "its bytes are not those that were stored");
    if (blob.sha256 !== null) return blob;
    return { ...blob, sha256: known.sha256 ?? (await hashBlob(options.store, blob.key)).sha256 };
  } catch (error) {
    return { ...blob, damage: whyMissing(error) };
  }
}

async function damaged(path: string, blob: ListedBytes, damage: string): Promise<ListedBytes> {
  await rm(path, { force: true });
  return { ...blob, damage };
}

/** Brings the bytes of a blob to `path`. Answers what is there then; its SHA-256 where all of it was read. */
async function bringTo(
  path: string,
  { key, size }: ListedBytes,
  { store, previous }: BytesOptions,
): Promise<{ size: number; sha256?: string }> {
  // A copy that was broken off has another name: what has this one is whole.
  const there = await stat(path).catch(() => undefined);
  if (there?.size === size) return there.nlink > 1 ? { size } : { size, sha256: await hashFile(path) };
  await rm(path, { force: true });
  if (previous !== undefined && (await isLinked(pathInBackup(previous, key), path))) {
    if ((await stat(path)).size === size) return { size };
    await rm(path);
  }
  if (store.localPath && (await isLinked(await store.localPath(key), path))) return { size: (await stat(path)).size };
  const draft = `${path}.new`;
  let sha256: string;
  try {
    sha256 = await writeHashed(draft, await store.open(key));
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  return { size: (await stat(path)).size, sha256 };
}

/** Whether the bytes could get a second name: not across file systems, and not everywhere permitted. */
async function isLinked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (["EXDEV", "EPERM", "EMLINK", "ENOTSUP", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

/** In words, why there are no bytes of a blob. @throws the error when it says nothing about the blob */
function whyMissing(error: unknown): string {
  if (error instanceof BlobMissing) return "its bytes are missing";
  if ((error as NodeJS.ErrnoException).code === "EIO") return "its bytes cannot be read";
  throw error;
}

async function removeOthers(blobs: string, known: ReadonlySet<string>): Promise<void> {
  for (const group of await readdir(blobs))
    for (const key of await readdir(join(blobs, group))) if (!known.has(key)) await rm(join(blobs, group, key), { force: true });
}
