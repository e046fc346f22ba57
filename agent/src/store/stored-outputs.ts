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
} from "@causeway/cwl";
import type { StoredBytes } from "@causeway/storage";
import { BLOB, type StoredOutputs } from "../order.ts";
import type { JobPlatform } from "../platform.ts";

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

  async function stored(entry: Entry): Promise<Entry> {
    return entry.class === "File" ? storedFile(entry) : storedDirectory(entry);
  }

  async function inTurn(entries: readonly Entry[]): Promise<Entry[]> {
    const result: Entry[] = [];
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
    const found = bytes.get(path) ?? (await store(path, signal));
    bytes.set(path, found);
    return found;
  }

  const atBlobs = (await mapEntriesInTurn(outputs as Value, stored)) as Outputs;
  return { outputs: atBlobs, bytes: Object.fromEntries(bytes) };
}

const pathOf = (location: string): string => (location.startsWith("file://") ? fileURLToPath(location) : location);
