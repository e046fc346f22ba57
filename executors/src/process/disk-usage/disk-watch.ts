import { Worker } from "node:worker_threads";
import type { JobLimits, JobSpec } from "../../job.ts";
import { ProcessTable } from "../processes.ts";
import { whyFull } from "./free-space.ts";
import { type Measured, measure, type Question } from "./measure.ts";

/** The limit that a job is over, with its figure in the unit of `JobLimits`. */
export interface DiskExcess {
  why: "disk limit" | "too many files" | "disk full";
  /** Absent for a disk that is full. */
  limit?: number;
}

/** The processes of a job, as far as they are known. `table` reads those of the host, once for all jobs of a look. */
type JobPids = (table: () => Promise<ProcessTable>) => number[] | Promise<number[]>;

const LOOK_EVERY_MS = 1000;
/** Looking takes at most this part of the time: jobs with very many files are looked at more rarely. */
const SHARE_OF_TIME = 0.2;

/**
 * Looks once a second at what jobs have on the disk, and tells of those that are over their limits. Between two looks a
 * job can write more than it may, as much as the disk takes in a second; no single file can become larger than the
 * system's own limit lets it (`fileLimitKiB`).
 */
export class DiskWatch {
  readonly #watched = new Map<string, { job: JobSpec; pids: JobPids }>();
  readonly #tell: (id: string, excess: DiskExcess) => void;
  readonly #timer: NodeJS.Timeout;
  #thread: Worker | undefined;
  #askedAt = 0;
  #nextAt = 0;
  #isAsked = false;
  #isClosed = false;
  readonly #lastLooks = new Map<string, (measured: Measured) => void>();
  readonly #keepFreeBytes: number;

  constructor(keepFreeBytes: number, tell: (id: string, excess: DiskExcess) => void) {
    this.#keepFreeBytes = keepFreeBytes;
    this.#tell = tell;
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS).unref();
  }

  watch(job: JobSpec, pids: JobPids): void {
    if (isLimited(job.limits) || this.#keepFreeBytes > 0) this.#watched.set(job.id, { job, pids });
  }

  forget(id: string): void {
    this.#watched.delete(id);
  }

  /**
   * The last look, at a job that has ended: before anybody reads what it left. A few files are looked at here and now,
   * many in the thread.
   */
  async lastLook(job: JobSpec): Promise<DiskExcess | undefined> {
    if (!isLimited(job.limits)) return undefined;
    const question = questionOf(job, []);
    const quick = measure({ ...question, atMost: Math.min(question.atMost, FEW) });
    if (quick.files <= FEW || question.atMost <= FEW) return excessOf(quick, job.limits);
    const { promise, resolve } = Promise.withResolvers<Measured>();
    const id = `last look at ${job.id}`;
    this.#lastLooks.set(id, resolve);
    this.#thread ??= this.#start();
    this.#thread.postMessage([{ ...question, id }]);
    return excessOf(await promise, job.limits);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    void this.#thread?.terminate();
  }

  async #look(): Promise<void> {
    if (this.#watched.size === 0 || this.#isAsked || Date.now() < this.#nextAt) return;
    this.#isAsked = true;
    this.#askedAt = Date.now();
    const questions: Question[] = [];
    let read: Promise<ProcessTable> | undefined;
    const table = () => {
      read ??= ProcessTable.read();
      return read;
    };
    // Where they cannot be had, what files without a name take is seen by the next look.
    const known = async (pids: JobPids) => {
      try {
        return await pids(table);
      } catch {
        return [];
      }
    };
    for (const { job, pids } of [...this.#watched.values()]) questions.push(questionOf(job, await known(pids)));
    if (this.#isClosed) return;
    this.#thread ??= this.#start();
    this.#thread.postMessage(questions);
  }

  #start(): Worker {
    const thread = new Worker(new URL("./worker.ts", import.meta.url), { env: {}, stdin: false });
    thread.unref();
    thread.on("message", (measured: Measured[]) => this.#judge(measured));
    // The next look starts another.
    thread.on("error", () => {});
    thread.on("exit", () => {
      this.#thread = undefined;
      this.#isAsked = false;
      // What nobody could look at is taken as it is.
      for (const [id, answer] of this.#lastLooks) answer({ id, outdir: 0, tmpdir: 0, all: 0, files: 0 });
      this.#lastLooks.clear();
    });
    return thread;
  }

  #judge(measured: readonly Measured[]): void {
    const [first] = measured;
    const ask = first && this.#lastLooks.get(first.id);
    if (ask) {
      this.#lastLooks.delete(first.id);
      ask(first);
      return;
    }
    this.#isAsked = false;
    this.#nextAt = Date.now() + (Date.now() - this.#askedAt) * (1 / SHARE_OF_TIME - 1);
    for (const one of measured) {
      const excess = excessOf(one, this.#watched.get(one.id)?.job.limits);
      if (excess) this.#tell(one.id, excess);
    }
    this.#freeDisk(measured);
  }

  /** Ends the job that has most on a disk that is full, before nobody can write there any more; one a look. */
  #freeDisk(measured: readonly Measured[]): void {
    const large = measured.filter(({ id, all }) => {
      const job = this.#watched.get(id)?.job;
      return job && all > WORTH_ENDING && whyFull(job.outdir.host, this.#keepFreeBytes) !== undefined;
    });
    const [largest] = large.sort((a, b) => b.all - a.all);
    if (largest) this.#tell(largest.id, { why: "disk full" });
  }
}

/** The largest file that a job may make, in KiB; `undefined` when nothing limits it. */
export function fileLimitKiB(limits: JobLimits = {}): number | undefined {
  const { outdirMiB, tmpdirMiB, diskMiB } = limits;
  const whole = diskMiB ?? Number.POSITIVE_INFINITY;
  const largest = Math.max(Math.min(outdirMiB ?? whole, whole), Math.min(tmpdirMiB ?? whole, whole));
  return Number.isFinite(largest) ? Math.ceil(largest * 1024) + KEPT_FREE_KIB : undefined;
}

/** A directory may be as large as it may be: its only file is not refused its last block, but seen by the watch. */
const KEPT_FREE_KIB = 1024;

/** Files that are looked at within some milliseconds. */
const FEW = 500;

const isLimited = ({ outdirMiB, tmpdirMiB, diskMiB, files }: JobLimits = {}): boolean =>
  [outdirMiB, tmpdirMiB, diskMiB, files].some((limit) => limit !== undefined);

function questionOf({ id, outdir, tmpdir, stdout, stderr, limits }: JobSpec, pids: number[]): Question {
  const streams = [stdout, stderr].filter((path) => path !== undefined);
  const atMost = (limits?.files ?? Number.MAX_SAFE_INTEGER) + (limits?.staged?.files ?? 0);
  return { id, outdir: outdir.host, tmpdir: tmpdir.host, streams, pids, atMost };
}

function excessOf(measured: Measured, limits: JobLimits = {}): DiskExcess | undefined {
  const { staged = { bytes: 0, files: 0 } } = limits;
  const over = (bytes: number, limit: number | undefined): DiskExcess | undefined =>
    limit !== undefined && bytes > limit * MIB ? { why: "disk limit", limit } : undefined;
  if (limits.files !== undefined && measured.files - staged.files > limits.files)
    return { why: "too many files", limit: limits.files };
  return (
    over(measured.outdir - staged.bytes, limits.outdirMiB) ??
    over(measured.tmpdir, limits.tmpdirMiB) ??
    over(measured.all - staged.bytes, limits.diskMiB)
  );
}

const MIB = 2 ** 20;
/** A job that has less did not fill the disk. */
const WORTH_ENDING = 16 * MIB;
