import type { JobLimits } from "../job.ts";
import { isAlive, type ProcessIdentity, type ProcessStat, ProcessTable } from "./processes.ts";

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
  #isLooking = false;

  /**
   * @param note hears of every new peak that is worth keeping
   * @param tell hears of jobs that have more than they may
   */
  constructor(note: (id: string, peakBytes: number) => void, tell: (id: string, excess: SampledExcess) => void) {
    this.#note = note;
    this.#tell = tell;
    this.#timer = setInterval(() => void this.#look(), 500).unref();
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

  async #look(): Promise<void> {
    if (this.#watched.size === 0 || this.#isLooking) return;
    this.#isLooking = true;
    try {
      this.#judge(await ProcessTable.read());
    } catch {
      // There was no descriptor left to look with: the next look is half a second away.
    } finally {
      this.#isLooking = false;
    }
  }

  #judge(table: ProcessTable): void {
    for (const [id, job] of this.#watched) {
      const main = job.main();
      const sum = sumOf(main && isAlive(main) ? table.tree(main.pid) : []);
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

function sumOf(processes: readonly ProcessStat[]): Sum {
  return { bytes: processes.reduce((sum, { residentBytes }) => sum + residentBytes, 0), processes: processes.length };
}
