import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type { Job, StagedEntry } from "../job.ts";
import { type CopyCount, copyTree, shareTree } from "./copying.ts";
import { dirOf } from "./file-value.ts";
import { JobError } from "./job-error.ts";

/** Entries placed before other work on this process gets a turn. */
const TURN = 500;

/**
 * Makes the job's directories and puts everything in them that the command needs. What an earlier attempt left there is
 * removed first, so that it may be repeated, but never while the command runs.
 *
 * Metadata calls are synchronous: each takes some microseconds on a local disk, a tenth of what a round trip to libuv's
 * threads costs. Large copies are asynchronous.
 *
 * @returns the bytes that had to be copied because they could be neither linked nor cloned.
 * @throws JobError of kind `staging` with the path that could not be made.
 */
export async function stage(job: Job): Promise<CopyCount> {
  makeFresh(job);
  const made = new Set<string>([job.outdir.host]);
  const count: CopyCount = { bytesCopied: 0 };
  for (let index = 0; index < job.staged.length; index++) {
    if (index % TURN === TURN - 1) await new Promise(setImmediate);
    const entry = job.staged[index] as StagedEntry;
    try {
      await put(entry, made, count);
    } catch (cause) {
      throw new JobError("staging", job.name, `${entry.at} could not be made: ${(cause as Error).message}`, { cause });
    }
  }
  return count;
}

function makeFresh(job: Job): void {
  const isNew = mkdirSync(job.directory, { recursive: true }) !== undefined;
  if (!isNew) {
    for (const leftover of [job.outdir.host, job.tmpdir.host, `${job.directory}/inputs`, `${job.directory}/elsewhere`]) {
      rmSync(leftover, { recursive: true, force: true });
    }
  }
  mkdirSync(job.outdir.host);
  mkdirSync(job.tmpdir.host);
}

async function put(entry: StagedEntry, made: Set<string>, count: CopyCount): Promise<void> {
  if (entry.is === "directory") return makeDirectory(entry.at, made);
  makeDirectory(dirOf(entry.at), made);
  if (entry.is === "link") symlinkSync(entry.source, entry.at);
  else if (entry.is === "text") writeFileSync(entry.at, entry.text, { flag: "wx" });
  else if (entry.is === "copy") await copyTree(entry.source, entry.at, count);
  else await shareTree(entry.source, entry.at, count);
}

function makeDirectory(path: string, made: Set<string>): void {
  if (made.has(path)) return;
  mkdirSync(path, { recursive: true });
  made.add(path);
}
