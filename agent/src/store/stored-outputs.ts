import { realpath } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  type DirectoryValue,
  type Entry,
  type FileValue,
  mapEntriesInTurn,
  type Outputs,
  readListing,
  type Value,
  visitEntries,
} from "@causeway/cwl";
import type { StoredBytes } from "@causeway/storage";
import { BLOB, type StoredOutputs } from "../order.ts";
import type { JobPlatform } from "../platform.ts";

/** Files of a job that are stored at once. */
const AT_ONCE = 8;

/**
 * Stores the bytes of what a job made, without copying where that is possible; those that are stored already are not
 * stored again. Repeating it after a crash is fine, and leaves blobs that nobody names for the sweep.
 */
export async function storeJobOutputs(
  outputs: Outputs,
  store: JobPlatform["store"],
  signal: AbortSignal,
): Promise<StoredOutputs> {
  const bytes = new Map<string, StoredBytes>();
  /** A file that has two names is stored once. */
  const underWay = new Map<string, Promise<StoredBytes>>();

  /** Storing a file waits for the disk several times, so that many are stored at once; the rest is quick. */
  async function storeAll(entries: readonly Entry[]): Promise<void> {
    const files = entries.flatMap((entry) => (entry.class === "File" && entry.location !== undefined ? [entry.location] : []));
    const left = files.values();
    const storeOn = async () => {
      for (const location of left) await bytesAt(location);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, storeOn));
  }

  async function stored(entry: Entry): Promise<Entry> {
    return entry.class === "File" ? storedFile(entry) : storedDirectory(entry);
  }

  async function inTurn(entries: readonly Entry[]): Promise<Entry[]> {
    const result: Entry[] = [];
    await storeAll(entries);
    for (const entry of entries) result.push(await stored(entry));
    return result;
  }

  async function storedFile({ path: _, dirname: __, ...file }: FileValue): Promise<FileValue> {
    const companions = file.secondaryFiles && { secondaryFiles: await inTurn(file.secondaryFiles) };
    if (file.location === undefined) return { ...file, ...companions };
    return { ...file, location: BLOB + (await bytesAt(file.location)).key, ...companions };
  }

  async function storedDirectory({ path: _, location, ...directory }: DirectoryValue): Promise<DirectoryValue> {
    const listing =
      location === undefined
        ? (directory.listing ?? [])
        : readListing(pathOf(location), "deep_listing", directory.basename ?? location);
    return { ...directory, listing: await inTurn(listing) };
  }

  async function bytesAt(location: string): Promise<StoredBytes> {
    const path = await realpath(pathOf(location));
    const storing = underWay.get(path) ?? store(path, signal);
    underWay.set(path, storing);
    const found = await storing;
    bytes.set(path, found);
    return found;
  }

  const entries: Entry[] = [];
  visitEntries(outputs as Value, (entry) => entries.push(entry));
  await storeAll(entries);
  const atBlobs = (await mapEntriesInTurn(outputs as Value, stored)) as Outputs;
  return { outputs: atBlobs, bytes: Object.fromEntries(bytes) };
}

const pathOf = (location: string): string => (location.startsWith("file://") ? fileURLToPath(location) : location);
