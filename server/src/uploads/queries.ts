import { type Selectable, sql } from "kysely";
import type { Sql, Tx } from "../db/database.ts";
import { JOINED_PROJECT, type JoinedProject, joinProject } from "../projects/joined.ts";
import type { UploadPartsTable, UploadsTable } from "./tables.ts";

export type UploadRow = Selectable<UploadsTable>;
export type PartRow = Omit<Selectable<UploadPartsTable>, "upload_id">;

/** An upload with the public id of its project, also when that is gone, and whether its folder and project are there. */
export type FoundUpload = UploadRow & { project: string; has_target: boolean };

/** Whether the folder and the project of `uploads` are there. */
export const HAS_TARGET = sql<boolean>`(
  exists (select from projects where projects.id = uploads.project_id and projects.deleted_at is null)
  and exists (select from files where files.id = uploads.parent and files.deleted_at is null))`;

const projectName = sql<string>`(select owner || '/' || short_name from projects where projects.id = uploads.project_id)`;

export async function findUpload(db: Sql, id: string): Promise<FoundUpload | undefined> {
  return db
    .selectFrom("uploads")
    .selectAll()
    .select([projectName.as("project"), HAS_TARGET.as("has_target")])
    .where("id", "=", id)
    .executeTakeFirst();
}

export async function insertUpload(
  db: Sql,
  upload: Pick<
    UploadRow,
    "id" | "user_id" | "project_id" | "parent" | "name" | "size" | "part_size" | "md5" | "overwrite" | "blob_key" | "store_id"
  >,
): Promise<UploadRow> {
  return db.insertInto("uploads").values(upload).returningAll().executeTakeFirstOrThrow();
}

/** Whether another user has an upload to that name going on that will not overwrite. */
export async function othersUpload(
  db: Sql,
  target: { parent: string; name: string; userId: string; activeSince: Date },
): Promise<boolean> {
  const other = await db
    .selectFrom("uploads")
    .select("id")
    .where("parent", "=", target.parent)
    .where("name", "=", target.name)
    .where("user_id", "!=", target.userId)
    .where("completed_at", "is", null)
    .where("overwrite", "=", false)
    .where("active_at", ">", target.activeSince)
    .executeTakeFirst();
  return other !== undefined;
}

/** The user's uploads whose targets are there, newest first, and how many there are. */
export async function listUploads(
  db: Sql,
  userId: string,
  activeSince: Date,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ items: (UploadRow & JoinedProject)[]; total: number }> {
  const matching = sql`
    from uploads ${joinProject(sql`uploads.project_id`, userId)}
    where uploads.user_id = ${userId} and completed_at is null and active_at > ${activeSince} and ${HAS_TARGET}`;
  const { rows: items } = await sql<UploadRow & JoinedProject>`
    select uploads.*, ${JOINED_PROJECT} ${matching}
    order by initiated_at desc, uploads.id limit ${limit} offset ${offset}`.execute(db);
  const { rows } = await sql<{ total: number }>`select count(*) as total ${matching}`.execute(db);
  return { items, total: rows[0]!.total };
}

/** Notes that something happened to an upload. At most hourly: parts come many times a second. */
export async function touchUpload(db: Sql, id: string): Promise<void> {
  await db
    .updateTable("uploads")
    .set({ active_at: new Date() })
    .where("id", "=", id)
    .where("active_at", "<", sql<Date>`now() - interval '1 hour'`)
    .execute();
}

export async function listReports(db: Sql, uploadId: string): Promise<PartRow[]> {
  return db
    .selectFrom("upload_parts")
    .select(["number", "etag", "size"])
    .where("upload_id", "=", uploadId)
    .orderBy("number")
    .execute();
}

export async function countReports(db: Sql, uploadId: string): Promise<number> {
  const { count } = await db
    .selectFrom("upload_parts")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("upload_id", "=", uploadId)
    .executeTakeFirstOrThrow();
  return count;
}

/** Keeps reports; the last one of a part stands. `parts` has each number once. */
export async function saveReports(db: Sql, uploadId: string, parts: readonly PartRow[]): Promise<void> {
  if (parts.length === 0) return;
  await sql`
    insert into upload_parts (upload_id, number, etag, size)
    select ${uploadId}, number, etag, size from json_to_recordset(${JSON.stringify(parts)}::json)
      as report (number integer, etag text, size bigint)
    order by number
    on conflict (upload_id, number) do update set etag = excluded.etag, size = excluded.size`.execute(db);
}

export async function markUploadCompleted(tx: Tx, id: string, fileId: string): Promise<void> {
  await tx.updateTable("uploads").set({ completed_at: new Date(), file_id: fileId }).where("id", "=", id).execute();
  await tx.deleteFrom("upload_parts").where("upload_id", "=", id).execute();
}

export async function deleteUpload(db: Sql, id: string): Promise<void> {
  await db.deleteFrom("uploads").where("id", "=", id).execute();
}

/*
 * The lock of an upload: shared while a part is given out or reported, alone while the upload is completed or aborted.
 * It belongs to the transaction, so a process that dies frees it.
 */
const lockOf = (id: string) => sql`hashtextextended(${`upload ${id}`}, 0)`;

/** Waits until nobody else has the upload. */
export async function lockUpload(tx: Tx, id: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${lockOf(id)})`.execute(tx);
}

/** Like `lockUpload`, but answers false where that would wait. */
export async function tryLockUpload(tx: Tx, id: string): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`select pg_try_advisory_xact_lock(${lockOf(id)}) as locked`.execute(tx);
  return rows[0]!.locked;
}

/** Waits until nobody has the upload alone. */
export async function shareUpload(tx: Tx, id: string): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${lockOf(id)})`.execute(tx);
}

/** Whether nobody has the upload alone at this moment. */
export async function isUploadFree(db: Sql, id: string): Promise<boolean> {
  const { rows } = await sql<{ free: boolean }>`select pg_try_advisory_xact_lock_shared(${lockOf(id)}) as free`.execute(db);
  return rows[0]!.free;
}
