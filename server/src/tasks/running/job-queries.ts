import type { Job, JobUsage, Outputs } from "@causeway/cwl";
import { sql } from "kysely";
import type { Sql } from "../../db/database.ts";
import { keptText } from "../../db/kept-text.ts";
import type { JobRow } from "../queries.ts";
import type { TaskProblem } from "../tables.ts";

export async function findJob(db: Sql, taskId: string, name: string): Promise<JobRow | undefined> {
  return db.selectFrom("jobs").selectAll().where("task_id", "=", taskId).where("name", "=", name).executeTakeFirst();
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
    .selectAll("jobs")
    .select(["instances.type as instance_type", "provider", "disk_type", "disk_gb"])
    .where("jobs.task_id", "=", taskId)
    .orderBy("jobs.started_at", (order) => order.asc().nullsLast())
    .orderBy("created_at")
    .orderBy("name")
    .execute();
}

/** Where a job is: on an instance, or waiting for one, with the reason in words. */
export type JobInstance = { instance: string } | { waiting: string };

const columnsOf = (place: JobInstance) =>
  "instance" in place ? { instance_id: place.instance, waiting: null } : { instance_id: null, waiting: place.waiting };

/** Records a job before it is handed over; a job of that name that is there already stays as it is. */
export async function insertJob(db: Sql, taskId: string, job: Job, executorId: string, place: JobInstance): Promise<void> {
  await db
    .insertInto("jobs")
    .values({
      task_id: taskId,
      name: job.name,
      executor_id: executorId,
      job: JSON.stringify(job),
      command_line: job.argv.join(" "),
      ...columnsOf(place),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

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

/** The job has got a place on an instance. */
export async function markJobPlaced(db: Sql, taskId: string, name: string, instance: string): Promise<void> {
  await db
    .updateTable("jobs")
    .set({ instance_id: instance, waiting: null })
    .where("task_id", "=", taskId)
    .where("name", "=", name)
    .execute();
}

export async function markJobRunning(
  db: Sql,
  taskId: string,
  name: string,
  since: Date,
  imageDigest: string | null,
): Promise<void> {
  await db
    .updateTable("jobs")
    .set({ status: "RUNNING", started_at: since, image_digest: imageDigest, waiting: null })
    .where("task_id", "=", taskId)
    .where("name", "=", name)
    .where("status", "in", ["QUEUED", "RUNNING"])
    .execute();
}

export async function markJobWaiting(db: Sql, taskId: string, name: string, reason: string): Promise<void> {
  await db
    .updateTable("jobs")
    .set({ waiting: reason })
    .where("task_id", "=", taskId)
    .where("name", "=", name)
    .where("status", "=", "QUEUED")
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

export interface JobEnd {
  status: "COMPLETED" | "FAILED" | "ABORTED";
  exitCode?: number;
  usage?: JobUsage;
  outputs?: Outputs;
  failure?: string;
  /** Of the image it ran in, if it is known and there was one. */
  imageDigest?: string | null;
  /** File id by the log's name. */
  logs: { [name: string]: string };
  /** What is recorded of its outputs for later jobs. */
  resultId?: number;
}

/** Records how a job ended, once: the first end stands. Answers whether this was the first. */
export async function markJobEnded(db: Sql, taskId: string, name: string, end: JobEnd): Promise<boolean> {
  const { startedAt, endedAt, ...figures } = end.usage ?? { startedAt: undefined, endedAt: undefined };
  const { numUpdatedRows } = await db
    .updateTable("jobs")
    .set({
      status: end.status,
      exit_code: end.exitCode ?? null,
      usage: end.usage ? JSON.stringify(figures) : null,
      outputs: end.outputs ? JSON.stringify(end.outputs) : null,
      failure: end.failure === undefined ? null : keptText(end.failure),
      ...(end.imageDigest ? { image_digest: end.imageDigest } : {}),
      logs: JSON.stringify(end.logs),
      result_id: end.resultId ?? null,
      waiting: null,
      ...(startedAt ? { started_at: new Date(startedAt) } : {}),
      ended_at: endedAt ? new Date(endedAt) : new Date(),
    })
    .where("task_id", "=", taskId)
    .where("name", "=", name)
    .where("status", "in", ["QUEUED", "RUNNING"])
    .executeTakeFirst();
  return numUpdatedRows === 1n;
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
