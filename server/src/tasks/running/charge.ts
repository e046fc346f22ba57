import { timestamp } from "@causeway/contract";
import type { Ledger } from "../../billing/ledger.ts";
import type { Tx } from "../../db/database.ts";
import { releaseInstances, taskCost } from "../instances/queries.ts";

/**
 * Charges a task that the same transaction has ended for the instances it had, however it ended, gives those back, and
 * writes the price to it and to its batch. Jobs whose results came from an earlier task had none and cost nothing.
 */
export async function chargeTask(tx: Tx, ledger: Ledger, taskId: string): Promise<void> {
  const task = await tx
    .selectFrom("tasks")
    .innerJoin("app_revisions", "app_revisions.id", "tasks.app_revision_id")
    .selectAll("tasks")
    .select("app_revisions.label as app_label")
    .where("tasks.id", "=", taskId)
    .executeTakeFirstOrThrow();
  const { started_at: started, ended_at: ended } = task;
  // A task that was aborted in the queue used nothing.
  if (started === null || ended === null) return;

  await releaseInstances(tx, taskId);
  const cost = await taskCost(tx, taskId);
  await ledger.chargeTask(
    tx,
    {
      id: task.id,
      projectId: task.project_id,
      ranBy: task.executed_by ?? task.created_by,
      name: task.name,
      app: task.app_label,
      status: task.status,
      started: timestamp(started),
      ended: timestamp(ended),
    },
    cost,
  );
  const price = cost.computation + cost.disks;
  if (price === 0) return;
  await tx
    .updateTable("tasks")
    .set((row) => ({
      price: row("price", "+", String(price)),
      price_of_disks: row("price_of_disks", "+", String(cost.disks)),
    }))
    .where("id", "in", [task.id, ...(task.parent_id === null ? [] : [task.parent_id])])
    .execute();
}
