import type { Sql } from "../db/database.ts";

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
  outputs?: string;
  engine_inputs?: string;
  errors?: string;
  warnings?: string;
  use_interruptible_instances?: boolean;
  steps_total?: number;
}

/** Moves the task, or answers false when it is in no state that leads there: somebody else moved it first. */
export async function moveTask(
  db: Sql,
  taskId: string,
  to: TaskStatus,
  change: MoveChange = {},
  { driver }: { driver?: number } = {},
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("tasks")
    .set({ ...change, status: to })
    .where("id", "=", taskId)
    .where("status", "in", sourcesOf(to))
    .$if(driver !== undefined, (query) => query.where("driver", "=", driver!))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
