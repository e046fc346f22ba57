import { type Selectable, sql } from "kysely";
import type { Sql, Tx } from "../db/database.ts";
import { anyOf, PREPARED } from "../db/prepared-plans.ts";
import type { AppRevisionsTable, AppsTable } from "./tables.ts";

export type AppRow = Selectable<AppsTable>;
export type RevisionRow = Selectable<AppRevisionsTable>;

/** One revision of an app with what its public form needs of the app and its project. */
export interface AppRevision extends Omit<RevisionRow, "words" | "document"> {
  name: string;
  latest_revision: number;
  project_id: string;
  project: string;
  project_name: string;
  /** `owner/project/name/revision` that it was last copied from; null for an app that is no copy. */
  copy_of: string | null;
}

export interface RevisionNote {
  revision: number;
  notes: string | null;
  created_by: string;
  created_at: Date;
}

export async function findApp(db: Sql, projectId: string, name: string): Promise<AppRow | undefined> {
  return db
    .selectFrom("apps")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("name", "=", name)
    .where("deleted_at", "is", null)
    .modifyEnd(PREPARED)
    .executeTakeFirst();
}

export async function findAppById(db: Sql, id: string): Promise<AppRow | undefined> {
  return db.selectFrom("apps").selectAll().where("id", "=", id).where("deleted_at", "is", null).executeTakeFirst();
}

/** Takes the app for a change of its revisions: others wait. */
export async function lockApp(tx: Tx, id: string): Promise<AppRow | undefined> {
  return tx.selectFrom("apps").selectAll().where("id", "=", id).where("deleted_at", "is", null).forUpdate().executeTakeFirst();
}

export async function updateApp(
  db: Sql,
  id: string,
  change: Partial<Pick<AppRow, "latest_revision" | "copied_from" | "copied_revision">>,
): Promise<void> {
  await db.updateTable("apps").set(change).where("id", "=", id).execute();
}

const revisions = (db: Sql) =>
  db
    .selectFrom("apps")
    .innerJoin("app_revisions as r", "r.app_id", "apps.id")
    .innerJoin("projects as p", "p.id", "apps.project_id")
    .leftJoin("apps as source", "source.id", "apps.copied_from")
    .leftJoin("projects as source_project", "source_project.id", "source.project_id")
    .select([
      "r.id",
      "r.app_id",
      "r.revision",
      "r.notes",
      "r.label",
      "r.content_hash",
      "r.cwl_versions",
      "r.validation_errors",
      "r.validation_warnings",
      "r.document_bytes",
      "r.class",
      "r.batch_input",
      "r.batch_by",
      "r.created_by",
      "r.created_at",
      "r.upstream_revision",
      "apps.name",
      "apps.latest_revision",
      "apps.project_id",
      sql<string>`p.owner || '/' || p.short_name`.as("project"),
      "p.name as project_name",
      sql<
        string | null
      >`source_project.owner || '/' || source_project.short_name || '/' || source.name || '/' || apps.copied_revision`.as(
        "copy_of",
      ),
    ]);

/** A revision of an app; without a number, the latest. */
export async function findRevision(db: Sql, appId: string, revision?: number): Promise<AppRevision | undefined> {
  return revisions(db)
    .where("apps.id", "=", appId)
    .where("r.revision", "=", revision === undefined ? sql<number>`apps.latest_revision` : revision)
    .modifyEnd(PREPARED)
    .executeTakeFirst();
}

/** The revision with this internal id, also of an app that was deleted since: tasks keep the one they were made with. */
export async function findRevisionById(db: Sql, id: string): Promise<AppRevision | undefined> {
  return revisions(db).where("r.id", "=", id).modifyEnd(PREPARED).executeTakeFirst();
}

/** The document of the revision with this internal id, as JSON text. */
export async function findDocument(db: Sql, id: string): Promise<string | undefined> {
  const { rows } = await sql<{ text: string }>`
    select document::text as text from app_revisions where id = ${id}::uuid ${PREPARED}`.execute(db);
  return rows[0]?.text;
}

/** Who made which revision of these apps, oldest first: by the app's internal id. */
export async function revisionNotes(db: Sql, appIds: readonly string[]): Promise<Map<string, RevisionNote[]>> {
  if (appIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("app_revisions")
    .select(["app_id", "revision", "notes", "created_by", "created_at"])
    .where(sql<boolean>`app_id = ${anyOf(appIds, "uuid")}`)
    .orderBy("revision")
    .modifyEnd(PREPARED)
    .execute();
  return Map.groupBy(rows, ({ app_id }) => app_id);
}

export interface AppFilter {
  userId: string;
  visibility: "private" | "public" | "project";
  projectId?: string;
  owner?: string;
  /** Every term must be somewhere in the app's words. */
  terms: readonly string[];
  /** Only these, each at its revision or at the latest. */
  ids?: readonly { owner: string; project: string; name: string; revision?: number }[];
}

/** One item an app at its latest revision, or at the one asked for by id; by project id, then short name. */
export async function listRevisions(
  db: Sql,
  filter: AppFilter,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ items: AppRevision[]; total: number }> {
  const wanted = filter.ids?.map(({ owner, project, name, revision }) => ({
    id: `${owner}/${project}/${name}`,
    revision: revision ?? null,
  }));
  const conditions = [
    sql`apps.deleted_at is null and p.deleted_at is null`,
    wanted === undefined
      ? sql`r.revision = apps.latest_revision`
      : sql`exists (select 1 from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as wanted(id text, revision integer)
                    where wanted.id = p.owner || '/' || p.short_name || '/' || apps.name
                      and r.revision = coalesce(wanted.revision, apps.latest_revision))`,
    ...(filter.projectId === undefined ? [] : [sql`p.id = ${filter.projectId}`]),
    ...(filter.owner === undefined ? [] : [sql`p.owner = ${filter.owner}`]),
    ...(filter.visibility === "public" ? [sql`p.category = 'PUBLIC'`] : []),
    ...(filter.visibility === "private" ? [sql`p.id in (select project_id from projects_of(${filter.userId}))`] : []),
    ...filter.terms.map((term) => sql`strpos(r.words, ${term.toLowerCase()}) > 0`),
  ];
  const matching = revisions(db).where(sql<boolean>`${sql.join(conditions, sql` and `)}`);
  const items = await matching
    .orderBy(sql`p.owner || '/' || p.short_name`)
    .orderBy("apps.name")
    .orderBy("r.revision")
    .limit(limit)
    .offset(offset)
    .execute();
  const { total } = await matching
    .clearSelect()
    .select(({ fn }) => fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  return { items, total };
}

export interface NewRevision {
  revision: number;
  /** JSON text. */
  document: string;
  notes: string | null;
  label: string;
  words: string;
  contentHash: string;
  cwlVersions: string[];
  validationErrors: string[];
  validationWarnings: string[];
  createdBy: string;
}

/** Makes an app at revision 0 and answers its id; the index `apps_name` refuses a second one of that name. */
export async function insertApp(
  db: Sql,
  app: { projectId: string; name: string; copiedFrom?: { appId: string; revision: number }; upstream?: string },
): Promise<string> {
  const { id } = await db
    .insertInto("apps")
    .values({
      project_id: app.projectId,
      name: app.name,
      copied_from: app.copiedFrom?.appId ?? null,
      copied_revision: app.copiedFrom?.revision ?? null,
      upstream: app.upstream ?? null,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

/** Adds a revision and makes it the latest; the constraint refuses a second one of that number. */
export async function insertRevision(db: Sql, appId: string, revision: NewRevision): Promise<void> {
  await db
    .insertInto("app_revisions")
    .values({
      app_id: appId,
      revision: revision.revision,
      document: revision.document,
      document_bytes: Buffer.byteLength(revision.document),
      notes: revision.notes,
      label: revision.label,
      words: revision.words,
      content_hash: revision.contentHash,
      cwl_versions: revision.cwlVersions,
      validation_errors: revision.validationErrors,
      validation_warnings: revision.validationWarnings,
      created_by: revision.createdBy,
    })
    .execute();
  await updateApp(db, appId, { latest_revision: revision.revision });
}
