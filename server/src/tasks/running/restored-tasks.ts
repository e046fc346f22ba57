import { sql } from "kysely";
import type { Database } from "../../db/database.ts";

/**
 * Readies the tasks that were under way when a backup was made: their jobs' directories are not in it, so what is stored
 * of a job stands, and the others run again. Instances cost nothing after the moment of the backup.
 */
export async function settleRestoredTasks(db: Database, at: Date): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const underWay = sql`select id from tasks where status in ('CREATING', 'QUEUED', 'RUNNING', 'ABORTING')`;
    // The row of a job has its outputs as paths of the machine it ran on; its result has them as blobs.
    await sql`update jobs set outputs = job_results.outputs from job_results
      where job_results.id = jobs.result_id and jobs.status = 'COMPLETED' and jobs.task_id in (${underWay})`.execute(tx);
    await sql`delete from jobs where task_id in (${underWay}) and not (status = 'COMPLETED' and result_id is not null)`.execute(
      tx,
    );
    await sql`update tasks set driver = null where id in (${underWay})`.execute(tx);
    await sql`update instances set released_at = greatest(started_at, ${at}) where released_at is null`.execute(tx);
  });
}
