import { type RawBuilder, sql } from "kysely";
import type { Sql } from "../../db/database.ts";
import type { JobStatus, TaskStatus } from "../states.ts";

export interface JobLineRow {
  name: string;
  status: JobStatus;
  waiting: string | null;
  failure: string | null;
  exit_code: number | null;
  created_at: Date;
  started_at: Date | null;
  ended_at: Date | null;
  instance_id: string | null;
  instance_type: string | null;
  retried: boolean;
  usage: { cpuSeconds?: number; peakMemoryBytes?: number } | null;
  log_bytes: number;
}

const LINE = sql`jobs.name, jobs.status, waiting, failure, exit_code, jobs.created_at, jobs.started_at, jobs.ended_at,
  instance_id, instances.type as instance_type, retried, usage,
  case when jobs.status <> 'RUNNING' then 0 else (
    select coalesce(sum(files.size), 0)::bigint from jsonb_each_text(logs) as log join files on files.id = log.value) end as log_bytes`;

async function lines(db: Sql, taskId: string, which: RawBuilder<unknown>): Promise<JobLineRow[]> {
  const { rows } = await sql<JobLineRow>`
    select ${LINE} from jobs left join instances on instances.id = jobs.instance_id
    where jobs.task_id = ${taskId}::uuid and ${which} order by jobs.created_at, jobs.name`.execute(db);
  return rows;
}

export const allJobLines = (db: Sql, taskId: string): Promise<JobLineRow[]> => lines(db, taskId, sql`true`);

/** The jobs of a task that have not ended, those made since, and those named. */
export const changingJobLines = (db: Sql, taskId: string, since: Date, names: readonly string[]): Promise<JobLineRow[]> =>
  lines(
    db,
    taskId,
    sql`(jobs.status in ('QUEUED', 'RUNNING') or jobs.created_at >= ${since} or jobs.name = any(${names}::text[]))`,
  );

export interface TaskLineRow {
  id: string;
  name: string;
  status: TaskStatus;
  steps_completed: number;
  steps_total: number;
  created_at: Date;
  ended_at: Date | null;
}

/** The newest tasks of a project, without the children of batches. */
export async function newestTasks(db: Sql, projectId: string, limit: number): Promise<TaskLineRow[]> {
  return db
    .selectFrom("tasks")
    .select(["id", "name", "status", "steps_completed", "steps_total", "created_at", "ended_at"])
    .where("project_id", "=", projectId)
    .where("parent_id", "is", null)
    .orderBy("created_at", "desc")
    .orderBy("id")
    .limit(limit)
    .execute();
}

/** The sizes of the log files of a job. */
export async function logSizes(db: Sql, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("files")
    .select(["id", "size"])
    .where("id", "in", ids)
    .where("deleted_at", "is", null)
    .execute();
  return new Map(rows.map(({ id, size }) => [id, size ?? 0]));
}
