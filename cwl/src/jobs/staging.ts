import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type { Job, StagedEntry } from "../job.ts";
import { type Copying, copyTree, newCopying, shareTree } from "./copying.ts";
import { dirOf } from "./file-value.ts";
import { JobError } from "./job-error.ts";

/** Entries placed before other work on this process gets a turn. */
const TURN = 500;

/** What staging did. */
export interface Staged {
  /** Bytes that had to be copied because they could be neither linked nor cloned. */
  bytesCopied: number;
  /** What the command finds in its output directory at its start. */
  inOutdir: { bytes: number; files: number };
}

/**
 * Makes the job's directories and puts everything in them that the command needs. What an earlier attempt left there is
 * removed first, so that it may be repeated, but never while the command runs.
 *
 * Metadata calls are synchronous: each takes some microseconds on a local disk, a tenth of what a round trip to libuv's
 * threads costs. Large copies are asynchronous.
 *
 * @throws JobError of kind `staging` with the path that could not be made; the signal's reason, soon after its abort.
 */
export async function stage(job: Job, { signal }: { signal?: AbortSignal } = {}): Promise<Staged> {
  makeFresh(job);
  const made = new Set<string>([job.outdir.host]);
  const [inOutdir, elsewhere] = [newCopying(signal), newCopying(signal)];
  for (let index = 0; index < job.staged.length; index++) {
    if (index % TURN === TURN - 1) {
      signal?.throwIfAborted();
      await new Promise(setImmediate);
    }
    const entry = job.staged[index] as StagedEntry;
    try {
      await put(entry, made, entry.at.startsWith(`${job.outdir.host}/`) ? inOutdir : elsewhere);
    } catch (cause) {
      if (signal?.aborted || isOfTheHost(cause)) throw cause;
      throw new JobError("staging", job.name, `${entry.at} could not be made: ${(cause as Error).message}`, { cause });
    }
  }
  const { bytes, files } = inOutdir;
  return { bytesCopied: inOutdir.bytesCopied + elsewhere.bytesCopied, inOutdir: { bytes, files } };
}

/** A disk that is full or broken, too many open files: nothing that the document could help. */
const isOfTheHost = (error: unknown): boolean =>
  ["ENOSPC", "EDQUOT", "EIO", "EROFS", "EMFILE", "ENFILE", "ENOMEM"].includes((error as NodeJS.ErrnoException).code ?? "");

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

async function put(entry: StagedEntry, made: Set<string>, copying: Copying): Promise<void> {
  copying.files++;
  if (entry.is === "directory") return makeDirectory(entry.at, made);
  makeDirectory(dirOf(entry.at), made);
  if (entry.is === "link") symlinkSync(entry.source, entry.at);
  else if (entry.is === "text") writeFileSync(entry.at, entry.text, { flag: "wx" });
  else if (entry.is === "copy") await copyTree(entry.source, entry.at, copying);
  else await shareTree(entry.source, entry.at, copying);
}

function makeDirectory(path: string, made: Set<string>): void {
  if (made.has(path)) return;
  mkdirSync(path, { recursive: true });
  made.add(path);
}
