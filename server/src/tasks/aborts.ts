import type { Database, Tx } from "../db/database.ts";
import { sendNotice } from "../db/pg-notifications.ts";
import { enqueue } from "../queue/queue.ts";
import { type ActiveChild, activeChildren } from "./batches/queries.ts";
import { announceTask } from "./dispatch/dispatcher.ts";
import { lockTask } from "./queries.ts";
import { isFinal, moveTask, moveTasks } from "./states.ts";

/** The notice that a task shall be aborted; its payload is the task's id. */
export const ABORT_NOTICE = "task_abort";

/** The work item that aborts the children of a batch. */
export const ABORT_BATCH = "abort-batch";

/** Puts the abort of a batch's children into the queue, once. */
export const enqueueBatchAbort = (db: Parameters<typeof enqueue>[0], taskId: string): Promise<void> =>
  enqueue(db, ABORT_BATCH, { taskId }, { key: `abort ${taskId}` });

/** Children that are looked at in one round. */
const CHILDREN_AT_ONCE = 1000;

/**
 * Aborts a task in the caller's transaction, or answers false when it is in no state for that. One that runs is ABORTING
 * until its processes are gone, a batch until its children have ended.
 */
export async function abortTask(tx: Tx, id: string): Promise<boolean> {
  const task = await lockTask(tx, id);
  if (!task || isFinal(task.status) || task.status === "DRAFT" || task.status === "ABORTING") return false;
  if (task.batch_by !== null) {
    await moveTask(tx, id, "ABORTING");
    await enqueueBatchAbort(tx, id);
    return true;
  }
  // Nobody has begun with it: there is nothing to stop.
  if (task.status === "QUEUED" && task.driver === null) return moveTask(tx, id, "ABORTED", { ended_at: new Date() });
  await moveTask(tx, id, "ABORTING");
  await announceTask(tx);
  await sendNotice(tx, ABORT_NOTICE, id);
  return true;
}

/**
 * Aborts the children of a batch that is ABORTING. Never in the transaction that moved the batch: whatever moves a child
 * locks first the child, then the batch, and two that lock in different orders would wait for each other.
 */
export async function abortChildren(db: Database, parentId: string): Promise<void> {
  for (let children: ActiveChild[] = []; ; ) {
    children = await activeChildren(db, parentId, CHILDREN_AT_ONCE);
    if (children.length === 0) break;
    const waiting = children.filter(({ driver }) => driver === null).map(({ id }) => id);
    await moveTasks(db, waiting, "ABORTED", { ended_at: new Date() }, { driver: null });
    for (const { id, driver } of children) {
      if (driver !== null) await db.transaction().execute((tx) => abortTask(tx, id));
    }
  }
  await db.transaction().execute(async (tx) => {
    const parent = await lockTask(tx, parentId);
    // One that was aborted before it had children: there is none whose end would end it.
    if (parent?.status === "ABORTING" && parent.children_total === 0)
      await moveTask(tx, parentId, "ABORTED", { ended_at: new Date() });
  });
}
