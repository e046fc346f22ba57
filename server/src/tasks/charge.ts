import { timestamp } from "@causeway/contract";
import type { Job } from "@causeway/cwl";
import { sql } from "kysely";
import type { Ledger } from "../billing/ledger.ts";
import type { Tx } from "../db/database.ts";

/**
 * Charges a task that the same transaction has ended for what it used, however it ended, and writes the price to it and to
 * its batch. Jobs whose results came from an earlier task did not run and cost nothing.
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

  const jobs = await tx
    .selectFrom("jobs")
    .select([sql<Job["resources"]>`job -> 'resources'`.as("resources"), "started_at", "ended_at"])
    .where("task_id", "=", taskId)
    .execute();
  const price = await ledger.chargeTask(
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
    {
      runningMs: between(started, ended),
      askedFor: [task.execution_settings?.instance_type ?? []].flat(),
      jobs: jobs.flatMap(({ resources, started_at, ended_at }) =>
        started_at === null ? [] : [{ ...resources, runningMs: between(started_at, ended_at ?? ended) }],
      ),
    },
  );
  if (price === 0) return;
  await tx
    .updateTable("tasks")
    .set((row) => ({ price: row("price", "+", String(price)) }))
    .where("id", "in", [task.id, ...(task.parent_id === null ? [] : [task.parent_id])])
    .execute();
}

const between = (from: Date, to: Date): number => Math.max(0, to.getTime() - from.getTime());
