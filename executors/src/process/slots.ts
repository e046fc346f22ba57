/** What a job reserves while it runs. */
export interface Claim {
  cores: number;
  ramMiB: number;
}

/**
 * The cores and memory of this host, given out to jobs: first come, first served, except that a job which fits may
 * overtake one which does not, at most `MAX_OVERTAKEN` times, so that large jobs do not starve. A job that asks for
 * more than the host has counts as asking for all of it, and runs alone.
 */
export class Slots {
  readonly #total: Claim;
  #free: Claim;
  readonly #held = new Map<string, Claim>();
  readonly #queue: { id: string; claim: Claim; overtaken: number; start: () => void }[] = [];

  constructor(total: Claim) {
    this.#total = total;
    this.#free = { ...total };
  }

  /** Calls `start` once, as soon as there is room, perhaps at once. An id that waits or holds already is left as it is. */
  ask(id: string, wanted: Claim, start: () => void): void {
    if (this.#held.has(id) || this.#queue.some((entry) => entry.id === id)) return;
    this.#queue.push({ id, claim: this.#clamp(wanted), overtaken: 0, start });
    this.#admit();
  }

  /** Takes room for a job that runs already, even where there is none left. */
  occupy(id: string, wanted: Claim): void {
    if (!this.#held.has(id)) this.#hold(id, this.#clamp(wanted));
  }

  /** Gives back what the job held, or takes it out of the queue; false when it did neither hold nor wait. */
  release(id: string): boolean {
    const place = this.#queue.findIndex((entry) => entry.id === id);
    const claim = this.#held.get(id);
    if (place < 0 && !claim) return false;
    if (place >= 0) this.#queue.splice(place, 1);
    if (claim) {
      this.#held.delete(id);
      this.#free = { cores: this.#free.cores + claim.cores, ramMiB: this.#free.ramMiB + claim.ramMiB };
    }
    this.#admit();
    return true;
  }

  /** What a waiting job waits for; `undefined` for one that does not wait. */
  reason(id: string): string | undefined {
    const entry = this.#queue.find((waiting) => waiting.id === id);
    if (!entry) return undefined;
    if (entry.claim.cores > this.#free.cores) return "no free core";
    if (entry.claim.ramMiB > this.#free.ramMiB) return "no free memory";
    return "behind a larger job";
  }

  #admit(): void {
    const startable: (() => void)[] = [];
    for (let place = 0; place < this.#queue.length; ) {
      const entry = this.#queue[place]!;
      if (this.#fits(entry.claim)) {
        this.#queue.splice(place, 1);
        this.#hold(entry.id, entry.claim);
        for (const overtaken of this.#queue.slice(0, place)) overtaken.overtaken += 1;
        startable.push(entry.start);
      } else if (entry.overtaken >= MAX_OVERTAKEN) break;
      else place += 1;
    }
    for (const start of startable) start();
  }

  #fits(claim: Claim): boolean {
    return claim.cores <= this.#free.cores && claim.ramMiB <= this.#free.ramMiB;
  }

  #hold(id: string, claim: Claim): void {
    this.#held.set(id, claim);
    this.#free = { cores: this.#free.cores - claim.cores, ramMiB: this.#free.ramMiB - claim.ramMiB };
  }

  #clamp(wanted: Claim): Claim {
    return { cores: Math.min(wanted.cores, this.#total.cores), ramMiB: Math.min(wanted.ramMiB, this.#total.ramMiB) };
  }
}

/** After so many jobs that came later, a waiting job lets no more of them pass. */
const MAX_OVERTAKEN = 20;
