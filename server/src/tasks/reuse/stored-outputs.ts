import { realpath } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type DirectoryValue, type FileValue, type Outputs, readListing, type Value } from "@causeway/cwl";
import type { StoredBytes } from "../../files/tables.ts";
import type { TaskBlobs } from "../files/task-blobs.ts";
import type { TaskFiles } from "../files/task-files.ts";
import { BLOB } from "../tables.ts";

/** Outputs of a job that lie nowhere: their Files are at `blob:<key>`, their Directories are listings of such Files. */
export interface StoredJobOutputs {
  outputs: Outputs;
  /** All their bytes by the path from which they were taken. */
  bytes: ReadonlyMap<string, StoredBytes>;
}

/**
 * Stores the bytes of what a job made, without copying where that is possible; those that are stored already are not
 * stored again. Repeating it after a crash is fine, and leaves blobs that nobody names for the sweep.
 */
export async function storeJobOutputs(
  outputs: Outputs,
  paths: TaskBlobs,
  files: TaskFiles,
  signal: AbortSignal,
): Promise<StoredJobOutputs> {
  const bytes = new Map<string, StoredBytes>();

  async function stored(value: Value): Promise<Value> {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return inTurn(value as Value[]);
    const { class: kind, location } = value as { class?: Value; location?: Value };
    if (kind === "File") return storedFile(value as FileValue);
    if (kind === "Directory" && typeof location === "string") return storedDirectory(value as DirectoryValue, location);
    const fields: { [key: string]: Value } = {};
    for (const [key, field] of Object.entries(value as { [key: string]: Value })) fields[key] = await stored(field);
    return fields;
  }

  async function inTurn(values: readonly Value[]): Promise<Value[]> {
    const result: Value[] = [];
    for (const value of values) result.push(await stored(value));
    return result;
  }

  async function storedFile({ path: _, dirname: __, ...file }: FileValue): Promise<Value> {
    const companions = file.secondaryFiles && { secondaryFiles: await inTurn(file.secondaryFiles as readonly Value[]) };
    if (file.location === undefined) return { ...file, ...companions } as Value;
    return { ...file, location: BLOB + (await bytesAt(file.location)).key, ...companions } as Value;
  }

  async function storedDirectory({ path: _, ...directory }: DirectoryValue, location: string): Promise<Value> {
    const { location: __, ...rest } = directory;
    const listing = readListing(pathOf(location), "deep_listing", directory.basename ?? location);
    return { ...rest, listing: await inTurn(listing as readonly Value[]) } as Value;
  }

  async function bytesAt(location: string): Promise<StoredBytes> {
    const path = await realpath(pathOf(location));
    const found = bytes.get(path) ?? paths.at(path) ?? (await files.adopt(path, signal));
    bytes.set(path, found);
    return found;
  }

  return { outputs: (await stored(outputs as unknown as Value)) as unknown as Outputs, bytes };
}

const pathOf = (location: string): string => (location.startsWith("file://") ? fileURLToPath(location) : location);
