/**
 * The connections of one process that are not in its pool, by whose they are: `CAUSEWAY_DATABASE_CONNECTIONS` counts all. The
 * pool has what is left.
 */
const BESIDE_THE_POOL = {
  /** What the queue's library works with. */
  queue: 8,
  /** The lock by which others see that this worker is alive. */
  membership: 1,
  /** LISTEN. */
  notifications: 1,
  /** Held while stored bytes are read once more. */
  scrub: 1,
};

export const QUEUE_CONNECTIONS = BESIDE_THE_POOL.queue;

const beside = Object.values(BESIDE_THE_POOL).reduce((sum, count) => sum + count, 0);

/** The fewest with which a process works: some requests and tasks must find one in the pool. */
export const FEWEST_CONNECTIONS = beside + 4;

/** How many the pool may have of all that a process may. */
export const poolOf = (connections: number): number => connections - beside;
