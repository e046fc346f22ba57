import type { JobShare } from "../job.ts";
import { type SharePath, ShareTree } from "../share-tree.ts";

/** What a job reserves while it runs. */
export interface Reservation {
  cores: number;
  ramMiB: number;
}

const NO_ROOM = { cores: "no free core", memory: "no free memory", larger: "behind a larger job" };

/** Whether a job that waits for this reason waits for other jobs: for the cores or the memory that they have. */
export const isForRoom = (reason: string): boolean => Object.values(NO_ROOM).includes(reason);

/** Jobs of which nobody says whose they are share one path. */
const NOBODYS: JobShare = { path: [] };

/**
 * The cores and memory of a machine, given out to jobs by whose turn it is (`ShareTree`, by cores in use).
 *
 * A job that fits may overtake one whose turn it is and which does not fit, so that nothing stands idle; once that has
 * been overtaken `MAX_OVERTAKEN` times, or has been the next for `LONGEST_NEXT_SECONDS`, what becomes free is kept for
 * it: large jobs do not starve. A job that asks for more than the machine has counts as asking for all of it, and runs
 * alone.
 *
 * Small jobs do not starve behind long ones either: a user who has nothing running gets a first job started although no
 * core is free, as long as its memory is: the kernel shares the cores then. `beyond` says how many cores may be given out
 * in this way.
 */
export class Slots {
  readonly #total: Reservation;
  readonly #free: Reservation;
  #beyond: number;
  readonly #shares: ShareTree;
  readonly #now: () => number;
  readonly #held = new Map<string, Held>();
  readonly #waiting = new Map<string, Waiting>();
  /** The waiting jobs by path, each in their order. */
  readonly #queues = new Map<string, Waiting[]>();
  readonly #runningOf = new Map<string, number>();

  /** @param now in seconds, from any beginning */
  constructor(
    total: Reservation,
    { beyond = 0, now = () => performance.now() / 1000 }: { beyond?: number; now?: () => number } = {},
  ) {
    this.#total = total;
    this.#free = { ...total };
    this.#beyond = beyond;
    this.#now = now;
    this.#shares = new ShareTree(now);
  }

  /** Calls `start` once, as soon as there is room, perhaps at once. An id that waits or holds already is left as it is. */
  ask(id: string, wanted: Reservation, start: () => void, share: JobShare = NOBODYS): void {
    if (this.#held.has(id) || this.#waiting.has(id)) return;
    this.#enqueue({ id, claim: this.#clamp(wanted), share, overtaken: 0, nextSince: undefined, start });
    this.#admit();
  }

  /** Takes room for a job that runs already, even where there is none left. */
  occupy(id: string, wanted: Reservation, share: JobShare = NOBODYS): void {
    if (!this.#held.has(id)) this.#hold(id, { claim: this.#clamp(wanted), share, isBeyond: false });
  }

  /** Gives back what the job held, or takes it out of the queue; false when it did neither hold nor wait. */
  release(id: string): boolean {
    const waiting = this.#waiting.get(id);
    const held = this.#held.get(id);
    if (waiting) this.#dequeue(waiting);
    if (held) this.#giveBack(id, held);
    if (!waiting && !held) return false;
    this.#admit();
    return true;
  }

  /** What a waiting job waits for; `undefined` for one that does not wait. */
  reason(id: string): string | undefined {
    const job = this.#waiting.get(id);
    if (!job) return undefined;
    if (job.claim.cores > this.#free.cores) return NO_ROOM.cores;
    if (job.claim.ramMiB > this.#free.ramMiB) return NO_ROOM.memory;
    return NO_ROOM.larger;
  }

  #admit(): void {
    const started: Waiting[] = [];
    for (let next = this.#next(); next; next = this.#next()) {
      const { job, passed, isBeyond } = next;
      for (const other of passed) other.overtaken += 1;
      this.#hold(job.id, { claim: job.claim, share: job.share, isBeyond });
      this.#dequeue(job);
      started.push(job);
    }
    for (const { start } of started) start();
  }

  /** The job to start now, with those whose turn it was before and which do not fit. */
  #next(): { job: Waiting; passed: Waiting[]; isBeyond: boolean } | undefined {
    if (this.#waiting.size === 0) return undefined;
    const queues = [...this.#queues.values()].sort(([a], [b]) => this.#shares.compare(a!.share.path, b!.share.path));
    const first = queues[0]![0]!;
    if (!this.#isOverdue(first, first)) this.#countAsOrdinary();
    // Without a free core only a first job of somebody can start.
    const isFull = this.#free.cores <= 0;
    if (!isFull) first.nextSince ??= this.#now();
    const passed: Waiting[] = [];
    let keptFor: Waiting | undefined;
    for (const queue of queues) {
      for (const job of isFull ? queue.slice(0, 1) : queue.slice(0, LOOKED_AT)) {
        if (!keptFor && this.#fits(job.claim)) return { job, passed, isBeyond: false };
        if (this.#mayGoBeyond(job, keptFor)) return { job, passed: [], isBeyond: true };
        passed.push(job);
        if (!keptFor && this.#isOverdue(job, first)) keptFor = job;
      }
    }
    return undefined;
  }

  /** Whether smaller jobs have passed it for long enough. */
  #isOverdue(job: Waiting, first: Waiting): boolean {
    if (job.overtaken >= MAX_OVERTAKEN) return true;
    return job === first && job.nextSince !== undefined && this.#now() - job.nextSince >= LONGEST_NEXT_SECONDS;
  }

  #mayGoBeyond({ claim, share: { user } }: Waiting, keptFor: Waiting | undefined): boolean {
    if (user === undefined || this.#runningOf.has(user)) return false;
    if (keptFor && keptFor.claim.ramMiB > this.#free.ramMiB) return false;
    return claim.cores <= this.#beyond && claim.ramMiB <= this.#free.ramMiB;
  }

  /** Cores that have become free are first those of jobs that were started without any. */
  #countAsOrdinary(): void {
    for (const held of this.#held.values()) {
      if (!held.isBeyond || held.claim.cores > this.#free.cores) continue;
      held.isBeyond = false;
      this.#free.cores = exact(this.#free.cores - held.claim.cores);
      this.#beyond = exact(this.#beyond + held.claim.cores);
    }
  }

  #fits({ cores, ramMiB }: Reservation): boolean {
    return cores <= this.#free.cores && ramMiB <= this.#free.ramMiB;
  }

  #hold(id: string, held: Held): void {
    this.#held.set(id, held);
    this.#take(held, 1);
    const { user } = held.share;
    if (user !== undefined) this.#runningOf.set(user, (this.#runningOf.get(user) ?? 0) + 1);
  }

  #giveBack(id: string, held: Held): void {
    this.#held.delete(id);
    this.#take(held, -1);
    const { user } = held.share;
    if (user === undefined) return;
    const left = this.#runningOf.get(user)! - 1;
    if (left > 0) this.#runningOf.set(user, left);
    else this.#runningOf.delete(user);
  }

  #take({ claim: { cores, ramMiB }, share, isBeyond }: Held, sign: 1 | -1): void {
    this.#shares.use(share.path, sign * cores);
    this.#free.ramMiB = exact(this.#free.ramMiB - sign * ramMiB);
    if (isBeyond) this.#beyond = exact(this.#beyond - sign * cores);
    else this.#free.cores = exact(this.#free.cores - sign * cores);
  }

  #enqueue(job: Waiting): void {
    this.#waiting.set(job.id, job);
    this.#shares.wait(job.share.path, 1);
    const key = keyOf(job.share.path);
    const queue = this.#queues.get(key) ?? [];
    this.#queues.set(key, queue);
    const before = queue.findLastIndex(({ share: { order = 0 } }) => order <= (job.share.order ?? 0));
    queue.splice(before + 1, 0, job);
  }

  #dequeue(job: Waiting): void {
    this.#waiting.delete(job.id);
    this.#shares.wait(job.share.path, -1);
    const key = keyOf(job.share.path);
    const queue = this.#queues.get(key)!;
    queue.splice(queue.indexOf(job), 1);
    if (queue.length === 0) this.#queues.delete(key);
  }

  #clamp(wanted: Reservation): Reservation {
    return { cores: Math.min(wanted.cores, this.#total.cores), ramMiB: Math.min(wanted.ramMiB, this.#total.ramMiB) };
  }
}

interface Held {
  claim: Reservation;
  share: JobShare;
  /** Started although no core was free. */
  isBeyond: boolean;
}

interface Waiting {
  readonly id: string;
  readonly claim: Reservation;
  readonly share: JobShare;
  /** How often a job whose turn came later was started before it. */
  overtaken: number;
  /** Since when it was its turn and it did not fit. */
  nextSince: number | undefined;
  start(): void;
}

/** After so many jobs that came later, a waiting job lets no more of them pass. */
const MAX_OVERTAKEN = 20;
/** Nor after it has been the next for so long. */
const LONGEST_NEXT_SECONDS = 60;
/** Jobs of one path among which one is looked for that fits. */
const LOOKED_AT = 50;

/** Sums of fractions of cores without what rounding leaves: a core that is free is whole. */
const exact = (amount: number): number => Math.round(amount * 1e6) / 1e6;

const keyOf = (path: SharePath): string => JSON.stringify(path.map(({ id }) => id));
