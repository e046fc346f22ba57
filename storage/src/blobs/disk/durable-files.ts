import { mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Of directories and files of the store: no other account of the machine has any business there. */
export const PRIVATE_DIRECTORY = 0o700;
export const PRIVATE_FILE = 0o600;
/** Of a blob: its owner alone reads it, and nobody writes. */
export const BLOB_FILE = 0o400;

/** Makes what was done to names in this directory survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Makes a directory and those above it, durably, for its owner alone. One that is there already is not an error. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: PRIVATE_DIRECTORY });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made));
}

/** Gives a synced file its final name. A file already there is replaced in one step. */
export async function publish(from: string, to: string): Promise<void> {
  await makeDirectory(dirname(to));
  await rename(from, to);
  await syncDirectory(dirname(to));
}
