import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, chown, constants, mkdir, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The superuser of every embedded cluster. */
export const SUPERUSER = "causeway";

/** How the files of an embedded server are made. */
export interface ClusterOptions {
  /** For tests: no fsync anywhere. A crash of the machine loses the database, a crash of a process does not. */
  readonly durable?: boolean;
  /**
   * A directory of the user's own in which an empty cluster is kept: a new one is a copy of it, which takes a fifth of the
   * time. Filled on first use.
   */
  readonly emptyClusters?: string;
}

/** Who a server runs as and owns its files; nobody named: ourselves. */
export interface Owner {
  uid?: number;
  gid?: number;
}

/**
 * initdb without its three seconds of fsync; one flush of the file system afterwards makes the same files safe in a
 * fraction of that. The cluster is made under another name, so a crash half-way leaves nothing that looks finished.
 */
export async function createCluster(
  initdb: string,
  cluster: string,
  owner: Owner,
  { durable = true, emptyClusters }: ClusterOptions,
): Promise<void> {
  const draft = `${cluster}.new`;
  await rm(draft, { recursive: true, force: true });
  const empty = emptyClusters === undefined ? undefined : join(emptyClusters, await nameOfEmpty(initdb, owner));
  if (empty === undefined || !(await copyCluster(empty, draft))) {
    await initialize(initdb, draft, owner);
    if (empty !== undefined) await keepEmpty(draft, empty);
  }
  if (durable) await run("sync", ["--file-system", draft]);
  await rename(draft, cluster);
}

async function initialize(initdb: string, draft: string, owner: Owner): Promise<void> {
  await mkdir(draft, { mode: 0o700 });
  if (owner.uid !== undefined) await chown(draft, owner.uid, owner.gid!);
  const flags = ["--auth=trust", `--username=${SUPERUSER}`, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
  await run(initdb, [`--pgdata=${draft}`, ...flags], { ...owner, env: { PATH: process.env.PATH } });
}

/** Another version of PostgreSQL, and another owner, have an empty cluster of their own. */
async function nameOfEmpty(initdb: string, owner: Owner): Promise<string> {
  const { size, mtimeMs } = await stat(initdb);
  return `empty-cluster-${shortHash(`${initdb} ${size} ${mtimeMs} ${owner.uid ?? "own"}`)}`;
}

/** Copies a cluster with its owner and modes; false when there is none. */
async function copyCluster(from: string, to: string): Promise<boolean> {
  if (!(await exists(join(from, "PG_VERSION")))) return false;
  await run("cp", ["-a", from, to]);
  // As used now: the sweep of what was only kept to save time goes by it.
  const now = new Date();
  await utimes(from, now, now).catch(() => {});
  return true;
}

/** Whole or not at all, also when several processes do it at once. That it cannot be kept only costs time. */
async function keepEmpty(cluster: string, empty: string): Promise<void> {
  const copy = `${empty}.${process.pid}`;
  try {
    await mkdir(dirname(empty), { recursive: true });
    await copyCluster(cluster, copy);
    await rename(copy, empty);
  } catch {
    await rm(copy, { recursive: true, force: true });
  }
}

export async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

/** For names made of paths. */
export const shortHash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16);
