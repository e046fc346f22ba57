import type { Database } from "../../db/database.ts";
import { partsOf, type TaskQueue } from "./choice.ts";
import { placesInQueues, taskQueues } from "./queries.ts";

/** Nobody wants to know more exactly how many are before a task. */
export const COUNTED = 1000;
/** For so long the lengths of all queues are remembered. */
const REMEMBERED_MS = 1000;

/** A task that waits: in which queue, and how many of that come earlier. */
export interface QueuedTask {
  id: string;
  queue: Pick<TaskQueue, "project" | "user" | "batch">;
  earlier: number;
}

/** How many tasks are driven before each of those that wait, by id. */
export type TasksBefore = ReadonlyMap<string, number>;

/** Tells of tasks how many are before them; those that do not wait are left out. */
export function createQueuePositions(db: Database) {
  let known: { until: number; queues: Promise<TaskQueue[]> } | undefined;

  /** The same for everybody who asks within a second. */
  function queues(): Promise<TaskQueue[]> {
    if (known && known.until > Date.now()) return known.queues;
    const asked = taskQueues(db, 0, COUNTED);
    known = { until: Date.now() + REMEMBERED_MS, queues: asked };
    asked.catch(() => {
      known = undefined;
    });
    return asked;
  }

  return async (
    tasks: readonly { id: string; status: string; driver: number | null; batch_by: unknown }[],
  ): Promise<TasksBefore> => {
    const waiting = tasks.filter(({ status, driver, batch_by }) => status === "QUEUED" && driver === null && batch_by === null);
    if (waiting.length === 0) return NONE;
    const places = await placesInQueues(
      db,
      waiting.map(({ id }) => id),
      COUNTED,
    );
    return tasksBefore(places, await queues());
  };
}

const NONE: TasksBefore = new Map();

/**
 * How many of all that wait now come before each task, if nobody else submits any and all take equally long. A queue has
 * its turn before another's next task while it has less in use for its share: (driven + k) / share < (driven + earlier) /
 * share of the other.
 */
export function tasksBefore(places: readonly QueuedTask[], queues: readonly TaskQueue[]): TasksBefore {
  const parts = partsOf(queues).queue;
  const partOf = (queue: TaskQueue) => parts.get(queue)!;
  return new Map(
    places.map(({ id, queue, earlier }) => {
      const own = queues.find(
        ({ project, user, batch }) => project === queue.project && user === queue.user && batch === queue.batch,
      );
      if (!own) return [id, earlier];
      const load = (own.driven + earlier) / partOf(own);
      const ofOthers = queues.map((other) => {
        if (other === own) return 0;
        return Math.min(other.waiting, Math.max(0, Math.ceil(load * partOf(other) - other.driven - 1e-9)));
      });
      return [id, ofOthers.reduce((sum, count) => sum + count, earlier)];
    }),
  );
}
