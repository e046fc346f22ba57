import { sql } from "kysely";
import type { Sql } from "../db/database.ts";

export interface CopiedRevisions {
  /** Internal ids of the apps. */
  from: string;
  to: string;
  /** The short name of `to`, which stands for a label where a document has none. */
  name: string;
  first: number;
  last: number;
  /** What `first` is called in `to`. */
  firstNumber: number;
  /** In place of the notes of the revisions. */
  notes?: string;
  createdBy: string;
  /** Whether `to` takes its updates from `from`; else it takes them from where `from` does. */
  isUpstream: boolean;
}

/** Copies revisions of one app to another, within the database: documents can be large, and histories long. */
export async function copyRevisions(db: Sql, copied: CopiedRevisions): Promise<void> {
  const notes = copied.notes === undefined ? sql`source.notes` : sql`${copied.notes}::text`;
  const standsAt = copied.isUpstream
    ? sql`source.revision`
    : sql`(select max(upstream_revision) from app_revisions earlier
           where earlier.app_id = source.app_id and earlier.revision <= source.revision)`;
  await sql`
    insert into app_revisions (app_id, revision, document, notes, label, words, content_hash, cwl_versions,
                               validation_errors, validation_warnings, document_bytes, created_by, upstream_revision)
    select ${copied.to}::uuid, source.revision - ${copied.first}::integer + ${copied.firstNumber}::integer, source.document, ${notes},
           case when json_typeof(source.document -> 'label') = 'string' and source.document ->> 'label' ~ '\\S'
             then source.label else ${copied.name}::text end,
           ${copied.name}::text || substr(source.words, length(apps.name) + 1),
           source.content_hash, source.cwl_versions, source.validation_errors, source.validation_warnings,
           source.document_bytes, ${copied.createdBy}::text, ${standsAt}
    from app_revisions source join apps on apps.id = source.app_id
    where source.app_id = ${copied.from} and source.revision between ${copied.first} and ${copied.last}`.execute(db);
}

/** The newest revision of its upstream that a copy has taken; -1 when it has taken none. */
export async function highestUpstreamRevision(db: Sql, appId: string): Promise<number> {
  const { highest } = await db
    .selectFrom("app_revisions")
    .select(({ fn }) => fn.max("upstream_revision").as("highest"))
    .where("app_id", "=", appId)
    .executeTakeFirstOrThrow();
  return highest ?? -1;
}
