import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { BlobStore } from "@causeway/storage";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { type BackedUpBytes, backUpBytes } from "./bytes-backup.ts";
import { dumpDatabase, writeHashed } from "./database-dump.ts";
import { holdBytes } from "./hold.ts";
import { backUpKeptFiles } from "./kept-files.ts";
import { beginBackup, completeBackup, readManifest } from "./manifest.ts";

export interface BackupOptions {
  readonly databaseUrl: string;
  readonly store: BlobStore;
  readonly dataDirectory: string;
  /** Where the backup goes: empty, not there, or with a backup that was broken off. */
  readonly directory: string;
  /** An earlier backup, whose bytes are used again where the file system is the same. */
  readonly previous?: string;
  /** Whether bytes that are in a bucket are fetched; else the backup names them, and they stay there. */
  readonly fetchesBytes: boolean;
  /** Told now and then how far it is. */
  readonly tell: (text: string) => void;
}

export interface BackupResult extends Pick<BackedUpBytes, "blobs" | "size" | "damaged" | "included"> {
  readonly at: string;
  readonly rows: number;
}

/** Names of files in a backup. */
const WANTED = "blobs.wanted.tsv";
const LIST = "blobs.tsv";

/**
 * Makes a backup of a platform, running or not: one moment of its database, then the bytes of all files of that moment,
 * then its secrets. Bytes are never changed, and the sweeps remove none meanwhile: whatever was answered before the
 * backup began is in it. Until the last step the directory is no backup for anybody.
 *
 * @throws BackupRefused, BackupAtWork
 */
export async function backUp(options: BackupOptions): Promise<BackupResult> {
  const { directory, store, tell } = options;
  if (options.previous !== undefined) await readManifest(options.previous);
  await beginBackup(directory);
  const client = new pg.Client({ connectionString: options.databaseUrl, keepAlive: true });
  // A connection that breaks fails the next statement, if only the last.
  client.on("error", () => {});
  await client.connect();
  try {
    const hold = await holdBytes(client);
    tell("Saving the database …");
    const list = (on: pg.Client) => listBlobs(on, join(directory, WANTED));
    const database = await dumpDatabase(client, directory, list);
    const rows = database.tables.reduce((sum, table) => sum + table.rows, 0);
    tell(`The database: ${rows} rows in ${database.tables.length} tables. Saving the bytes of files …`);
    const { sha256, ...bytes } = await backUpBytes(join(directory, WANTED), join(directory, LIST), {
      store,
      directory,
      ...(options.previous === undefined ? {} : { previous: options.previous }),
      fetches: options.fetchesBytes,
      report: everyTenSeconds((blobs, size) => tell(`The bytes of files: ${blobs}, ${Math.round(size / 2 ** 20)} MiB …`)),
    });
    const kept = await backUpKeptFiles(options.dataDirectory, directory);
    await rm(join(directory, WANTED));
    await hold.release();
    // All of it at once: a wait for each file would take longer than the copy.
    await promisify(execFile)("sync", ["--file-system", directory]);
    await completeBackup(directory, { database, bytes: { list: LIST, sha256, ...bytes }, kept });
    return { at: database.at, rows, ...bytes };
  } finally {
    await client.end();
  }
}

/** The blobs of one moment, in the form of `blob-list.ts`. */
async function listBlobs(client: pg.Client, path: string): Promise<void> {
  await writeHashed(path, client.query(copyTo("copy (select key, size, sha256 from blobs order by key) to stdout")));
}

function everyTenSeconds(report: (blobs: number, bytes: number) => void): (blobs: number, bytes: number) => void {
  let last = Date.now();
  return (blobs, bytes) => {
    if (Date.now() < last + 10_000) return;
    last = Date.now();
    report(blobs, bytes);
  };
}
