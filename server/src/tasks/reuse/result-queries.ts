import { type IdentifiedJob, NEIGHBOURS, type Outputs, type RecordedJob } from "@causeway/cwl";
import { type Selectable, sql } from "kysely";
import type { Sql, Tx } from "../../db/database.ts";
import type { JobResultsTable } from "../tables.ts";

export type JobResultRow = Selectable<JobResultsTable>;

/** The newest result of a job with that key in a project. */
export async function findResult(db: Sql, projectId: string, key: string): Promise<JobResultRow | undefined> {
  return db
    .selectFrom("job_results")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("key", "=", key)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** The newest jobs of a family in a project that left results, for explaining why another must run. */
export async function recordedJobs(db: Sql, projectId: string, family: string): Promise<RecordedJob[]> {
  const rows = await db
    .selectFrom("job_results")
    .select(["job_name", "recorded_at", "shown", "parts"])
    .where("project_id", "=", projectId)
    .where("family", "=", family)
    .orderBy("id", "desc")
    .limit(NEIGHBOURS)
    .execute();
  return rows.map(({ job_name: name, recorded_at: at, shown, parts }) => ({ name, at: at.toISOString(), shown, parts }));
}

/** Records what a job that succeeded made, whose end and whose blobs are recorded by now. */
export async function insertResult(
  tx: Tx,
  of: { projectId: string; taskId: string; jobName: string },
  { key: { key, parts }, shown }: IdentifiedJob,
  outputs: Outputs,
  blobs: readonly string[],
): Promise<void> {
  const { id } = await tx
    .insertInto("job_results")
    .values({
      project_id: of.projectId,
      task_id: of.taskId,
      job_name: of.jobName,
      key,
      family: parts.family,
      parts: JSON.stringify(parts),
      shown: JSON.stringify(shown),
      outputs: JSON.stringify(outputs),
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  await sql`insert into job_result_blobs select distinct ${id}::bigint, unnest(${blobs}::text[])`.execute(tx);
  await sql`update jobs set result_id = ${id} where task_id = ${of.taskId} and name = ${of.jobName}`.execute(tx);
}

/**
 * Takes a result for a job of a task, with the logs of the job that made it and some of its own: the job's row says that
 * it is done. False when the result is gone.
 */
export async function takeResult(
  tx: Tx,
  { id, outputs }: JobResultRow,
  job: { taskId: string; name: string },
  logs: { [name: string]: string },
): Promise<boolean> {
  // The row changes, so that a sweep which has just found it unused looks again.
  const { rows } = await sql`update job_results set used_at = now() where id = ${id} returning id`.execute(tx);
  if (rows.length === 0) return false;
  await sql`
    insert into jobs (task_id, name, executor_id, status, job, command_line, exit_code, outputs, logs, started_at, ended_at, result_id)
    select ${job.taskId}, ${job.name}, '', 'COMPLETED', made.job, made.command_line, made.exit_code,
      ${JSON.stringify(outputs)}, made.logs || ${JSON.stringify(logs)}::jsonb, now(), now(), ${id}
    from job_results join jobs as made on made.task_id = job_results.task_id and made.name = job_results.job_name
    where job_results.id = ${id}
    on conflict do nothing`.execute(tx);
  return true;
}

/** Forgets a result whose bytes are gone. */
export async function deleteResult(db: Sql, id: number): Promise<void> {
  await db.deleteFrom("job_results").where("id", "=", id).execute();
}
