import type { Job, Outputs } from "@causeway/cwl";
import { type Selectable, sql } from "kysely";
import type { Sql } from "../../db/database.ts";
import { PREPARED } from "../../db/prepared-plans.ts";
import type { JobsTable, TaskProblem } from "../tables.ts";
import type { JobInstance } from "./job-writes.ts";

/** A job without its small logs, which are read for themselves. */
export type JobRow = Omit<Selectable<JobsTable>, "log_id" | "log_bytes">;

const COLUMNS = [
  ...(["task_id", "name", "executor_id", "status", "job", "command_line", "image_digest", "instance_id", "waiting"] as const),
  ...([
    "exit_code",
    "usage",
    "outputs",
    "failure",
    "retried",
    "created_at",
    "started_at",
    "ended_at",
    "logs",
    "result_id",
  ] as const),
] as const;

export async function findJob(db: Sql, taskId: string, name: string): Promise<JobRow | undefined> {
  return db.selectFrom("jobs").select(COLUMNS).where("task_id", "=", taskId).where("name", "=", name).executeTakeFirst();
}

/** All jobs of a task that are recorded, by name. */
export async function knownJobs(db: Sql, taskId: string): Promise<Map<string, JobRow>> {
  const rows = await db.selectFrom("jobs").select(COLUMNS).where("task_id", "=", taskId).modifyEnd(PREPARED).execute();
  return new Map(rows.map((row) => [row.name, row]));
}

/** A job with the instance it runs or ran on. */
export type JobWithInstance = JobRow & {
  instance_type: string | null;
  provider: string | null;
  disk_type: string | null;
  disk_gb: number | null;
};

/** The jobs of a task in the order they were started; those that wait come last. */
export async function listJobs(db: Sql, taskId: string): Promise<JobWithInstance[]> {
  return db
    .selectFrom("jobs")
    .leftJoin("instances", "instances.id", "jobs.instance_id")
    .select(COLUMNS.map((column) => `jobs.${column}` as const))
    .select(["instances.type as instance_type", "provider", "disk_type", "disk_gb"])
    .where("jobs.task_id", "=", taskId)
    .orderBy("jobs.started_at", (order) => order.asc().nullsLast())
    .orderBy("created_at")
    .orderBy("name")
    .execute();
}

const columnsOf = (place: JobInstance) =>
  "instance" in place ? { instance_id: place.instance, waiting: null } : { instance_id: null, waiting: place.waiting };

/** The same job once more, after its first run was lost. */
export async function replaceJob(db: Sql, taskId: string, job: Job, executorId: string, place: JobInstance): Promise<void> {
  const again = { status: "QUEUED", retried: true, started_at: null, outputs: null } as const;
  await db
    .updateTable("jobs")
    .set({ executor_id: executorId, job: JSON.stringify(job), ...again, ...columnsOf(place) })
    .where("task_id", "=", taskId)
    .where("name", "=", job.name)
    .execute();
}

/** Notes the logs that a job under way has so far: file ids by name. */
export async function noteLogs(db: Sql, taskId: string, name: string, logs: { [name: string]: string }): Promise<void> {
  await db
    .updateTable("jobs")
    .set({ logs: JSON.stringify(logs) })
    .where("task_id", "=", taskId)
    .where("name", "=", name)
    .where("status", "in", ["QUEUED", "RUNNING"])
    .execute();
}

/** The job has succeeded and its outputs have been found, but it has not ended yet: they are being stored. */
export async function noteOutputs(db: Sql, taskId: string, name: string, outputs: Outputs): Promise<void> {
  await db
    .updateTable("jobs")
    .set({ outputs: JSON.stringify(outputs) })
    .where("task_id", "=", taskId)
    .where("name", "=", name)
    .where("status", "in", ["QUEUED", "RUNNING"])
    .execute();
}

/** Of one task; a document may have any number of scripts. */
const MOST_WARNINGS = 100;
const LONGEST_WARNING = 2000;

/** Adds a warning to a task that runs, once. Its text is without NUL, which PostgreSQL cannot keep. */
export async function noteWarning(db: Sql, taskId: string, warning: TaskProblem): Promise<void> {
  const message = warning.message.replaceAll("\0", "\uFFFD").slice(0, LONGEST_WARNING);
  const added = JSON.stringify([{ ...warning, message }]);
  await db
    .updateTable("tasks")
    .set({ warnings: sql<string>`warnings || ${added}::jsonb` })
    .where("id", "=", taskId)
    .where(sql<boolean>`not warnings @> ${added}::jsonb`)
    .where(sql<boolean>`jsonb_array_length(warnings) < ${MOST_WARNINGS}`)
    .execute();
}

export async function countStepDone(db: Sql, taskId: string, done: number): Promise<void> {
  await db
    .updateTable("tasks")
    .set({ steps_completed: sql<number>`greatest(steps_completed, least(${done}, steps_total))` })
    .where("id", "=", taskId)
    .execute();
}
