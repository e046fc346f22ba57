import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from "node:fs";
import { realpath } from "node:fs/promises";
import type { Job } from "@causeway/cwl";
import type { SmallLog } from "../order.ts";

/** A log where it lies on this host. */
export interface LogFile {
  name: string;
  path: string;
}

/** A log of more bytes, and what of a job is beyond so many logs or bytes in all, is stored. */
const LARGEST = 16 * 1024;
const MOST_LOGS = 256;
const MOST_BYTES = 64 * 1024;

/** The small logs of one job, as many as there may be. */
export class SmallLogs {
  readonly logs: SmallLog[] = [];
  #bytes = 0;

  /** Whether it was taken: it is small, and so are those before it. */
  add(name: string, bytes: Buffer): boolean {
    if (bytes.length > LARGEST || this.logs.length >= MOST_LOGS || this.#bytes + bytes.length > MOST_BYTES) return false;
    this.#bytes += bytes.length;
    this.logs.push({ name, base64: bytes.toString("base64") });
    return true;
  }

  /** Takes those of the files that are there, can be read and are small; answers the others. */
  async addFiles(job: Job, files: readonly LogFile[]): Promise<LogFile[]> {
    const own = `${await realpath(job.directory).catch(() => job.directory)}/`;
    return files.filter(({ name, path }) => {
      const bytes = readSmall(own, path);
      return bytes === undefined || !this.add(name, bytes);
    });
  }
}

/**
 * Synchronously: a few system calls on a local disk cost a tenth of what they cost in threads. Without the time of access,
 * since to note that can wait for whatever the disk is at. Undefined for what is large,
 * is not there, or is no regular file below `own`, where a command may have put anything.
 */
function readSmall(own: string, path: string): Buffer | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOATIME);
  } catch {
    return undefined; // also what belongs to somebody else: it is stored, if that can be
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile() || stats.size > LARGEST || !readlinkSync(`/proc/self/fd/${file}`).startsWith(own)) return undefined;
    if (stats.size === 0) return Buffer.alloc(0);
    const bytes = Buffer.alloc(stats.size);
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(file);
  }
}
