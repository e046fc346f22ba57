import { type RawBuilder, sql } from "kysely";
import type { Sql } from "../db/database.ts";
import { keptText } from "../db/kept-text.ts";

export type TaskStatus = "DRAFT" | "CREATING" | "QUEUED" | "RUNNING" | "ABORTING" | "COMPLETED" | "FAILED" | "ABORTED";
export type JobStatus = "QUEUED" | "RUNNING" | "COMPLETED" | "FAILED" | "ABORTED";

/** The whole life of a task (tasks.md §2). A status that leads nowhere is final. */
const NEXT: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  DRAFT: ["CREATING", "QUEUED"],
  CREATING: ["QUEUED", "RUNNING", "ABORTING", "FAILED"],
  QUEUED: ["RUNNING", "ABORTING", "ABORTED", "FAILED"],
  RUNNING: ["QUEUED", "ABORTING", "COMPLETED", "FAILED", "ABORTED"],
  ABORTING: ["ABORTED"],
  COMPLETED: [],
  FAILED: [],
  ABORTED: [],
};

export const isFinal = (status: TaskStatus): boolean => NEXT[status].length === 0;

const sourcesOf = (to: TaskStatus): TaskStatus[] => (Object.keys(NEXT) as TaskStatus[]).filter((from) => NEXT[from].includes(to));

/** What else a move writes. */
export interface MoveChange {
  executed_by?: string;
  queued_at?: Date;
  started_at?: Date;
  ended_at?: Date;
  failure?: string;
  /** JSON text. */
  inputs?: string;
  outputs?: string;
  engine_inputs?: string | null;
  errors?: string;
  warnings?: string;
  use_interruptible_instances?: boolean;
  batch_input?: null;
  batch_by?: null;
  steps_total?: number;
  children_total?: number;
  children_queued?: number;
}

export interface MoveCondition {
  /** Only tasks in this state. */
  from?: TaskStatus;
  /** Only tasks that this worker drives; null: that nobody drives. */
  driver?: number | null;
}

/** Moves the task, or answers false when it is in no state that leads there: somebody else moved it first. */
export async function moveTask(
  db: Sql,
  taskId: string,
  to: TaskStatus,
  change: MoveChange = {},
  condition: MoveCondition = {},
): Promise<boolean> {
  return (await moveTasks(db, [taskId], to, change, condition)).length === 1;
}

/**
 * Moves those of the tasks that are in a state that leads there, and answers which. The batch that a task is a child of
 * counts it in the same statement, and moves itself when its first child starts and when its last one ends.
 */
export async function moveTasks(
  db: Sql,
  taskIds: readonly string[],
  to: TaskStatus,
  change: MoveChange = {},
  { driver, from }: MoveCondition = {},
): Promise<string[]> {
  if (taskIds.length === 0) return [];
  const moved = await db
    .with("old", (query) =>
      query
        .selectFrom("tasks")
        .select(["id", "status"])
        .where("id", "in", taskIds)
        .where("status", "in", sourcesOf(to))
        .$if(from !== undefined, (old) => old.where("status", "=", from!))
        .$if(driver === null, (old) => old.where("driver", "is", null))
        .$if(typeof driver === "number", (old) => old.where("driver", "=", driver!))
        .forUpdate(),
    )
    .with("moved", (query) =>
      query
        .updateTable("tasks")
        .from("old")
        .set({ ...change, ...(change.failure === undefined ? {} : { failure: keptText(change.failure) }), status: to })
        .whereRef("tasks.id", "=", "old.id")
        .returning(["tasks.id", "tasks.parent_id", "old.status as was"]),
    )
    .with("counted", () => countInParents(to, change.ended_at ?? new Date()))
    .selectFrom("moved")
    .select("id")
    .execute();
  return moved.map(({ id }) => id);
}

/** Counts the rows of `moved` in their batches (tasks.md §5: a batch's status follows from its children's). */
function countInParents(to: TaskStatus, at: Date): RawBuilder<object> {
  const plus = (status: TaskStatus) => (status === to ? sql`change.children` : sql`0`);
  const queued = sql`parent.children_queued - change.queued + ${plus("QUEUED")}`;
  const completed = sql`parent.children_completed + ${plus("COMPLETED")}`;
  const failed = sql`parent.children_failed + ${plus("FAILED")}`;
  const aborted = sql`parent.children_aborted + ${plus("ABORTED")}`;
  const haveEnded = sql`${completed} + ${failed} + ${aborted} = parent.children_total`;
  return sql<object>`(
    update tasks as parent set
      children_queued = ${queued}, children_completed = ${completed}, children_failed = ${failed}, children_aborted = ${aborted},
      status = case
        when ${haveEnded} then case
          when parent.status = 'ABORTING' then 'ABORTED' when ${failed} > 0 then 'FAILED'
          when ${aborted} > 0 then 'ABORTED' else 'COMPLETED' end
        when parent.status = 'QUEUED' then 'RUNNING'
        else parent.status end,
      started_at = coalesce(parent.started_at, ${at}::timestamptz),
      ended_at = case when ${haveEnded} then ${at}::timestamptz end
    from (select parent_id, count(*) as children, count(*) filter (where was = 'QUEUED') as queued
          from moved where parent_id is not null group by parent_id) as change
    where parent.id = change.parent_id)`;
}
