import type { Executor, JobResult, JobStatus } from "@causeway/executors";
import type { AgentLog } from "../log.ts";

const POLL_EVERY_MS = 500;
/** Jobs in one round where the executor tells of changes: the rounds are for what it could not tell. */
const POLLED_AT_ONCE = 50;

/** What a waiting caller hears before the end. For people to see: where it fails, the job goes on and the next tells more. */
export interface JobProgress {
  waiting(reason: string): Promise<unknown>;
  /** @param since ISO 8601 */
  running(since: string): Promise<unknown>;
}

/**
 * Waits for jobs of one executor: one poll for all of them in every round; where the executor says which have changed,
 * at once for those, and in every round for some of the others.
 */
export class JobWatch {
  readonly #executor: Executor;
  readonly #waiters = new Map<string, { end: (result: JobResult) => void; progress: JobProgress; last: string }>();
  readonly #timer: NodeJS.Timeout;
  readonly #log: AgentLog;
  #isReachable = true;
  #changed = new Set<string>();
  #isPolling = false;

  constructor(executor: Executor, log: AgentLog) {
    this.#executor = executor;
    this.#log = log;
    this.#timer = setInterval(() => this.#poll(this.#nextWaiters(executor.onChange ? POLLED_AT_ONCE : Infinity)), POLL_EVERY_MS);
    executor.onChange?.((id) => this.#poll([id]));
  }

  /** How the job ended, when it has. Rejects with the signal's reason when `signal` aborts; the job goes on. */
  async end(id: string, progress: JobProgress, signal: AbortSignal): Promise<JobResult> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiters.delete(id);
        reject(signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      const end = (result: JobResult) => {
        signal.removeEventListener("abort", onAbort);
        resolve(result);
      };
      this.#waiters.set(id, { end, progress, last: "" });
      this.#poll([id]);
    });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Those that were asked for longest ago. */
  #nextWaiters(atMost: number): string[] {
    const next = this.#waiters.entries().take(atMost).toArray();
    for (const [id, waiter] of next) {
      this.#waiters.delete(id);
      this.#waiters.set(id, waiter);
    }
    return next.map(([id]) => id);
  }

  /** One poll at a time: what changes meanwhile is asked for in the next. */
  #poll(ids: readonly string[]): void {
    for (const id of ids) if (this.#waiters.has(id)) this.#changed.add(id);
    if (this.#isPolling || this.#changed.size === 0) return;
    this.#isPolling = true;
    void this.#pollChanged().finally(() => {
      this.#isPolling = false;
      if (this.#changed.size > 0) this.#poll([]);
    });
  }

  async #pollChanged(): Promise<void> {
    const asked = [...this.#changed];
    this.#changed = new Set();
    let statuses: Map<string, JobStatus>;
    try {
      statuses = await this.#executor.poll(asked);
      this.#isReachable = true;
    } catch (error) {
      if (this.#isReachable) this.#log.warn({ err: error }, "jobs cannot be asked for; every round asks again");
      this.#isReachable = false;
      return;
    }
    for (const [id, status] of statuses) this.#tell(id, status);
  }

  #tell(id: string, status: JobStatus): void {
    const waiter = this.#waiters.get(id);
    if (!waiter) return;
    if (status.is !== "waiting" && status.is !== "running") {
      this.#waiters.delete(id);
      waiter.end(status);
      return;
    }
    const now = status.is === "waiting" ? status.reason : status.since;
    if (now === waiter.last) return;
    waiter.last = now;
    const { progress } = waiter;
    const told = status.is === "waiting" ? progress.waiting(status.reason) : progress.running(status.since);
    told.catch((error) => {
      // Nobody waits for it any more when its task was aborted meanwhile.
      if (this.#waiters.get(id) === waiter) this.#log.warn({ err: error, job: id }, "progress of a job could not be noted");
    });
  }
}
