import { isForRoom } from "@causeway/executors";
import type { Database } from "../../db/database.ts";
import type { OpenJobs } from "../queries.ts";
import { partsOf, type QueuedTask, type WaitingShare } from "./choice.ts";
import { jobQueues, placesOfJobs } from "./job-queues.ts";
import { placesInQueues, taskQueues } from "./queries.ts";

/** Nobody wants to know more exactly how many are before a task. */
export const COUNTED = 1000;
/** For so long the lengths of all queues are remembered. */
const REMEMBERED_MS = 1000;

/** By id: how many tasks are driven before each that waits, and how many jobs start before the jobs of one that runs. */
export type TasksBefore = ReadonlyMap<string, number>;

/** Tells of tasks how many are before them or their jobs; those that do not wait are left out. */
export function createQueuePositions(db: Database) {
  const queues = {
    tasks: rememberedBriefly(() => taskQueues(db, 0, COUNTED)),
    jobs: rememberedBriefly(() => jobQueues(db)),
  };
  const before = async (ids: string[], of: "tasks" | "jobs"): Promise<TasksBefore> => {
    if (ids.length === 0) return NONE;
    const places = of === "tasks" ? await placesInQueues(db, ids, COUNTED) : await placesOfJobs(db, ids, COUNTED);
    return tasksBefore(places, await queues[of]());
  };

  return async (
    tasks: readonly { id: string; status: string; driver: number | null; batch_by: unknown; open_jobs: OpenJobs | null }[],
  ): Promise<TasksBefore> => {
    const waiting = tasks.filter(({ status, driver, batch_by }) => status === "QUEUED" && driver === null && batch_by === null);
    const running = tasks.filter(({ status, open_jobs }) => status === "RUNNING" && isForRoom(open_jobs?.why ?? ""));
    const found = [
      before(
        waiting.map(({ id }) => id),
        "tasks",
      ),
      before(
        running.map(({ id }) => id),
        "jobs",
      ),
    ];
    return new Map((await Promise.all(found)).flatMap((some) => [...some]));
  };
}

const NONE: TasksBefore = new Map();

/** The same for everybody who asks within a second. */
function rememberedBriefly<T>(ask: () => Promise<T>): () => Promise<T> {
  let known: { until: number; answer: Promise<T> } | undefined;
  return () => {
    if (known && known.until > Date.now()) return known.answer;
    const answer = ask();
    known = { until: Date.now() + REMEMBERED_MS, answer };
    answer.catch(() => {
      known = undefined;
    });
    return answer;
  };
}

/**
 * How many of all that wait now come before each task, if nobody else submits any and all take equally long. A queue has
 * its turn before another's next task while it has less in use for its share: (driven + k) / share < (driven + earlier) /
 * share of the other; and of two that have equally much, the turn is that of the queue that waits for longer.
 */
export function tasksBefore(places: readonly QueuedTask[], queues: readonly WaitingShare[]): TasksBefore {
  const parts = partsOf(queues).queue;
  const partOf = (queue: WaitingShare) => parts.get(queue)!;
  return new Map(
    places.map(({ id, queue, earlier }) => {
      const own = queues.find(
        ({ project, user, batch }) => project === queue.project && user === queue.user && batch === queue.batch,
      );
      if (!own) return [id, earlier];
      const load = (own.driven + earlier) / partOf(own);
      const ofOthers = queues.map((other) => {
        if (other === own) return 0;
        const less = load * partOf(other) - other.driven;
        const isEqual = less > -LEAST && Math.abs(less - Math.round(less)) < LEAST && sinceOf(other) < sinceOf(own);
        return Math.min(other.waiting, Math.max(0, Math.ceil(less - LEAST)) + (isEqual ? 1 : 0));
      });
      return [id, ofOthers.reduce((sum, count) => sum + count, earlier)];
    }),
  );
}

/** Less is no difference but the rounding of sums. */
const LEAST = 1e-9;
const sinceOf = ({ since }: WaitingShare): number => since?.getTime() ?? Number.POSITIVE_INFINITY;
