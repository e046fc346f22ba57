import { sql } from "kysely";
import type { Sql } from "../../db/database.ts";
import type { Child } from "./groups.ts";

/**
 * Stores children of a batch as submitted tasks. What they have in common comes from the parent's
 * row. Those that come later in the batch are created later, by microseconds, so that lists keep their order; `from` is
 * the place of the first one.
 */
export async function insertChildren(db: Sql, parentId: string, from: number, children: readonly Child[]): Promise<void> {
  const rows = children.map(({ name, inputs, engineInputs, group }, index) => ({
    place: from + index,
    name,
    inputs,
    engine_inputs: engineInputs,
    batch_group: group,
  }));
  await sql`
    insert into tasks (project_id, app_revision_id, name, description, status, inputs, outputs, execution_settings,
                       use_interruptible_instances, output_location, created_by, executed_by, created_at, queued_at,
                       engine_inputs, steps_total, batch_group, parent_id)
    select parent.project_id, parent.app_revision_id, child.name, parent.description, 'QUEUED', child.inputs, parent.outputs,
           parent.execution_settings, parent.use_interruptible_instances, parent.output_location, parent.executed_by,
           parent.executed_by, now() + child.place * interval '1 microsecond', now(), child.engine_inputs,
           parent.steps_total, child.batch_group, parent.id
    from tasks parent,
         json_to_recordset(${JSON.stringify(rows)}::json)
           as child(place integer, name text, inputs json, engine_inputs json, batch_group jsonb)
    where parent.id = ${parentId}`.execute(db);
}

export interface ActiveChild {
  id: string;
  /** Null: nobody has begun with it. */
  driver: number | null;
}

/** Children of a batch that wait or run and are not being aborted yet. */
export async function activeChildren(db: Sql, parentId: string, limit: number): Promise<ActiveChild[]> {
  return db
    .selectFrom("tasks")
    .select(["id", sql<number | null>`case when status = 'QUEUED' then driver else coalesce(driver, 0) end`.as("driver")])
    .where("parent_id", "=", parentId)
    .where("status", "in", ["QUEUED", "RUNNING"])
    .limit(limit)
    .execute();
}

/** Batches whose children somebody should be making now, or aborting. */
export async function unfinishedBatches(db: Sql): Promise<{ id: string; status: "CREATING" | "ABORTING" }[]> {
  const rows = await db
    .selectFrom("tasks")
    .select(["id", "status"])
    .where("batch_by", "is not", null)
    .where("status", "in", ["CREATING", "ABORTING"])
    // After a fault of the platform its children rest a while before they are tried again.
    .where(sql<boolean>`(status = 'ABORTING' or not_before is null or not_before <= now())`)
    .execute();
  return rows as { id: string; status: "CREATING" | "ABORTING" }[];
}
