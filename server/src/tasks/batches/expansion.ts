import type { AppService } from "../../apps/service.ts";
import type { Database } from "../../db/database.ts";
import { enqueue } from "../../queue/queue.ts";
import { announceTask } from "../dispatch/dispatcher.ts";
import { lockTask } from "../queries.ts";
import { moveTask } from "../states.ts";
import { childrenOf } from "./groups.ts";
import { insertChildren } from "./queries.ts";

/** The work item that makes the children of a batch. */
export const EXPAND_BATCH = "expand-batch";

/** Puts the making of a batch's children into the queue, once. */
export const enqueueExpansion = (db: Parameters<typeof enqueue>[0], taskId: string): Promise<void> =>
  enqueue(db, EXPAND_BATCH, { taskId }, { key: `expand ${taskId}` });

/** Rows in one statement: the text of a thousand children with files is some megabytes. */
const CHILDREN_AT_ONCE = 1000;

/**
 * Makes and submits the children of a batch that was run: all of them in one transaction, so that a crash leaves none or
 * all. A batch that is not CREATING any more is left alone.
 */
export async function expandBatch({ db, apps }: { db: Database; apps: AppService }, taskId: string): Promise<void> {
  const parent = await db.selectFrom("tasks").selectAll().where("id", "=", taskId).executeTakeFirst();
  if (parent?.status !== "CREATING") return;
  const app = await apps.compiled(parent.app_revision_id, { user: parent.executed_by ?? parent.created_by, isForTask: true });
  const batching = { input: parent.batch_input!, by: parent.batch_by! };
  const port = app.process.inputs.find(({ id }) => id === batching.input)!;
  const children = childrenOf({ ...parent, engineInputs: parent.engine_inputs! }, batching, port);
  await db.transaction().execute(async (tx) => {
    if ((await lockTask(tx, taskId))?.status !== "CREATING") return;
    for (let at = 0; at < children.length; at += CHILDREN_AT_ONCE)
      await insertChildren(tx, taskId, at, children.slice(at, at + CHILDREN_AT_ONCE));
    await announceTask(tx);
    const counts = { children_total: children.length, children_queued: children.length };
    // The children have their parts of these now, and lists of tasks need not carry the whole.
    await moveTask(tx, taskId, "QUEUED", { ...counts, engine_inputs: null });
  });
}
