/** One level of whose share something is taken from: a billing group, a project, a user, a task. */
export interface ShareLevel {
  readonly id: string;
  /** How large its share is among those of the same level; 1 where nothing is said. */
  readonly weight: number;
}

/** From the outside in: billing group, project, user, task. Everything without a path shares one. */
export type SharePath = readonly ShareLevel[];

/**
 * How much of something that is scarce each share has in use, and whose turn is next: that of the billing group which
 * has the least in use for its weight; within it of such a project, of such a user, and so on. Where two have equally
 * much, it is the turn of the one that has had less over time (start-time fair queueing): who was away gathers no credit.
 *
 * Decides, and does nothing. A level is known while something of it waits or is in use.
 */
export class ShareTree {
  readonly #root: Share;
  readonly #now: () => number;
  #made = 0;

  /** @param now in seconds, from any beginning */
  constructor(now: () => number = () => performance.now() / 1000) {
    this.#now = now;
    this.#root = new Share(0, now());
  }

  /** Something of this path begins to wait (1), or ceases to (-1). */
  wait(path: SharePath, by: 1 | -1): void {
    this.#change(path, (share) => {
      share.waiting += by;
    });
  }

  /** So much more (or, below 0, less) is in use. */
  use(path: SharePath, amount: number): void {
    const now = this.#now();
    this.#change(path, (share) => share.use(amount, now));
  }

  /** What is in use below a path. */
  inUse(path: SharePath): number {
    return this.#find(path)?.inUse ?? 0;
  }

  /** Negative: `a` comes before `b`; 0: they have the same path. Both wait, or use something. */
  compare(a: SharePath, b: SharePath): number {
    const now = this.#now();
    let share: Share | undefined = this.#root;
    for (let level = 0; level < Math.min(a.length, b.length); level++) {
      const one: Share | undefined = share?.children.get(a[level]!.id);
      if (a[level]!.id === b[level]!.id) {
        share = one;
        continue;
      }
      const other = share?.children.get(b[level]!.id);
      if (!one || !other) return 0;
      return one.load - other.load || one.hasHad(now) - other.hasHad(now) || one.number - other.number;
    }
    return a.length - b.length;
  }

  #find(path: SharePath): Share | undefined {
    let share: Share | undefined = this.#root;
    for (const { id } of path) share = share?.children.get(id);
    return share;
  }

  #change(path: SharePath, change: (share: Share) => void): void {
    const now = this.#now();
    let share = this.#root;
    change(share);
    const visited: { parent: Share; id: string; share: Share }[] = [];
    for (const { id, weight } of path) {
      const parent: Share = share;
      share = parent.children.get(id) ?? parent.addChild(id, ++this.#made, now);
      share.setWeight(weight, now);
      change(share);
      visited.push({ parent, id, share });
    }
    for (const { parent, id, share } of visited) if (share.isIdle) parent.children.delete(id);
  }
}

/** Less is no use but the rounding of sums. */
const LEAST = 1e-9;

class Share {
  readonly children = new Map<string, Share>();
  /** Those that came earlier have lower ones. */
  readonly number: number;
  waiting = 0;
  inUse = 0;
  #weight = 1;
  /** Amount × seconds / weight, up to `#at`. */
  #had: number;
  #at: number;

  constructor(number: number, now: number, had = 0) {
    this.number = number;
    this.#at = now;
    this.#had = had;
  }

  get isIdle(): boolean {
    return this.waiting <= 0 && this.inUse === 0;
  }

  get load(): number {
    return this.inUse / this.#weight;
  }

  hasHad(now: number): number {
    return this.#had + this.load * (now - this.#at);
  }

  use(amount: number, now: number): void {
    this.#settle(now);
    const inUse = this.inUse + amount;
    this.inUse = inUse < LEAST ? 0 : inUse;
  }

  setWeight(weight: number, now: number): void {
    if (weight === this.#weight) return;
    this.#settle(now);
    this.#weight = weight;
  }

  /** One that comes back begins where those are that have had the least. */
  addChild(id: string, number: number, now: number): Share {
    let least = Number.POSITIVE_INFINITY;
    for (const other of this.children.values()) least = Math.min(least, other.hasHad(now));
    const share = new Share(number, now, Number.isFinite(least) ? least : 0);
    this.children.set(id, share);
    return share;
  }

  #settle(now: number): void {
    this.#had = this.hasHad(now);
    this.#at = now;
  }
}
