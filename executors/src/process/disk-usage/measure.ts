import { closeSync, constants, lstatSync, opendirSync, openSync, readdirSync, type Stats, statSync } from "node:fs";

/** What a job has on the disk, in bytes; `files` counts directories and links as well. */
export interface Measured {
  id: string;
  outdir: number;
  tmpdir: number;
  /** Both, the files for the streams, and what is open without a name. */
  all: number;
  files: number;
}

export interface Question {
  id: string;
  outdir: string;
  tmpdir: string;
  streams: string[];
  /** Of the job's processes, as far as they are known. */
  pids: number[];
  /** So many files are counted, then the count ends: the job has too many in any case. */
  atMost: number;
}

/** Longer paths are not walked by name, which the system refuses (PATH_MAX), but from an open directory on. */
const LONG_PATH = 3000;

/** Looks at all that a job has on the disk, at some microseconds a file. */
export function measure(question: Question): Measured {
  const seen = new Tally(question.atMost);
  const outdir = seen.tree(question.outdir);
  const tmpdir = seen.tree(question.tmpdir);
  for (const path of question.streams) seen.file(path);
  for (const pid of question.pids) seen.nameless(pid);
  return { id: question.id, outdir, tmpdir, all: seen.bytes, files: seen.files };
}

/** Counts each file once, whatever names it has, and stops when there are more than are wanted. */
class Tally {
  bytes = 0;
  files = 0;
  readonly #atMost: number;
  readonly #inodes = new Set<string>();
  readonly #devices = new Set<number>();

  constructor(atMost: number) {
    this.#atMost = atMost;
  }

  /** The bytes in a directory. Names are bytes to the system: read as latin1 they come back as they were. */
  tree(directory: string): number {
    const before = this.bytes;
    const left: { path: Buffer; close?: number }[] = [{ path: Buffer.from(directory) }];
    for (let next = left.pop(); next && this.files <= this.#atMost; next = left.pop()) {
      if (next.close !== undefined) closeSync(next.close);
      else this.#directory(next.path, left);
    }
    for (const { close } of left) if (close !== undefined) closeSync(close);
    return this.bytes - before;
  }

  #directory(path: Buffer, left: { path: Buffer; close?: number }[]): void {
    let at = path;
    try {
      if (path.length > LONG_PATH) {
        const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
        left.push({ path, close: descriptor });
        at = Buffer.from(`/proc/self/fd/${descriptor}`);
      }
      const entries = opendirSync(at, { encoding: "latin1" as BufferEncoding, bufferSize: 1024 });
      try {
        for (let entry = entries.readSync(); entry && this.files <= this.#atMost; entry = entries.readSync()) {
          const inner = Buffer.concat([at, Buffer.from(`/${entry.name}`, "latin1")]);
          this.files++;
          if (entry.isDirectory()) left.push({ path: inner });
          else this.file(inner);
        }
      } finally {
        entries.closeSync();
      }
    } catch {
      // It was removed since it was seen, or its owner has closed it to everybody.
    }
  }

  /** A file costs what it says it has, holes included: to be stored it is read whole. */
  file(path: string | Buffer): void {
    let stats: Stats;
    try {
      stats = lstatSync(path);
    } catch {
      return; // It is gone, or its name is one that the system refuses: then it never was there.
    }
    this.#count(stats);
  }

  /** Files that a process has open and that have no name any more: their bytes are on the disk all the same. */
  nameless(pid: number): void {
    let descriptors: string[];
    try {
      descriptors = readdirSync(`/proc/${pid}/fd`);
    } catch {
      return; // It has ended.
    }
    for (const descriptor of descriptors) {
      try {
        const stats = statSync(`/proc/${pid}/fd/${descriptor}`);
        if (stats.nlink === 0 && stats.isFile() && this.#devices.has(stats.dev)) this.#count(stats);
      } catch {
        // It was closed since.
      }
    }
  }

  #count(stats: Stats): void {
    const { dev, ino, nlink, size, blocks } = stats;
    this.#devices.add(dev);
    if (nlink !== 1) {
      if (this.#inodes.has(`${dev}:${ino}`)) return;
      this.#inodes.add(`${dev}:${ino}`);
    }
    this.bytes += Math.max(size, blocks * 512);
  }
}
