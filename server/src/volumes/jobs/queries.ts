import type { ErrorKind, Page } from "@causeway/contract";
import { type RawBuilder, sql } from "kysely";
import type { Database, Sql, Tx } from "../../db/database.ts";

export type JobTable = "imports" | "exports";

/** Where jobs of one kind are read: their rows are called `job`. */
interface JobSource {
  columns: RawBuilder<unknown>;
  from: RawBuilder<unknown>;
}

/** One page of the jobs that all of `conditions` hold for, the newest first, and how many there are. */
export async function pageOfJobs<Job>(
  db: Database,
  { columns, from }: JobSource,
  conditions: readonly RawBuilder<unknown>[],
  { limit, offset }: Page,
): Promise<{ items: Job[]; total: number }> {
  const where = sql.join(conditions, sql` and `);
  const { rows: items } = await sql<Job>`
    select ${columns} from ${from} where ${where} order by job.created_at desc, job.id limit ${limit} offset ${offset}`.execute(
    db,
  );
  const { rows } = await sql<{ total: number }>`select count(*) as total from ${from} where ${where}`.execute(db);
  return { items, total: rows[0]!.total };
}

/** How many imports and exports of a volume have not ended. */
export async function countUnderWay(tx: Tx, volumeId: string): Promise<number> {
  const { rows } = await sql<{ jobs: number }>`
    select (select count(*) from imports where volume_id = ${volumeId} and finished_at is null)
      + (select count(*) from exports where volume_id = ${volumeId} and finished_at is null) as jobs`.execute(tx);
  return rows[0]!.jobs;
}

/**
 * Ends the imports and exports of a volume that is being deactivated: `FAILED`, 9069 (volumes.md §2.4). Whoever works on one
 * of them finds it ended the next time that it looks, and cannot end it otherwise.
 */
export async function stopJobs(tx: Tx, volumeId: string): Promise<void> {
  for (const table of ["imports", "exports"] as const) {
    // In the order in which a rotation of keys takes them.
    await tx
      .selectFrom(table)
      .select("id")
      .where("volume_id", "=", volumeId)
      .where("finished_at", "is", null)
      .orderBy("id")
      .forUpdate()
      .execute();
    await tx
      .updateTable(table)
      .set({ state: "FAILED", error: "volumeInactive", finished_at: new Date() })
      .where("volume_id", "=", volumeId)
      .where("finished_at", "is", null)
      .execute();
  }
}

/** Begins a job or goes on with it; one that has ended is only told. Undefined when it is not there any more. */
export async function beginJob<Job>(
  db: Database,
  table: JobTable,
  id: string,
): Promise<{ job: Job; hasEnded: boolean } | undefined> {
  const { rows } = await sql<Job & { state: string }>`
    update ${sql.table(table)} set state = case state when 'PENDING' then 'RUNNING' else state end
    where id = ${id} returning *`.execute(db);
  const job = rows[0];
  return job && { job, hasEnded: job.state === "COMPLETED" || job.state === "FAILED" };
}

export async function hasEnded(db: Database, table: JobTable, id: string): Promise<boolean> {
  const row = await db.selectFrom(table).select("finished_at").where("id", "=", id).executeTakeFirst();
  return row?.finished_at !== null;
}

/** Takes a job until the transaction ends; answers whether it has not ended. */
export async function lockJob(tx: Tx, table: JobTable, id: string): Promise<boolean> {
  const row = await tx
    .selectFrom(table)
    .select("id")
    .where("id", "=", id)
    .where("finished_at", "is", null)
    .forUpdate()
    .executeTakeFirst();
  return row !== undefined;
}

/** Notes that a job could not go on, and answers how often in a row. */
export async function noteJobFault(db: Database, table: JobTable, id: string, message: string): Promise<number> {
  const { rows } = await sql<{ faults: number }>`
    update ${sql.table(table)} set faults = faults + 1, fault = ${message} where id = ${id} returning faults`.execute(db);
  return rows[0]?.faults ?? 0;
}

/** A job that gets on has met no fault in a row any more. */
export async function forgetJobFaults(db: Sql, table: JobTable, id: string): Promise<void> {
  await sql`update ${sql.table(table)} set faults = 0, fault = null where id = ${id} and faults > 0`.execute(db);
}

/** Ends a job badly; answers whether it had not ended before. */
export async function failJob(
  db: Database,
  table: JobTable,
  id: string,
  error: ErrorKind,
  detail: string | undefined,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable(table)
    .set({ state: "FAILED", error, error_detail: detail ?? null, finished_at: new Date(), faults: 0 })
    .where("id", "=", id)
    .where("finished_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
