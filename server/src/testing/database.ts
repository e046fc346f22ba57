import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { fastDirectory, identify } from "@causeway/executors";
import pg from "pg";
import { openDatabase } from "../db/database.ts";
import { startEmbeddedPostgres } from "../db/embedded.ts";
import { migrate } from "../db/migrate.ts";

/**
 * Where the tests' own PostgreSQL keeps its data. It goes on running between test files. `npm test` gives every run a
 * place of its own and stops the server at the end; a test file that is run by itself leaves it for the next.
 */
const TEST_POSTGRES = process.env.CAUSEWAY_TEST_POSTGRES ?? join(fastDirectory(), `causeway-tests-${userInfo().uid}`);
const MIGRATIONS = new URL("../../migrations/", import.meta.url);

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

let server: Promise<Server> | undefined;

/** The tests' PostgreSQL: a superuser's URL, and connections there that a test file keeps. */
interface Server {
  readonly url: string;
  readonly admin: pg.Pool;
  /** The template with the newest schema; made by the first test file that needs it. */
  template?: Promise<string>;
}

/**
 * A database of its own with the newest schema, copied from a template in some 30 ms. It is on the server of
 * `TEST_DATABASE_URL` (a superuser's URL), or else on an embedded one that all test files share.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  server ??= connect();
  const there = await server;
  there.template ??= ensureTemplate(there);
  return createDatabase(there, `template ${await there.template} strategy file_copy`);
}

/** A database of its own with nothing in it. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  server ??= connect();
  return createDatabase(await server, "");
}

async function createDatabase({ url, admin }: Server, options: string): Promise<TestDatabase> {
  const name = ownName();
  await admin.query(`create database ${name} ${options}`);
  return { url: urlOf(url, name), drop: () => dropDatabase(admin, name) };
}

async function connect(): Promise<Server> {
  if (process.env.TEST_DATABASE_URL) return serverAt(process.env.TEST_DATABASE_URL);
  return sharedServer();
}

function serverAt(url: string): Server {
  // A file makes and drops databases one after the other, and sometimes two at a time.
  const admin = new pg.Pool({ connectionString: url, max: 2, allowExitOnIdle: true });
  admin.on("error", () => {}); // the server was stopped while nobody asked it anything
  return { url, admin };
}

/** A name that tells which process the database belongs to. */
const ownName = () => `test_${process.pid}_${identify(process.pid)?.startTicks ?? 0}_${randomBytes(8).toString("hex")}`;

/** Drops the databases of test processes that were killed before they could. */
async function dropLeft({ admin }: Server): Promise<void> {
  const { rows } = await admin.query("select datname from pg_database where datname like 'test\\_%\\_%\\_%'");
  for (const { datname } of rows as { datname: string }[]) {
    const [, pid, startTicks] = datname.split("_");
    if (identify(Number(pid))?.startTicks !== startTicks) await dropDatabase(admin, datname);
  }
}

/** Starts the shared server, or joins it. A directory is the lock: several test files start at the same moment. */
async function sharedServer(): Promise<Server> {
  const lock = `${TEST_POSTGRES}.lock`;
  const deadline = Date.now() + 30_000;
  while (!tryMakeDirectory(lock)) {
    // A run that was killed while it started the server leaves its lock behind.
    if (Date.now() > deadline) rmSync(lock, { recursive: true, force: true });
    await new Promise((wake) => setTimeout(wake, 20));
  }
  try {
    const postgres = await startEmbeddedPostgres(TEST_POSTGRES, { durable: false, maxConnections: 300 });
    const there = serverAt(postgres.urlOf("postgres"));
    await dropLeft(there);
    return there;
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
async function ensureTemplate({ url, admin }: Server): Promise<string> {
  const hash = createHash("sha256");
  for (const name of readdirSync(MIGRATIONS).sort()) hash.update(name).update(readFileSync(new URL(name, MIGRATIONS)));
  const template = `template_${hash.digest("hex").slice(0, 16)}`;
  const client = await admin.connect();
  try {
    await client.query("select pg_advisory_lock(8117)");
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [template]);
    if (rowCount) return template;
    const draft = `${template}_new`;
    await client.query(`drop database if exists ${draft} with (force)`);
    await client.query(`create database ${draft}`);
    const { db, close } = openDatabase(urlOf(url, draft), 2);
    await migrate(db, urlOf(url, draft)).finally(close);
    await client.query(`alter database ${draft} rename to ${template}`);
    return template;
  } finally {
    client.release(true); // its end frees the lock
  }
}

async function dropDatabase(admin: pg.Pool, name: string): Promise<void> {
  await admin.query(`drop database if exists ${name} with (force)`);
}

const urlOf = (admin: string, database: string) => admin.replace(/\/[^/?]*(\?|$)/, `/${database}$1`);
