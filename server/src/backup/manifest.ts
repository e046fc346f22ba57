import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseDump } from "./database-dump.ts";

/** Written last: a directory without it is no backup. */
const MANIFEST = "manifest.json";
/** Stands in a directory from the first byte of a backup until its manifest is there. */
const UNFINISHED = "UNFINISHED";
const FORMAT = 1;

/** Everything that is in a backup, with what it must be. */
export interface Manifest {
  readonly format: typeof FORMAT;
  readonly database: DatabaseDump;
  readonly bytes: {
    /** The list of blobs, one a line: key, size, SHA-256, and what is wrong with it where something is. */
    readonly list: string;
    readonly sha256: string;
    readonly blobs: number;
    readonly size: number;
    /** Blobs that were missing or damaged when the backup was made: they are not in it. */
    readonly damaged: number;
    /** Whether the bytes are in the backup; else they are in the bucket, and only their names are here. */
    readonly included: boolean;
  };
  /** Keys, certificates and the first administrator's token: paths below the data directory. */
  readonly kept: readonly { readonly path: string; readonly sha256: string }[];
}

/** A directory or a backup that cannot be used as it was asked; the message says why and what to do. */
export class BackupRefused extends Error {}

/**
 * Makes `directory` ready to take a backup. One in which a backup was broken off is used again: blobs that are there
 * already stay.
 *
 * @throws BackupRefused when something else is in it
 */
export async function beginBackup(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const names = await readdir(directory);
  if (names.includes(MANIFEST)) throw new BackupRefused(`${directory} holds a complete backup already: name another directory.`);
  if (names.length > 0 && !names.includes(UNFINISHED))
    throw new BackupRefused(`${directory} is not empty, and what is in it is no backup: name another directory.`);
  // Database and secrets are in it: for the eyes of their owner.
  await chmod(directory, 0o700);
  await writeDurably(join(directory, UNFINISHED), "A backup is being made here, or was broken off. It cannot be restored.\n");
  for (const name of names) if (name !== UNFINISHED && name !== "blobs") await rm(join(directory, name), { recursive: true });
}

/** Makes it a backup, in one step. Everything else in it must be on the disk. */
export async function completeBackup(directory: string, manifest: Omit<Manifest, "format">): Promise<void> {
  const whole: Manifest = { format: FORMAT, ...manifest };
  const draft = join(directory, `${MANIFEST}.new`);
  await writeDurably(draft, `${JSON.stringify({ sha256: hashOf(whole), manifest: whole }, undefined, 1)}\n`);
  await rename(draft, join(directory, MANIFEST));
  await syncDirectory(directory);
  await rm(join(directory, UNFINISHED));
}

/** @throws BackupRefused when there is no complete backup, or one that this version does not know */
export async function readManifest(directory: string): Promise<Manifest> {
  const text = await readFile(join(directory, MANIFEST), "utf8").catch(() => undefined);
  if (text === undefined) {
    const why = existsSync(join(directory, UNFINISHED))
      ? "The backup in it was broken off: `causeway backup` with the same directory goes on with it."
      : `It has no ${MANIFEST}.`;
    throw new BackupRefused(`${directory} holds no complete backup. ${why}`);
  }
  const { sha256, manifest } = parsed(directory, text);
  if (manifest.format !== FORMAT)
    throw new BackupRefused(`${directory} was made by a newer version of Causeway, which can restore it.`);
  if (hashOf(manifest) !== sha256) throw new BackupRefused(`${join(directory, MANIFEST)} is damaged.`);
  return manifest;
}

function parsed(directory: string, text: string): { sha256: string; manifest: Manifest } {
  try {
    const read = JSON.parse(text) as { sha256: string; manifest: Manifest };
    if (typeof read.manifest.format === "number") return read;
  } catch {
    // Said below.
  }
  throw new BackupRefused(`${join(directory, MANIFEST)} is damaged.`);
}

const hashOf = (manifest: Manifest) => createHash("sha256").update(JSON.stringify(manifest)).digest("hex");

/** Writes a file that its owner alone can read, and waits until it is on the disk. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
