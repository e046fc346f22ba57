import { availableParallelism } from "node:os";
import { setImmediate as afterOthers } from "node:timers/promises";
import { type JobShare, Slots } from "@causeway/executors";

/** Pieces of work of one process at once, besides one for each core; each user who has none gets one more. */
const AT_ONCE = 2;

/**
 * Gives out turns for what this process itself does for tasks: to build and stage jobs, to collect and store outputs. A
 * workflow that has 300 jobs ready at once would otherwise have 300 pieces of work before anybody else's. Between two
 * pieces the process answers what has come in meanwhile: much of the work uses the disk synchronously.
 */
export class Turns {
  readonly #slots = new Slots({ cores: AT_ONCE + availableParallelism(), ramMiB: 0 }, { beyond: Number.POSITIVE_INFINITY });
  #taken = 0;

  /**
   * Does the work when it is its turn. The work must not wait for another turn.
   *
   * @throws the signal's reason, when that aborts while it is waited for the turn; what the work throws
   */
  async take<T>(share: JobShare, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const id = String(++this.#taken);
    try {
      await this.#begin(id, share, signal);
      await afterOthers();
      return await work();
    } finally {
      this.#slots.release(id);
    }
  }

  async #begin(id: string, share: JobShare, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    this.#slots.ask(id, { cores: 1, ramMiB: 0 }, resolve, share);
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }
}
