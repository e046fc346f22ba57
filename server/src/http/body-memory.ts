import { ApiError } from "./errors.ts";

/** What the body of one request takes. */
export interface BodyShare {
  /** Takes so many bytes more. @throws ApiError `rateLimitExceeded` when they are not to be had */
  grow(bytes: number): void;
  /** The body has been read: from here on it is not given up for others. */
  read(): void;
  /** Gives everything back. Safe to do again. */
  release(): void;
}

interface Share {
  readonly owner: string;
  readonly giveUp: (error: ApiError) => void;
  bytes: number;
  isRead: boolean;
}

/** The setting that sets the sum: the message names it. */
const VARIABLE = "CAUSEWAY_BODIES_MIB";

/**
 * The memory of all bodies of requests together, from their first byte to the answer: many slow clients hold as much as
 * they have sent. When it is full, who holds most gives way, with the largest body that is still on its way: so the many
 * bodies of one sender never keep out another's small one.
 */
export class BodyMemory {
  readonly #most: number;
  #taken = 0;
  readonly #owners = new Map<string, Set<Share>>();

  /** @param most bytes of all bodies together */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * @param owner whose request it is: a user, or an address where that is not known
   * @param giveUp hears, at most once, that the body must make room: why
   */
  open(owner: string, giveUp: (error: ApiError) => void): BodyShare {
    const share: Share = { owner, giveUp, bytes: 0, isRead: false };
    const shares = this.#owners.get(owner) ?? new Set();
    this.#owners.set(owner, shares.add(share));
    return {
      grow: (bytes) => this.#grow(share, bytes),
      read: () => {
        share.isRead = true;
      },
      release: () => this.#release(share),
    };
  }

  #grow(share: Share, bytes: number): void {
    while (this.#taken + bytes > this.#most) {
      const largest = this.#largest(share, bytes);
      if (largest === share) throw this.#refusal();
      this.#release(largest);
      largest.giveUp(this.#refusal());
    }
    this.#taken += bytes;
    share.bytes += bytes;
  }

  /** The body that gives way when `share` wants so many bytes more: itself, where nobody else has more. */
  #largest(share: Share, bytes: number): Share {
    let [largest, most] = [share, sumOf(this.#owners.get(share.owner) ?? []) + bytes];
    for (const [owner, shares] of this.#owners) {
      const onTheWay = [...shares].filter(({ isRead }) => !isRead);
      const sum = sumOf(shares);
      if (onTheWay.length === 0 || owner === share.owner || sum <= most) continue;
      most = sum;
      largest = onTheWay.reduce((one, other) => (other.bytes > one.bytes ? other : one));
    }
    return largest;
  }

  #release(share: Share): void {
    const shares = this.#owners.get(share.owner);
    if (!shares?.delete(share)) return;
    this.#taken -= share.bytes;
    if (shares.size === 0) this.#owners.delete(share.owner);
  }

  #refusal(): ApiError {
    const mib = Math.floor(this.#most / 2 ** 20);
    return new ApiError(
      "rateLimitExceeded",
      `The bodies of the requests that are being read may take ${mib} MiB together (${VARIABLE}), and yours take most of it: send fewer at once.`,
    );
  }
}

const sumOf = (shares: Iterable<Share>): number => {
  let sum = 0;
  for (const { bytes } of shares) sum += bytes;
  return sum;
};
