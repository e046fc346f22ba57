import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { identify } from "@causeway/executors";
import pg from "pg";
import { openDatabase } from "../db/database.ts";
import { startEmbeddedPostgres } from "../db/embedded.ts";
import { migrate } from "../db/migrate.ts";

/**
 * Where the tests' own PostgreSQL keeps its data. It goes on running between test files. `npm test` gives every run a
 * place of its own and stops the server at the end; a test file that is run by itself leaves it for the next.
 */
const TEST_POSTGRES = process.env.CAUSEWAY_TEST_POSTGRES ?? join(tmpdir(), `causeway-tests-${userInfo().uid}`);
const MIGRATIONS = new URL("../../migrations/", import.meta.url);

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

let server: Promise<string> | undefined;

/**
 * A database of its own with the newest schema, copied from a template in some 30 ms. It is on the server of
 * `TEST_DATABASE_URL` (a superuser's URL), or else on an embedded one that all test files share.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  server ??= process.env.TEST_DATABASE_URL ? Promise.resolve(process.env.TEST_DATABASE_URL) : sharedServer();
  const admin = await server;
  const template = await ensureTemplate(admin);
  const name = ownName();
  await onServer(admin, `create database ${name} template ${template} strategy file_copy`);
  return { url: urlOf(admin, name), drop: () => dropDatabase(admin, name) };
}

/** A database of its own with nothing in it. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  server ??= process.env.TEST_DATABASE_URL ? Promise.resolve(process.env.TEST_DATABASE_URL) : sharedServer();
  const admin = await server;
  const name = ownName();
  await onServer(admin, `create database ${name}`);
  return { url: urlOf(admin, name), drop: () => dropDatabase(admin, name) };
}

/** A name that tells which process the database belongs to. */
const ownName = () => `test_${process.pid}_${identify(process.pid)?.startTicks ?? 0}_${randomBytes(8).toString("hex")}`;

/** Drops the databases of test processes that were killed before they could. */
async function dropLeft(admin: string): Promise<void> {
  const names = await onServer(admin, "select datname from pg_database where datname like 'test\\_%\\_%\\_%'");
  for (const { datname } of names as { datname: string }[]) {
    const [, pid, startTicks] = datname.split("_");
    if (identify(Number(pid))?.startTicks !== startTicks) await dropDatabase(admin, datname);
  }
}

/** Starts the shared server, or joins it. A directory is the lock: several test files start at the same moment. */
async function sharedServer(): Promise<string> {
  const lock = `${TEST_POSTGRES}.lock`;
  const deadline = Date.now() + 30_000;
  while (!tryMakeDirectory(lock)) {
    // A run that was killed while it started the server leaves its lock behind.
    if (Date.now() > deadline) rmSync(lock, { recursive: true, force: true });
    await new Promise((wake) => setTimeout(wake, 20));
  }
  try {
    const admin = (await startEmbeddedPostgres(TEST_POSTGRES, { durable: false, maxConnections: 300 })).urlOf("postgres");
    await dropLeft(admin);
    return admin;
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function tryMakeDirectory(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** The template of this schema, made under a lock by whoever comes first; its name is the hash of the migrations. */
async function ensureTemplate(admin: string): Promise<string> {
  const hash = createHash("sha256");
  for (const name of readdirSync(MIGRATIONS).sort()) hash.update(name).update(readFileSync(new URL(name, MIGRATIONS)));
  const template = `template_${hash.digest("hex").slice(0, 16)}`;
  const client = new pg.Client({ connectionString: admin });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock(8117)");
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [template]);
    if (rowCount) return template;
    const draft = `${template}_new`;
    await client.query(`drop database if exists ${draft} with (force)`);
    await client.query(`create database ${draft}`);
    const { db, close } = openDatabase(urlOf(admin, draft), 2);
    await migrate(db, urlOf(admin, draft)).finally(close);
    await client.query(`alter database ${draft} rename to ${template}`);
    return template;
  } finally {
    await client.end();
  }
}

async function dropDatabase(admin: string, name: string): Promise<void> {
  await onServer(admin, `drop database if exists ${name} with (force)`);
}

async function onServer(admin: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: admin });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

const urlOf = (admin: string, database: string) => admin.replace(/\/[^/?]*(\?|$)/, `/${database}$1`);
