import { type RawBuilder, type Selectable, sql } from "kysely";
import type { Sql, Tx } from "../db/database.ts";
import { anyOf, PREPARED } from "../db/prepared-plans.ts";
import { joinProject, PROJECT_RIGHTS, type ProjectRights } from "../projects/project-rights.ts";
import type { UploadPartsTable, UploadsTable } from "./tables.ts";

export type UploadRow = Selectable<UploadsTable>;
export type PartRow = Omit<Selectable<UploadPartsTable>, "upload_id">;

/**
 * An upload with the public id of its project, also when that is gone; whether its folder and project are there; whether
 * the user who started it may write to that project now; and whether nobody has it alone at this moment.
 */
export type FoundUpload = UploadRow & { project: string; has_target: boolean; may_write: boolean; is_free: boolean };

/**
 * Whether the folder of `uploads` is there. Not with `exists`: for that PostgreSQL may read every file of the platform
 * into a hash table, and a kept plan that was made while there were few files goes on doing so.
 */
const HAS_FOLDER = sql<boolean>`(
  (select true from files where files.id = uploads.parent and files.deleted_at is null) is not null)`;

/** Whether the folder and the project of `uploads` are there. */
export const HAS_TARGET = sql<boolean>`(
  (select true from projects where projects.id = uploads.project_id and projects.deleted_at is null) is not null
  and ${HAS_FOLDER})`;

/** Joins the living project of `uploads`, and as `member` the rights that the user who started it has there now. */
const JOIN_RIGHTS = sql`
  left join projects on projects.id = uploads.project_id and projects.deleted_at is null
  left join users on users.id = uploads.user_id and users.disabled_at is null and users.removed_at is null
  left join lateral rights_in(projects.id, projects.division_id, users.id) as member on true`;

/** Of a query with `JOIN_RIGHTS`. */
const MAY_WRITE = sql<boolean>`coalesce(member.write, false)`;

const projectName = sql`(select owner || '/' || short_name from projects as named where named.id = uploads.project_id)`;

/** Those of these uploads that there are, by id. */
export async function findUploads(db: Sql, ids: readonly string[]): Promise<Map<string, FoundUpload>> {
  const { rows } = await sql<FoundUpload>`
    select uploads.*, ${projectName} as project, ${HAS_TARGET} as has_target, ${MAY_WRITE} as may_write,
      store_id is null or pg_try_advisory_xact_lock_shared(${lockOf(sql`uploads.id`)}) as is_free
    from uploads ${JOIN_RIGHTS} where uploads.id = ${anyOf(ids, "text")} ${PREPARED}`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

/** What the completion of an upload asks, beside the upload itself. */
export interface CompletableUpload extends UploadRow {
  has_project: boolean;
  has_folder: boolean;
  /** Whether the user who started it may write to its project. */
  may_write: boolean;
  /** What has its name in its folder. */
  taken: "file" | "folder" | null;
  /** Its reports, by number. */
  reports: PartRow[];
  /** Its parts as far as they are blobs of their own. */
  blobs: PartBlob[];
}

/** A part that is a blob of its own; `size` in bytes. */
export interface PartBlob {
  number: number;
  key: string;
  size: number;
  sha256: string;
}

const BLOBS = sql`coalesce((
  select json_agg(json_build_object('number', number, 'key', blob_key, 'size', size, 'sha256', sha256))
  from part_blobs where upload_id = uploads.id), '[]')`;

/** Those of these uploads that there are, with what their completion asks, by id. */
export async function findCompletable(db: Sql, ids: readonly string[]): Promise<Map<string, CompletableUpload>> {
  const { rows } = await sql<CompletableUpload>`
    select uploads.*, projects.id is not null as has_project, ${MAY_WRITE} as may_write,
      ${HAS_FOLDER} as has_folder,
      (select type from files where files.parent = uploads.parent and files.name = uploads.name
        and files.deleted_at is null) as taken,
      coalesce((select json_agg(json_build_object('number', number, 'etag', etag, 'size', size) order by number)
        from upload_parts where upload_id = uploads.id), '[]') as reports,
      ${BLOBS} as blobs
    from uploads ${JOIN_RIGHTS}
    where uploads.id = ${anyOf(ids, "text")} ${PREPARED}`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

export type NewUpload = Pick<
  UploadRow,
  "id" | "user_id" | "project_id" | "parent" | "name" | "size" | "part_size" | "md5" | "overwrite" | "blob_key" | "store_id"
>;

export async function insertUploads(db: Sql, uploads: readonly NewUpload[]): Promise<UploadRow[]> {
  const { rows } = await sql<UploadRow>`
    insert into uploads (id, user_id, project_id, parent, name, size, part_size, md5, overwrite, blob_key, store_id)
    select * from json_to_recordset(${JSON.stringify(uploads)}::json) as given (id text, user_id uuid, project_id uuid,
      parent text, name text, size bigint, part_size bigint, md5 text, overwrite boolean, blob_key text, store_id text)
    returning * ${PREPARED}`.execute(db);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return uploads.map(({ id }) => byId.get(id)!);
}

/** The name that an upload of a user's asks for. */
export interface WantedName {
  parent: string;
  name: string;
  userId: string;
  activeSince: Date;
}

/**
 * For each of these names, in their order: the type of the file or folder that has it, and whether another user's upload
 * is going on to it that does not overwrite.
 */
export async function findInTheWay(
  db: Sql,
  wanted: readonly WantedName[],
): Promise<{ taken: "file" | "folder" | null; others: boolean }[]> {
  const column = <Key extends keyof WantedName>(key: Key) => wanted.map((name) => name[key]);
  const { rows } = await sql<{ taken: "file" | "folder" | null; others: boolean }>`
    select
      (select type from files where files.parent = wanted.parent and files.name = wanted.name and deleted_at is null) as taken,
      exists (select from uploads where uploads.parent = wanted.parent and uploads.name = wanted.name
        and uploads.user_id <> wanted.user_id and completed_at is null and not overwrite
        and active_at > wanted.active_since) as others
    from unnest(${column("parent")}::text[], ${column("name")}::text[], ${column("userId")}::uuid[],
      ${column("activeSince")}::timestamptz[]) with ordinality as wanted (parent, name, user_id, active_since, at)
    order by wanted.at ${PREPARED}`.execute(db);
  return rows;
}

/** The user's uploads whose targets are there, newest first, and how many there are. */
export async function listUploads(
  db: Sql,
  userId: string,
  activeSince: Date,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ items: (UploadRow & ProjectRights)[]; total: number }> {
  const matching = sql`
    from uploads ${joinProject(sql`uploads.project_id`, userId)}
    where uploads.user_id = ${userId} and completed_at is null and active_at > ${activeSince} and ${HAS_TARGET}`;
  const { rows: items } = await sql<UploadRow & ProjectRights>`
    select uploads.*, ${PROJECT_RIGHTS} ${matching}
    order by initiated_at desc, uploads.id limit ${limit} offset ${offset}`.execute(db);
  const { rows } = await sql<{ total: number }>`select count(*) as total ${matching}`.execute(db);
  return { items, total: rows[0]!.total };
}

/** An upload's sign of life is renewed at most hourly: parts come many times a second. */
const TOUCHED_MS = 60 * 60 * 1000;

/** Notes that something happened to an upload. */
export async function touchUpload(db: Sql, { id, active_at }: Pick<UploadRow, "id" | "active_at">): Promise<void> {
  if (active_at.getTime() > Date.now() - TOUCHED_MS) return;
  await db.updateTable("uploads").set({ active_at: new Date() }).where("id", "=", id).execute();
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
    on conflict (upload_id, number) do update set etag = excluded.etag, size = excluded.size ${PREPARED}`.execute(db);
}

export async function markUploadCompleted(tx: Tx, id: string, fileId: string): Promise<void> {
  await tx.updateTable("uploads").set({ completed_at: new Date(), file_id: fileId }).where("id", "=", id).execute();
  await tx.deleteFrom("upload_parts").where("upload_id", "=", id).execute();
}

export async function deleteUpload(db: Sql, id: string): Promise<void> {
  await db.deleteFrom("uploads").where("id", "=", id).execute();
}

/*
 * The lock of an upload in the blob store: shared while a part is given out or reported, alone while the upload is completed or aborted.
 * It belongs to the transaction, so a process that dies frees it.
 */
const lockOf = (id: RawBuilder<unknown>) => sql`hashtextextended('upload ' || ${id}, 0)`;

/** Waits until nobody else has the upload. */
export async function lockUpload(tx: Tx, id: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${lockOf(sql`${id}::text`)})`.execute(tx);
}

/** Like `lockUpload`, but answers false where that would wait. */
export async function tryLockUpload(tx: Tx, id: string): Promise<boolean> {
  const { rows } = await sql<{
    locked: boolean;
  }>`select pg_try_advisory_xact_lock(${lockOf(sql`${id}::text`)}) as locked`.execute(tx);
  return rows[0]!.locked;
}

/** Waits while a completion or an abort holds the upload's exclusive lock; then holds a shared one until the transaction ends. */
export async function lockUploadShared(tx: Tx, id: string): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${lockOf(sql`${id}::text`)})`.execute(tx);
}
