import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
  symlinkSync,
} from "node:fs";
import { copyFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Files below this size are copied at once: a round trip to libuv's threads costs more than the copy. */
const SMALL = 256 * 1024;

/** Whether files can be cloned from one device to another, by `device:device`; asked once in a process. */
const clones = new Map<string, boolean>();

/** Counts the bytes that were really copied: neither linked nor cloned. */
export interface CopyCount {
  bytesCopied: number;
}

/** Puts a file or tree at `target`, which must not exist, with bytes of its own that the owner may write. */
export async function copyTree(source: string, target: string, count: CopyCount): Promise<void> {
  await eachFile(source, target, async (from, to, stats) => {
    await cloneOrCopy(from, to, stats, count);
    if ((stats.mode & 0o200) === 0) chmodSync(to, stats.mode | 0o200);
  });
}

/** Puts a file or tree at `target`, which must not exist, for reading only: hard links where the file system has them. */
export async function shareTree(source: string, target: string, count: CopyCount): Promise<void> {
  await eachFile(source, target, async (from, to, stats) => {
    try {
      linkSync(realpathSync(from), to);
    } catch (error) {
      // Another file system, no right to link, or too many links: bytes of its own do as well.
      if (!["EXDEV", "EPERM", "EACCES", "EMLINK", "ENOTSUP"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      await cloneOrCopy(from, to, stats, count);
    }
  });
}

async function cloneOrCopy(from: string, to: string, stats: Stats, count: CopyCount): Promise<void> {
  if (tryClone(from, to, stats)) return;
  if (stats.size < SMALL) copyFileSync(from, to);
  else await copyFile(from, to);
  count.bytesCopied += stats.size;
}

function tryClone(from: string, to: string, stats: Stats): boolean {
  const devices = `${stats.dev}:${statSync(dirname(to)).dev}`;
  if (clones.get(devices) === false) return false;
  try {
    copyFileSync(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    clones.set(devices, true);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!["ENOTSUP", "ENOSYS", "EXDEV", "EINVAL", "ENOTTY", "EPERM"].includes(code ?? "")) throw error;
    clones.set(devices, false);
    return false;
  }
}

/**
 * Makes the directories of a tree and calls `place` for its files. Links that lead elsewhere in the tree stay links,
 * others are replaced by what they lead to.
 */
async function eachFile(
  source: string,
  target: string,
  place: (from: string, to: string, stats: Stats) => Promise<void>,
): Promise<void> {
  const stats = statSync(source);
  if (stats.isFile()) return place(source, target, stats);
  const root = realpathSync(source);
  await walk(source, target, [root]);

  async function walk(from: string, to: string, above: string[]): Promise<void> {
    mkdirSync(to);
    for (const entry of readdirSync(from, { withFileTypes: true })) {
      const [inner, innerTo] = [`${from}/${entry.name}`, `${to}/${entry.name}`];
      let real: string | undefined;
      if (entry.isSymbolicLink()) {
        real = realpathSync(inner);
        const link = readlinkSync(inner);
        if (real.startsWith(`${root}/`) && !link.startsWith("/")) {
          symlinkSync(link, innerTo);
          continue;
        }
      }
      const innerStats = statSync(inner);
      if (innerStats.isDirectory()) {
        if (real && above.includes(real)) throw new Error(`${inner} is a link to a directory around it`);
        await walk(inner, innerTo, real ? [...above, real] : above);
      } else if (innerStats.isFile()) await place(inner, innerTo, innerStats);
    }
  }
}
