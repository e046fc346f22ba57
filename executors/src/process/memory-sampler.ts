import type { JobLimits } from "../job.ts";
import { allStats, isAlive, type ProcessIdentity } from "./tree.ts";

/** A limit that a job is over, with its figure in the unit of `JobLimits`. */
export interface SampledExcess {
  why: "out of memory" | "too many processes";
  limit: number;
}

interface SampledJob {
  main: () => ProcessIdentity | undefined;
  limits: JobLimits;
  peakBytes: number;
}

/** What a process and all that descend from it have. */
interface Sum {
  bytes: number;
  processes: number;
}

/**
 * The memory and the processes of jobs on hosts without control groups, by looking twice a second: a peak between two
 * looks is missed, and a job that ends before the first has no figure.
 */
export class MemorySampler {
  readonly #watched = new Map<string, SampledJob>();
  readonly #note: (id: string, peakBytes: number) => void;
  readonly #tell: (id: string, excess: SampledExcess) => void;
  readonly #timer: NodeJS.Timeout;

  /**
   * @param note hears of every new peak that is worth keeping
   * @param tell hears of jobs that have more than they may
   */
  constructor(note: (id: string, peakBytes: number) => void, tell: (id: string, excess: SampledExcess) => void) {
    this.#note = note;
    this.#tell = tell;
    this.#timer = setInterval(() => this.#look(), 500).unref();
  }

  watch(id: string, main: () => ProcessIdentity | undefined, limits: JobLimits = {}): void {
    this.#watched.set(id, { main, limits, peakBytes: 0 });
  }

  forget(id: string): void {
    this.#watched.delete(id);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    if (this.#watched.size === 0) return;
    const sums = sumsOfTrees();
    for (const [id, job] of this.#watched) {
      const main = job.main();
      const sum = (main && isAlive(main) && sums.get(main.pid)) || { bytes: 0, processes: 0 };
      // A few per cent more are not worth a write.
      if (sum.bytes > job.peakBytes * 1.02) {
        job.peakBytes = sum.bytes;
        this.#note(id, sum.bytes);
      }
      const excess = excessOf(sum, job.limits);
      if (excess) this.#tell(id, excess);
    }
  }
}

function excessOf({ bytes, processes }: Sum, limits: JobLimits): SampledExcess | undefined {
  if (limits.memoryMiB !== undefined && bytes > limits.memoryMiB * 2 ** 20)
    return { why: "out of memory", limit: limits.memoryMiB };
  if (limits.processes !== undefined && processes > limits.processes)
    return { why: "too many processes", limit: limits.processes };
  return undefined;
}

/** Each process adds to itself and to all it descends from. */
function sumsOfTrees(): Map<number, Sum> {
  const stats = new Map(allStats().map((stat) => [stat.pid, stat]));
  const sums = new Map<number, Sum>();
  for (const { pid, residentBytes } of stats.values()) {
    for (let at: number | undefined = pid; at; at = stats.get(at)?.parent) {
      const sum = sums.get(at) ?? { bytes: 0, processes: 0 };
      sums.set(at, { bytes: sum.bytes + residentBytes, processes: sum.processes + 1 });
    }
  }
  return sums;
}
