import type { Page } from "@causeway/contract";
import type { UploadedPart } from "@causeway/storage";
import { type Insertable, type Selectable, sql } from "kysely";
import type { Database, Sql, Tx } from "../db/database.ts";
import { type JobFilter, jobConditions } from "../volumes/jobs/filters.ts";
import { JobEnded } from "../volumes/jobs/job-work.ts";
import { pageOfJobs } from "../volumes/jobs/queries.ts";
import type { ExportsTable } from "../volumes/tables.ts";

export type ExportRow = Selectable<ExportsTable>;

export const insertExport = (tx: Tx, job: Insertable<ExportsTable>): Promise<ExportRow> =>
  tx.insertInto("exports").values(job).returningAll().executeTakeFirstOrThrow();

export async function findExports(db: Sql, ids: readonly string[]): Promise<Map<string, ExportRow>> {
  const rows = await db
    .selectFrom("exports")
    .selectAll()
    .where("id", "in", ids.length === 0 ? [""] : ids)
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** One page of a user's exports, the newest first, and how many there are. */
export const listExports = (
  db: Database,
  user: string,
  filter: JobFilter,
  page: Page,
): Promise<{ items: ExportRow[]; total: number }> =>
  pageOfJobs(db, { columns: sql`job.*`, from: sql`exports as job` }, jobConditions(user, filter), page);

/** Notes how far a job is, unless it has ended. @throws JobEnded */
export async function noteExport(
  db: Sql,
  id: string,
  change: { blob_key?: string; writing?: true; upload?: Buffer | null; written_etag?: string; written_at?: Date },
): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable("exports")
    .set(change)
    .where("id", "=", id)
    .where("finished_at", "is", null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new JobEnded();
}

/** Notes a part that the service has acknowledged. @throws JobEnded */
export async function notePart(db: Database, id: string, { number, etag, verified }: UploadedPart): Promise<void> {
  const { numAffectedRows } = await sql`
    insert into export_parts (export_id, number, etag, verified)
    select id, ${number}, ${etag}, ${verified} from exports where id = ${id} and finished_at is null
    on conflict (export_id, number) do update set etag = excluded.etag, verified = excluded.verified`.execute(db);
  if (numAffectedRows === 0n) throw new JobEnded();
}

/** The parts that the service has acknowledged, by number. */
export async function acknowledgedParts(db: Database, id: string): Promise<Map<number, { etag: string; verified: boolean }>> {
  const rows = await db.selectFrom("export_parts").select(["number", "etag", "verified"]).where("export_id", "=", id).execute();
  return new Map(rows.map(({ number, ...part }) => [number, part]));
}

/** Forgets an upload that is not there any more. */
export async function forgetUpload(db: Database, id: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx.deleteFrom("export_parts").where("export_id", "=", id).execute();
    await tx.updateTable("exports").set({ upload: null }).where("id", "=", id).execute();
  });
}

/** Ends an export well. */
export async function completeExport(tx: Tx, id: string): Promise<void> {
  await tx
    .updateTable("exports")
    .set({ state: "COMPLETED", upload: null, finished_at: new Date(), faults: 0, fault: null })
    .where("id", "=", id)
    .execute();
  await tx.deleteFrom("export_parts").where("export_id", "=", id).execute();
}

/** Ended jobs whose uploads are still to be removed, of the last days. */
export async function leftUploads(db: Database): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from exports where upload is not null and finished_at > now() - interval '7 days'`.execute(db);
  return rows.map(({ id }) => id);
}

/** What is left of a file that its user is not shown any more; undefined when nothing is. */
export const findTrace = (db: Sql, id: string): Promise<{ project_id: string; deleted_at: Date | null } | undefined> =>
  db.selectFrom("files").select(["project_id", "deleted_at"]).where("id", "=", id).executeTakeFirst();

/** Whether a public project has the bytes, too: then they are those of a public file, or of a copy of one (9006). */
export async function isPublic(db: Sql, blobKey: string): Promise<boolean> {
  const { rows } = await sql`
    select from files join projects on projects.id = files.project_id
    where files.blob_key = ${blobKey} and files.deleted_at is null and projects.category = 'PUBLIC'
      and projects.deleted_at is null limit 1`.execute(db);
  return rows.length > 0;
}

/**
 * Makes a file that still has the bytes an alias of the object that was written: it keeps everything else. Answers whether
 * it was there.
 */
export async function turnIntoAlias(
  tx: Tx,
  job: ExportRow,
  { etag, modifiedAt }: { etag: string; modifiedAt: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable("files")
    .set({
      blob_key: null,
      volume_id: job.volume_id,
      location: job.location.replace(/^\/+/, ""),
      object_etag: etag,
      object_modified_at: modifiedAt,
    })
    .where("id", "=", job.file_id)
    .where("blob_key", "=", job.blob_key)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
