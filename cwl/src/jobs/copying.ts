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
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { JobError } from "./job-error.ts";

/** Files below this size are copied at once: a round trip to libuv's threads costs more than the copy. */
const SMALL = 256 * 1024;
const PIECE = 4 * 1024 * 1024;
const ZEROS = Buffer.alloc(PIECE);
/** Entries of a tree after which other work on this process gets a turn. */
const TURN = 500;

/** Whether files can be cloned from one device to another, by `device:device`; asked once in a process. */
const clones = new Map<string, boolean>();

/** A copying under way: what it has done, and what stops it. */
export interface Copying {
  /** Bytes that were really copied: neither linked nor cloned. */
  bytesCopied: number;
  /** Bytes and files, directories included, that are there now, copied or not. */
  bytes: number;
  files: number;
  /** Ends the copying, with its reason, within moments of its abort, however large a file is. */
  signal?: AbortSignal | undefined;
}

export const newCopying = (signal?: AbortSignal): Copying => ({ bytesCopied: 0, bytes: 0, files: 0, signal });

/** Puts a file or tree at `target`, which must not exist, with bytes of its own that the owner may write. */
export async function copyTree(source: string, target: string, copying: Copying): Promise<void> {
  await eachFile(source, target, copying, async (from, to, stats) => {
    await cloneOrCopy(from, to, stats, copying);
    if ((stats.mode & 0o200) === 0) chmodSync(to, stats.mode | 0o200);
  });
}

/** Puts a file or tree at `target`, which must not exist, for reading only: hard links where the file system has them. */
export async function shareTree(source: string, target: string, copying: Copying): Promise<void> {
  await eachFile(source, target, copying, async (from, to, stats) => {
    try {
      linkSync(realpathSync(from), to);
    } catch (error) {
      // Another file system, no right to link, or too many links: bytes of its own do as well.
      if (!["EXDEV", "EPERM", "EACCES", "EMLINK", "ENOTSUP"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      await cloneOrCopy(from, to, stats, copying);
    }
  });
}

async function cloneOrCopy(from: string, to: string, stats: Stats, copying: Copying): Promise<void> {
  if (tryClone(from, to, stats)) return;
  if (stats.size < SMALL) copyFileSync(from, to);
  else await copyInPieces(from, to, stats, copying.signal);
  copying.bytesCopied += stats.size;
}

/** In pieces that let other work go on and after each of which it can be stopped. Holes stay holes. */
async function copyInPieces(from: string, to: string, stats: Stats, signal: AbortSignal | undefined): Promise<void> {
  const source = await open(from, "r");
  try {
    const target = await open(to, "wx", stats.mode & 0o777);
    try {
      const buffer = Buffer.allocUnsafe(PIECE);
      for (let position = 0; ; ) {
        signal?.throwIfAborted();
        const { bytesRead } = await source.read(buffer, 0, PIECE, position);
        if (bytesRead === 0) return await target.truncate(position);
        const piece = buffer.subarray(0, bytesRead);
        if (!piece.equals(ZEROS.subarray(0, bytesRead))) await writeAll(target, piece, position);
        position += bytesRead;
      }
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function writeAll(target: FileHandle, piece: Buffer, position: number): Promise<void> {
  for (let at = 0; at < piece.length; ) at += (await target.write(piece, at, piece.length - at, position + at)).bytesWritten;
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
  copying: Copying,
  place: (from: string, to: string, stats: Stats) => Promise<void>,
): Promise<void> {
  const stats = statSync(source);
  if (stats.isFile()) {
    count(stats);
    return place(source, target, stats);
  }
  const root = realpathSync(source);
  await walk(source, target, [root]);

  function count({ size }: { size: number }): void {
    copying.bytes += size;
    copying.files++;
  }

  async function walk(from: string, to: string, above: string[]): Promise<void> {
    mkdirSync(to);
    count({ size: 0 });
    for (const entry of readdirSync(from, { withFileTypes: true })) {
      if (copying.files % TURN === 0) {
        copying.signal?.throwIfAborted();
        await new Promise(setImmediate);
      }
      const [inner, innerTo] = [`${from}/${entry.name}`, `${to}/${entry.name}`];
      let real: string | undefined;
      if (entry.isSymbolicLink()) {
        real = realpathSync(inner);
        const link = readlinkSync(inner);
        if (real.startsWith(`${root}/`) && !link.startsWith("/")) {
          symlinkSync(link, innerTo);
          count({ size: 0 });
          continue;
        }
      }
      const innerStats = statSync(inner);
      if (innerStats.isDirectory()) {
        if (real && above.includes(real)) throw new JobError("output", "", `${inner} is a link to a directory around it`);
        await walk(inner, innerTo, real ? [...above, real] : above);
      } else if (innerStats.isFile()) {
        count(innerStats);
        await place(inner, innerTo, innerStats);
      }
    }
  }
}
