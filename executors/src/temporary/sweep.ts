import { type Dirent, renameSync } from "node:fs";
import { lstat, readdir, readFile, readlink, rm, stat, utimes } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { ownerHasEnded, PREFIX } from "./directory.ts";

export interface SweepOptions {
  /** Where temporary directories are made, besides the host's own place for them. */
  parents?: readonly string[];
  /** Ends what still runs in a directory of a process that has ended: a database server, say. */
  end?: (directory: string) => Promise<void>;
  /** The user that a database server runs as where this process is root: its directories are ours, too. */
  databaseUser?: number | undefined;
}

/**
 * Removes the temporary directories of this user's processes that have ended without doing so. One whose process lives
 * stays, and so does one that any process is at: works in, or has in its command line or environment (a database server,
 * jobs that go on). Answers the paths of those that are gone. Requests are answered meanwhile: the host may have
 * thousands of processes, and all of them are looked at.
 */
export async function sweepTemporaryDirectories({ parents = [], end, databaseUser }: SweepOptions = {}): Promise<string[]> {
  if (!(await processesCanBeTold())) return [];
  const users = [process.getuid!(), databaseUser];
  const left: string[] = [];
  for (const parent of new Set([tmpdir(), ...parents])) {
    for (const entry of await entriesOf(parent)) {
      if (!entry.name.startsWith(PREFIX) || !entry.isDirectory()) continue;
      const directory = join(parent, entry.name);
      if (users.includes(await userOf(directory)) && (await isLeft(directory))) left.push(directory);
    }
  }
  for (const directory of left) await end?.(directory);
  const used = await inUse(left);
  // All of them right after the look, before anything of them is removed, which may take long.
  const doomed = left.flatMap((directory) => {
    const taken = used.has(directory) ? undefined : takeAway(directory);
    return taken === undefined ? [] : [{ directory, taken }];
  });
  for (const { taken } of doomed) await rm(taken, { recursive: true, force: true, maxRetries: 3 });
  return doomed.map(({ directory }) => directory);
}

/** Names of directories whose removal has begun. */
const DOOMED = "causeway-removed-";
/** A directory gets its owner right after its making; only a process that was killed between the two leaves it without. */
const OWNERLESS_MS = 60 * 60 * 1000;

async function isLeft(directory: string): Promise<boolean> {
  if (basename(directory).startsWith(DOOMED)) return true;
  const hasEnded = ownerHasEnded(directory);
  if (hasEnded !== undefined) return hasEnded;
  return (await entriesOf(directory)).length === 0 && Date.now() - (await changedAt(directory)) > OWNERLESS_MS;
}

/**
 * Renames it, so that nobody takes it for theirs while it is being removed; undefined when somebody has made it theirs
 * meanwhile, or was quicker to remove it.
 */
function takeAway(directory: string): string | undefined {
  const doomed = join(dirname(directory), `${DOOMED}${process.pid}-${Date.now().toString(36)}-${directory.slice(-6)}`);
  try {
    renameSync(directory, doomed);
    if (ownerHasEnded(doomed) !== false) return doomed;
    renameSync(doomed, directory);
  } catch (error) {
    if (!["ENOENT", "EEXIST", "ENOTEMPTY"].includes((error as NodeJS.ErrnoException).code!)) throw error;
  }
  return undefined;
}

/** Those of the directories that a process works in or knows of. */
async function inUse(directories: readonly string[]): Promise<Set<string>> {
  const used = new Set<string>();
  if (directories.length === 0) return used;
  for (const pid of await processIds()) {
    const cwd = (await ifThere(() => readlink(`/proc/${pid}/cwd`))) ?? "";
    const texts = [];
    for (const file of ["cmdline", "environ"]) texts.push((await ifThere(() => readFile(`/proc/${pid}/${file}`, "utf8"))) ?? "");
    for (const directory of directories) {
      const isThere = cwd === directory || cwd.startsWith(`${directory}/`);
      if (isThere || texts.some((text) => mentions(text, directory))) used.add(directory);
    }
  }
  return used;
}

const mentions = (text: string, directory: string): boolean =>
  text.includes(`${directory}/`) || text.includes(`${directory}\0`) || text.endsWith(directory);

/** Without this process, which may have been told of the directory to look at. */
async function processIds(): Promise<string[]> {
  return (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
}

const DAY_MS = 24 * 60 * 60 * 1000;
/**
 * What is kept only to save time (`~/.cache/causeway`) and was not used for so many days goes. What jobs see at /etc is
 * used when they start: one may run for weeks.
 */
const UNUSED_DAYS = { "compile-cache": 7, databases: 7, engines: 7, etc: 60 };

/**
 * Removes compiled code, empty databases and answers of container engines that no program has used for a week, and copies
 * of the host's /etc after two months: those of older versions of Node and of the platform, of checkouts that are gone, and halves
 * that a killed process has left.
 *
 * @param used paths that this process uses: they count as used now
 */
export async function sweepCaches(used: readonly (string | undefined)[] = []): Promise<void> {
  const now = new Date();
  for (const path of used) if (path !== undefined) await ifThere(() => utimes(path, now, now));
  const root = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "causeway");
  for (const [kind, days] of Object.entries(UNUSED_DAYS)) {
    for (const { name } of await entriesOf(join(root, kind))) {
      const path = join(root, kind, name);
      if (now.getTime() - (await changedAt(path)) > days * DAY_MS) await rm(path, { recursive: true, force: true });
    }
  }
}

const processesCanBeTold = async (): Promise<boolean> => (await ifThere(() => stat("/proc/self/stat"))) !== undefined;
const userOf = async (path: string): Promise<number | undefined> => (await ifThere(() => lstat(path)))?.uid;
const changedAt = async (path: string): Promise<number> => (await ifThere(() => lstat(path)))?.mtimeMs ?? Date.now();
const entriesOf = async (directory: string): Promise<Dirent[]> =>
  (await ifThere(() => readdir(directory, { withFileTypes: true }))) ?? [];

/** What can be read; undefined for what is gone, or another user's. */
async function ifThere<Found>(look: () => Promise<Found>): Promise<Found | undefined> {
  try {
    return await look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ESRCH", "EACCES", "EPERM", "ENOTDIR"].includes(code!)) return undefined;
    throw error;
  }
}
