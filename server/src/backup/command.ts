import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { openBlobStore } from "../blob-store.ts";
import { embeddedDirectory, findEmbeddedPostgres, hasEmbeddedPostgres, startEmbeddedPostgres } from "../db/embedded.ts";
import { AlreadyRunning, claimDirectory } from "../running.ts";
import type { Settings } from "../settings.ts";
import { settleRestoredTasks } from "../tasks/running/restored-tasks.ts";
import { settleRestoredUploads } from "../uploads/restored-uploads.ts";
import { backUp } from "./backup.ts";
import { BackupRefused } from "./manifest.ts";
import { restore } from "./restore.ts";

interface OpenedDatabase {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * `node server/src/main.ts --backup DIRECTORY [--previous DIRECTORY] [--fetch]` makes a backup of the platform with these
 * settings, whether it runs or not; `--restore DIRECTORY` makes a platform with these settings of a backup. Says on
 * stderr how far it is, and on stdout, in one line of JSON, what it did.
 */
export async function runBackupCommand(args: readonly string[], settings: Settings): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      backup: { type: "string" },
      restore: { type: "string" },
      previous: { type: "string" },
      fetch: { type: "boolean" },
    },
  });
  const tell = (text: string) => void process.stderr.write(`${text}\n`);
  const done =
    values.backup !== undefined
      ? await backUpPlatform(settings, tell, resolve(values.backup), values.previous, values.fetch)
      : await restorePlatform(settings, tell, resolve(values.restore!));
  process.stdout.write(`${JSON.stringify(done)}\n`);
}

async function backUpPlatform(
  settings: Settings,
  tell: (text: string) => void,
  directory: string,
  previous: string | undefined,
  fetchesBytes = false,
) {
  const dataDirectory = resolve(settings.dataDirectory);
  if (!existsSync(dataDirectory))
    throw new BackupRefused(
      `There is no platform's data in ${dataDirectory}: name the right directory with --data-dir or CAUSEWAY_DATA.`,
    );
  const database = await openExisting(settings, dataDirectory);
  try {
    return await backUp({
      databaseUrl: database.url,
      store: await openBlobStore(settings),
      dataDirectory,
      directory,
      ...(previous === undefined ? {} : { previous: resolve(previous) }),
      fetchesBytes,
      tell,
    });
  } finally {
    await database.close();
  }
}

/** The platform's database: that of the running one, or started for us, while no platform can start. */
async function openExisting(settings: Settings, dataDirectory: string): Promise<OpenedDatabase> {
  if (settings.databaseUrl !== "") return { url: settings.databaseUrl, close: async () => {} };
  const directory = embeddedDirectory(dataDirectory);
  if (!(await hasEmbeddedPostgres(directory)))
    throw new BackupRefused(
      `There is no database in ${directory}. Use the settings of the platform: CAUSEWAY_DATA (--data-dir), DATABASE_URL.`,
    );
  try {
    const claim = claimDirectory(dataDirectory);
    const postgres = await startEmbeddedPostgres(directory, { endsWithUs: true }).catch((error) => {
      claim.release();
      throw error;
    });
    return { url: postgres.url, close: () => postgres.stop().finally(() => claim.release()) };
  } catch (error) {
    if (!(error instanceof AlreadyRunning)) throw error;
    const url = await findEmbeddedPostgres(directory);
    if (url !== undefined) return { url, close: async () => {} };
    throw new BackupRefused(
      `${error.message} Its database cannot be reached: it is starting or ending, or runs as another user than this command.`,
    );
  }
}

async function restorePlatform(settings: Settings, tell: (text: string) => void, directory: string) {
  const dataDirectory = resolve(settings.dataDirectory);
  return restore({
    directory,
    dataDirectory,
    openStore: () => openBlobStore({ ...settings, dataDirectory }),
    openDatabase: () => openEmpty(settings, dataDirectory),
    settle: [settleRestoredTasks, settleRestoredUploads],
    tell,
  });
}

async function openEmpty(settings: Settings, dataDirectory: string): Promise<OpenedDatabase> {
  if (settings.databaseUrl !== "") return { url: settings.databaseUrl, close: async () => {} };
  const postgres = await startEmbeddedPostgres(embeddedDirectory(dataDirectory), {
    endsWithUs: true,
    ...(settings.emptyClusters === "" ? {} : { emptyClusters: settings.emptyClusters }),
  });
  // A restore that was broken off may have begun to fill it.
  const client = new pg.Client({ connectionString: postgres.urlOf("postgres") });
  await client.connect();
  try {
    await client.query("drop database if exists causeway with (force)");
    await client.query("create database causeway");
  } finally {
    await client.end();
  }
  return { url: postgres.url, close: () => postgres.stop() };
}
