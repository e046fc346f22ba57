import type { ErrorKind, Page } from "@causeway/contract";
import { type Selectable, sql } from "kysely";
import type { Database, Sql, Tx } from "../db/database.ts";
import type { FileOperationItemsTable, FileOperationsTable, FileOperationType } from "./tables.ts";

export type FileOperationRow = Selectable<FileOperationsTable>;
export type ItemRow = Selectable<FileOperationItemsTable>;
/** An item as the caller gave it. */
export type GivenItem = Pick<ItemRow, "file"> & { parent?: string; project?: string; name?: string };

/** Adds a file operation with its items in their order. */
export async function insertFileOperation(
  tx: Tx,
  userId: string,
  type: FileOperationType,
  items: readonly GivenItem[],
): Promise<FileOperationRow> {
  const job = await tx.insertInto("file_jobs").values({ user_id: userId, type }).returningAll().executeTakeFirstOrThrow();
  await sql`
    insert into file_job_items (job_id, number, file, parent, project, name)
    select ${job.id}, ordinality - 1, file, parent, project, name
    from rows from (json_to_recordset(${JSON.stringify(items)}::json) as (file text, parent text, project text, name text))
      with ordinality`.execute(tx);
  return job;
}

export async function findFileOperation(
  db: Sql,
  userId: string,
  type: FileOperationType,
  id: string,
): Promise<FileOperationRow | undefined> {
  return db
    .selectFrom("file_jobs")
    .selectAll()
    .where("id", "=", id)
    .where("user_id", "=", userId)
    .where("type", "=", type)
    .executeTakeFirst();
}

/** One page of a user's file operations, newest first, and how many there are. */
export async function listFileOperations(
  db: Sql,
  userId: string,
  { limit, offset }: Page,
): Promise<{ jobs: FileOperationRow[]; total: number }> {
  const own = db.selectFrom("file_jobs").where("user_id", "=", userId);
  const jobs = await own.selectAll().orderBy("id", "desc").limit(limit).offset(offset).execute();
  const { total } = await own.select(({ fn }) => fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
  return { jobs, total };
}

/** The items of these file operations, each in the order given. */
export async function listItems(db: Sql, jobIds: readonly string[]): Promise<Map<string, ItemRow[]>> {
  if (jobIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("file_job_items")
    .selectAll()
    .where("job_id", "in", jobIds)
    .orderBy("job_id")
    .orderBy("number")
    .execute();
  return Map.groupBy(rows, ({ job_id }) => job_id);
}

/** Begins a file operation, or goes on with it: undefined when it has ended, or is not there any more. */
export async function beginFileOperation(db: Database, id: string): Promise<FileOperationRow | undefined> {
  const { rows } = await sql<FileOperationRow>`
    update file_jobs set state = case state when 'SUBMITTED' then 'RESOLVING' else state end,
      started_at = coalesce(started_at, now())
    where id = ${id} and state <> 'FINISHED' returning *`.execute(db);
  return rows[0];
}

/** Notes how many files each item has, and that the file operation runs from now on. Once only: what is done is counted already. */
export async function noteResolved(db: Database, id: string, files: readonly number[]): Promise<void> {
  await sql`
    with resolved as (
      update file_jobs set state = 'RUNNING', total_files = ${files.reduce((sum, count) => sum + count, 0)}
      where id = ${id} and state = 'RESOLVING' returning id
    )
    update file_job_items set files = counted.files
    from unnest(${files}::bigint[]) with ordinality as counted (files, position), resolved
    where job_id = resolved.id and number = counted.position - 1`.execute(db);
}

/** Takes the file operation until the transaction ends, and answers its first item that is still to do. */
export async function lockNextItem(tx: Tx, jobId: string): Promise<ItemRow | undefined> {
  await tx.selectFrom("file_jobs").select("id").where("id", "=", jobId).forUpdate().execute();
  const { rows } = await sql<ItemRow>`
    select * from file_job_items where job_id = ${jobId} and resource is null and error is null order by number limit 1`.execute(
    tx,
  );
  return rows[0];
}

/** Notes a fault of the platform's and answers how many there were in a row. An outage is none of them. */
export async function noteFault(db: Database, id: string, message: string, isCounted: boolean): Promise<number> {
  const { rows } = await sql<{ faults: number }>`
    update file_jobs set fault = ${message}, faults = faults + ${isCounted ? 1 : 0} where id = ${id} returning faults`.execute(
    db,
  );
  return rows[0]?.faults ?? 0;
}

/** Notes what an item became, and how many files that were: the platform works, then, and the next fault is the first again. */
export async function noteDone(tx: Tx, item: ItemRow, resource: string, files: number): Promise<void> {
  await sql`update file_job_items set resource = ${resource} where job_id = ${item.job_id} and number = ${item.number}`.execute(
    tx,
  );
  await sql`
    update file_jobs set completed_files = completed_files + ${files}, faults = 0, fault = null
    where id = ${item.job_id}`.execute(tx);
}

/** Notes why an item, which is still to do, was refused. */
export async function noteFailed(db: Database, item: ItemRow, error: ErrorKind, detail: string | undefined): Promise<void> {
  await sql`
    with failed as (
      update file_job_items set error = ${error}, error_detail = ${detail ?? null}
      where job_id = ${item.job_id} and number = ${item.number} and resource is null and error is null returning files
    )
    update file_jobs set failed_files = failed_files + failed.files from failed where id = ${item.job_id}`.execute(db);
}

/** Ends a file operation; what its folders had when their turn came is what it is about in all. */
export async function finishFileOperation(tx: Tx, id: string): Promise<void> {
  await sql`
    update file_jobs set state = 'FINISHED', finished_at = now(), total_files = completed_files + failed_files
    where id = ${id} and state <> 'FINISHED'`.execute(tx);
}

/** Removes what has ended before a moment; answers how many file operations. */
export async function removeFileOperations(db: Database, before: Date): Promise<number> {
  const { numDeletedRows } = await db.deleteFrom("file_jobs").where("finished_at", "<", before).executeTakeFirst();
  return Number(numDeletedRows);
}
