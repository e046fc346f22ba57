import { sql } from "kysely";
import type { Database } from "../../db/database.ts";

const BATCH = 1000;

/**
 * What ends the time of results: the project's `intermediate_files.duration` in hours after the end of the last task that
 * made or used them (execution-hints.md §5.4). May run at any time, in several processes at once, and again after a crash.
 */
export function createResultSweep(db: Database) {
  return {
    /**
     * Forgets the results whose time is over, except those whose bytes are all in files of their project. Answers how many.
     * Bytes that nothing names any more are the file sweep's to remove.
     */
    async removeExpired(now: Date): Promise<number> {
      let removed = 0;
      for (let batch = BATCH; batch === BATCH; removed += batch) {
        // What is taken over at this moment is locked by whoever does, and changes: it is left.
        const { numAffectedRows } = await sql`
          delete from job_results where id in (
            select result.id from job_results as result join projects on projects.id = result.project_id
            where result.used_at < ${timeOf(now)}
              and not exists (
                select from jobs join tasks on tasks.id = jobs.task_id
                where jobs.result_id = result.id and (tasks.ended_at is null or tasks.ended_at >= ${timeOf(now)}))
              and (not exists (select from job_result_blobs where result_id = result.id)
                or exists (
                  select from job_result_blobs as kept where kept.result_id = result.id and not exists (
                    select from files where files.blob_key = kept.blob_key
                      and files.project_id = result.project_id and files.deleted_at is null)))
            limit ${BATCH} for update of result skip locked)`.execute(db);
        batch = Number(numAffectedRows);
      }
      return removed;
    },

    /** Which of these blobs are outputs of jobs that later ones may take over. */
    async keepsBlobs(keys: readonly string[]): Promise<string[]> {
      const { rows } = await sql<{ blob_key: string }>`
        select distinct blob_key from job_result_blobs where blob_key = any(${keys}::text[])`.execute(db);
      return rows.map(({ blob_key }) => blob_key);
    },
  };
}

/** What is older than this is over in `projects`, whose setting it is. */
const timeOf = (now: Date) =>
  sql`${now}::timestamptz - make_interval(hours => (projects.settings -> 'intermediate_files' ->> 'duration')::integer)`;
