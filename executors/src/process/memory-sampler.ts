import { allStats, isAlive, type ProcessIdentity } from "./tree.ts";

/**
 * The memory of jobs on hosts without control groups, by looking twice a second: a peak between two looks is missed, and
 * a job that ends before the first has no figure.
 */
export class MemorySampler {
  readonly #watched = new Map<string, { main: () => ProcessIdentity | undefined; peakBytes: number }>();
  readonly #note: (id: string, peakBytes: number) => void;
  readonly #timer: NodeJS.Timeout;

  /** @param note hears of every new peak that is worth keeping */
  constructor(note: (id: string, peakBytes: number) => void) {
    this.#note = note;
    this.#timer = setInterval(() => this.#look(), 500).unref();
  }

  watch(id: string, main: () => ProcessIdentity | undefined): void {
    this.#watched.set(id, { main, peakBytes: 0 });
  }

  forget(id: string): void {
    this.#watched.delete(id);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    if (this.#watched.size === 0) return;
    const stats = new Map(allStats().map((stat) => [stat.pid, stat]));
    const sums = new Map<number, number>();
    // Each process adds to itself and to all it descends from.
    for (const { pid, residentBytes } of stats.values()) {
      for (let at: number | undefined = pid; at; at = stats.get(at)?.parent) sums.set(at, (sums.get(at) ?? 0) + residentBytes);
    }
    for (const [id, job] of this.#watched) {
      const main = job.main();
      const bytes = main && isAlive(main) ? (sums.get(main.pid) ?? 0) : 0;
      // A few per cent more are not worth a write.
      if (bytes <= job.peakBytes * 1.02) continue;
      job.peakBytes = bytes;
      this.#note(id, bytes);
    }
  }
}
