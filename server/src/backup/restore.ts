import { execFile } from "node:child_process";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { BlobMissing, type BlobStore } from "@causeway/storage";
import pg from "pg";
import { type Database, openDatabase } from "../db/database.ts";
import { migrate, migrationNames } from "../db/migrate.ts";
import { claimDirectory, type DirectoryClaim, RUNNING } from "../running.ts";
import { readBlobList } from "./blob-list.ts";
import { pathInBackup } from "./bytes-backup.ts";
import { hashFile } from "./database-dump.ts";
import { isEmptyDatabase, loadDatabase } from "./database-load.ts";
import { keptFileIn, restoreKeptFiles } from "./kept-files.ts";
import { BackupRefused, type Manifest, readManifest, writeDurably } from "./manifest.ts";
import { RESTORING } from "./unfinished-restore.ts";

export interface RestoreOptions {
  /** The backup. */
  readonly directory: string;
  /** Where the platform shall be: empty, or not there. */
  readonly dataDirectory: string;
  /** Opens the store of the restored platform, empty, and its database, empty, when everything else is right. */
  openStore(): Promise<BlobStore>;
  openDatabase(): Promise<{ url: string; close(): Promise<void> }>;
  /** What must be said differently in the database of another place and time, when it is filled; `at`: of the backup. */
  readonly settle: readonly ((db: Database, at: Date) => Promise<void>)[];
  readonly tell: (text: string) => void;
}

export interface RestoreResult {
  readonly at: string;
  readonly rows: number;
  readonly blobs: number;
  readonly damaged: number;
}

/**
 * Makes a platform of a backup. Everything is read and checked; a backup of which anything is not as it was made is
 * refused. Until the last step no platform starts on the data directory.
 *
 * @throws BackupRefused
 */
export async function restore(options: RestoreOptions): Promise<RestoreResult> {
  const { directory, dataDirectory, tell } = options;
  const manifest = await readManifest(directory);
  await requireKnownSchema(manifest);
  tell("Checking the database's tables and the list of files …");
  await check(manifest, directory);
  const claim = await beginRestore(dataDirectory);
  try {
    await fill(options, manifest);
  } finally {
    claim.release();
  }
  await rm(join(dataDirectory, RESTORING));
  const rows = manifest.database.tables.reduce((sum, table) => sum + table.rows, 0);
  return { at: manifest.database.at, rows, blobs: manifest.bytes.blobs, damaged: manifest.bytes.damaged };
}

async function fill(options: RestoreOptions, manifest: Manifest): Promise<void> {
  const { directory, dataDirectory, tell } = options;
  tell(`Restoring ${manifest.bytes.blobs} files, ${Math.round(manifest.bytes.size / 2 ** 20)} MiB …`);
  await restoreBytes(manifest, directory, await options.openStore());
  tell("Filling the database …");
  const database = await options.openDatabase();
  try {
    await fillDatabase(manifest, directory, database.url, options.settle);
  } finally {
    await database.close();
  }
  await restoreKeptFiles(manifest, directory, dataDirectory);
  await promisify(execFile)("sync", ["--file-system", dataDirectory]);
}

async function requireKnownSchema(manifest: Manifest): Promise<void> {
  const known = await migrationNames();
  const { migrations } = manifest.database;
  const strange = migrations.filter((name, index) => known[index] !== name);
  if (strange.length > 0)
    throw new BackupRefused(
      `The backup was made by another version of Causeway, which has ${strange[0]}: restore it with that one, or a newer one.`,
    );
}

async function check({ database, bytes, kept }: Manifest, directory: string): Promise<void> {
  const files = [
    ...database.tables.map(({ file, sha256 }) => ({ path: join(directory, file), sha256 })),
    { path: join(directory, bytes.list), sha256: bytes.sha256 },
    ...kept.map(({ path, sha256 }) => ({ path: keptFileIn(directory, path), sha256 })),
  ];
  for (const { path, sha256 } of files) {
    const found = await hashFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") throw new BackupRefused(`The backup is damaged: ${path} is missing.`);
      throw error;
    });
    if (found !== sha256) throw new BackupRefused(`The backup is damaged: ${path} is not as it was written.`);
  }
}

/** What a restore that was broken off has left is removed. */
async function beginRestore(dataDirectory: string): Promise<DirectoryClaim> {
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  const claim = claimDirectory(dataDirectory);
  try {
    await emptyDirectory(dataDirectory);
  } catch (error) {
    claim.release();
    throw error;
  }
  return claim;
}

async function emptyDirectory(dataDirectory: string): Promise<void> {
  const names = (await readdir(dataDirectory)).filter((name) => name !== RUNNING);
  if (names.length > 0 && !names.includes(RESTORING))
    throw new BackupRefused(`${dataDirectory} is not empty: restore into a new directory.`);
  await writeDurably(join(dataDirectory, RESTORING), "A backup is being restored here.\n");
  for (const name of names.filter((name) => name !== RESTORING && name !== "database"))
    await rm(join(dataDirectory, name), { recursive: true, force: true });
}

/** Blobs that are named when some are damaged. */
const TOLD_AT_MOST = 10;

async function restoreBytes({ bytes }: Manifest, directory: string, store: BlobStore): Promise<void> {
  const wrong: string[] = [];
  for await (const { key, size, sha256, damage } of readBlobList(join(directory, bytes.list))) {
    if (damage !== undefined) continue;
    const path = pathInBackup(directory, key);
    try {
      // Of bytes that stayed in their bucket the size is looked at; the scrub reads them.
      const found = bytes.included ? await store.adopt(key, path) : await store.stat(key);
      if (found.size !== size || ("sha256" in found && found.sha256 !== sha256)) wrong.push(bytes.included ? path : key);
    } catch (error) {
      if (!(error instanceof BlobMissing) && (error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      wrong.push(bytes.included ? path : key);
    }
    if (wrong.length === TOLD_AT_MOST) break;
  }
  if (wrong.length === 0) return;
  const more = wrong.length === TOLD_AT_MOST ? " and maybe more" : "";
  throw new BackupRefused(
    bytes.included
      ? `The backup is damaged. Not as they were stored: ${wrong.join(", ")}${more}.`
      : `The bucket has not the bytes of these files: ${wrong.join(", ")}${more}.`,
  );
}

async function fillDatabase(
  { database: dump }: Manifest,
  directory: string,
  url: string,
  settle: RestoreOptions["settle"],
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  const { db, close } = openDatabase(url, 2);
  try {
    if (!(await isEmptyDatabase(client)))
      throw new BackupRefused("The database is not empty: make a new one, and name it in DATABASE_URL.");
    await migrate(db, url, { to: dump.migrations.at(-1)! });
    await loadDatabase(client, dump, directory);
    await migrate(db, url);
    for (const one of settle) await one(db, new Date(dump.at));
  } finally {
    await close();
    await client.end();
  }
}
