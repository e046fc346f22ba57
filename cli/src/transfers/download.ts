import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Client } from "@causeway/contract/client";
import { CliError } from "../exit.ts";
import { getAll, getRange, type OnBytes, withRetries } from "./bytes.ts";
import { keptState } from "./kept-state.ts";

/** A file of the platform, as far as downloading it goes. */
export interface RemoteFile {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  /** A change makes an unfinished download worthless. */
  readonly modified_on: string;
}

/**
 * Downloads a file to `path`: into `<path>.part` first, which is renamed when all of it is there. What an earlier
 * attempt left is gone on with, as long as the platform's file is still the same.
 *
 * @throws CliError when `path` is taken and may not be overwritten, or when not all bytes came
 */
export async function download(
  client: Client,
  wanted: RemoteFile,
  path: string,
  { overwrite = false, onBytes = () => {} }: { overwrite?: boolean; onBytes?: OnBytes } = {},
): Promise<void> {
  if (!overwrite && (await sizeOf(path)) !== undefined) {
    throw new CliError(`${path} is there already.`, { advice: "With --overwrite it is replaced; -o names another directory." });
  }
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.part`;
  if (wanted.size <= ANEW) return downloadAnew(client, wanted, { part, path, onBytes });
  const state = keptState<{ modified_on: string }>("downloads", { id: wanted.id, path, size: wanted.size });
  if ((await state.read())?.modified_on !== wanted.modified_on) await rm(part, { force: true });
  await state.write({ modified_on: wanted.modified_on });

  let told = 0;
  await withRetries(async () => {
    const there = (await sizeOf(part)) ?? 0;
    onBytes(there - told);
    told = there;
    if (there > wanted.size) await rm(part);
    if (there === wanted.size && wanted.size > 0) return;
    const { url } = await client.getDownloadInfo({ file: wanted.id });
    await getRange(url, part, there > wanted.size ? 0 : there, (count) => {
      told += count;
      onBytes(count);
    });
  });
  refuseShort(wanted, await sizeOf(part));
  await flush(part);
  await rename(part, path);
  await state.forget();
}

/** Up to here (bytes) a file that is broken off is fetched again as a whole: noting how far it got takes longer than that. */
const ANEW = 1 << 20;

async function downloadAnew(
  client: Client,
  wanted: RemoteFile,
  { part, path, onBytes }: { part: string; path: string; onBytes: OnBytes },
): Promise<void> {
  const bytes = await withRetries(async () => {
    const { url } = await client.getDownloadInfo({ file: wanted.id });
    return getAll(url, onBytes);
  });
  refuseShort(wanted, bytes.length);
  const file = await open(part, "w");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
}

function refuseShort({ name, size }: RemoteFile, arrived: number | undefined): void {
  if (arrived === size) return;
  throw new CliError(`Only ${arrived} of ${size} bytes of ${name} came.`, {
    advice: "Run the command again: it goes on from there.",
  });
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}

/** The bytes are on the disk before the name says that they are. */
async function flush(path: string): Promise<void> {
  const file = await open(path, "r");
  await file.sync().finally(() => file.close());
}
