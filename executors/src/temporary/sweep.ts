import { type Dirent, lstatSync, readdirSync, readFileSync, readlinkSync, renameSync, statSync, utimesSync } from "node:fs";
import { rm } from "node:fs/promises";
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
 * jobs that go on). Answers the paths of those that are gone.
 */
export async function sweepTemporaryDirectories({ parents = [], end, databaseUser }: SweepOptions = {}): Promise<string[]> {
  if (!processesCanBeTold()) return [];
  const users = [process.getuid!(), databaseUser];
  const left = [...new Set([tmpdir(), ...parents])]
    .flatMap((parent) => entriesOf(parent).map((entry) => ({ entry, path: join(parent, entry.name) })))
    .filter(({ entry }) => entry.name.startsWith(PREFIX) && entry.isDirectory())
    .map(({ path }) => path)
    .filter((directory) => users.includes(userOf(directory)) && isLeft(directory));
  const removed: string[] = [];
  for (const directory of left) {
    await end?.(directory);
    if (isInUse(directory)) continue;
    const doomed = takeAway(directory);
    if (!doomed) continue;
    await rm(doomed, { recursive: true, force: true, maxRetries: 3 });
    removed.push(directory);
  }
  return removed;
}

/** Names of directories whose removal has begun. */
const DOOMED = "causeway-removed-";
/** A directory gets its owner right after its making; only a process that was killed between the two leaves it without. */
const OWNERLESS_MS = 60 * 60 * 1000;

function isLeft(directory: string): boolean {
  if (basename(directory).startsWith(DOOMED)) return true;
  const hasEnded = ownerHasEnded(directory);
  if (hasEnded !== undefined) return hasEnded;
  return entriesOf(directory).length === 0 && Date.now() - changedAt(directory) > OWNERLESS_MS;
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

/** Whether a process works in the directory or knows of it. */
function isInUse(directory: string): boolean {
  return processIds().some((pid) => {
    const isBelow = (path: string) => path === directory || path.startsWith(`${directory}/`);
    const mentions = (text: string) =>
      text.includes(`${directory}/`) || text.includes(`${directory}\0`) || text.endsWith(directory);
    return (
      isBelow(read(() => readlinkSync(`/proc/${pid}/cwd`)) ?? "") ||
      ["cmdline", "environ"].some((file) => mentions(read(() => readFileSync(`/proc/${pid}/${file}`, "utf8")) ?? ""))
    );
  });
}

/** Without this process and those that started it, which may have been told of the directory to look at. */
function processIds(): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
}

const DAY_MS = 24 * 60 * 60 * 1000;
/**
 * What is kept only to save time (`~/.cache/causeway`) and was not used for so many days goes. What jobs see at /etc is
 * used when they start: one may run for weeks.
 */
const UNUSED_DAYS = { "compile-cache": 7, databases: 7, engines: 7, etc: 60 };

/**
 * Removes compiled code, empty databases and answers of container engines that no program has used for a week, and copies
 * of the host's /etc after two months: those of older versions of Node and of ours, of checkouts that are gone, and halves
 * that a killed process has left.
 *
 * @param inUse paths that this process uses: they count as used now
 */
export async function sweepCaches(inUse: readonly (string | undefined)[] = []): Promise<void> {
  const now = new Date();
  for (const path of inUse) if (path !== undefined) read(() => utimesSync(path, now, now));
  const root = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "causeway");
  for (const [kind, days] of Object.entries(UNUSED_DAYS)) {
    for (const { name } of entriesOf(join(root, kind))) {
      const path = join(root, kind, name);
      if (now.getTime() - changedAt(path) > days * DAY_MS) await rm(path, { recursive: true, force: true });
    }
  }
}

const processesCanBeTold = (): boolean => read(() => statSync("/proc/self/stat")) !== undefined;
const userOf = (path: string): number | undefined => read(() => lstatSync(path).uid);
const changedAt = (path: string): number => read(() => lstatSync(path).mtimeMs) ?? Date.now();
const entriesOf = (directory: string): Dirent[] => read(() => readdirSync(directory, { withFileTypes: true })) ?? [];

/** What can be read; undefined for what is gone, or another user's. */
function read<Found>(look: () => Found): Found | undefined {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ESRCH", "EACCES", "EPERM", "ENOTDIR"].includes(code!)) return undefined;
    throw error;
  }
}
