import { type Selectable, sql } from "kysely";
import type pg from "pg";
import type { Database, Sql, Tx } from "../db/database.ts";
import { type PreparedQuery, prepareQuery } from "../db/prepared.ts";
import { anyOf, PREPARED } from "../db/prepared-plans.ts";
import { joinProject, PROJECT_RIGHTS, type ProjectRights } from "../projects/project-rights.ts";
import type { Damage } from "../scrub/damage.ts";
import { fileJson } from "./present.ts";
import type { AliasedObject, FilesTable, Metadata, Origin } from "./tables.ts";

export type FileRow = Selectable<FilesTable>;

/** A file or folder with its project and what one user may do there. */
export type FoundFile = FileRow & ProjectRights;

const LIVING = sql`files.deleted_at is null`;

/** The living file of that id, in a living project. */
export async function findFile(db: Sql, id: string, userId: string): Promise<FoundFile | undefined> {
  const { rows } = await sql<FoundFile>`
    select files.*, ${PROJECT_RIGHTS} from files ${joinProject(sql`files.project_id`, userId)}
    where files.id = ${id} and ${LIVING} ${PREPARED}`.execute(db);
  return rows[0];
}

/** A file that is looked up, and for whom. */
export interface FileLookup {
  id: string;
  userId: string;
}

/** `findFile` for many look-ups of any users at once: an answer for each, in their order. */
export async function findEach(db: Sql, lookups: readonly FileLookup[]): Promise<(FoundFile | undefined)[]> {
  const keys = lookups.map(({ id, userId }) => `${id} ${userId}`);
  const different = [...new Map(keys.map((key, at) => [key, lookups[at]!])).values()];
  const { rows } = await sql<FoundFile & { user_id: string }>`
    select files.*, wanted.user_id, ${PROJECT_RIGHTS}
    from unnest(${different.map(({ id }) => id)}::text[], ${different.map(({ userId }) => userId)}::uuid[]) as wanted (id, user_id)
    join files on files.id = wanted.id ${joinProject(sql`files.project_id`, sql`wanted.user_id`)}
    where ${LIVING} ${PREPARED}`.execute(db);
  const found = new Map(rows.map(({ user_id, ...file }) => [`${file.id} ${user_id}`, file]));
  return keys.map((key) => found.get(key));
}

/** The living ones of these files, by id. */
export async function findFiles(db: Sql, ids: readonly string[], userId: string): Promise<Map<string, FoundFile>> {
  const { rows } = await sql<FoundFile>`
    select files.*, ${PROJECT_RIGHTS} from files ${joinProject(sql`files.project_id`, userId)}
    where files.id = ${anyOf(ids, "text")} and ${LIVING} ${PREPARED}`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

/** A file as the API shows it, with what one user may do in its project. */
export type FoundFileJson<Json> = ProjectRights & { json: Json };

/** Finds the living file of an id with its public shape. Values: the API's address of all files, the user, the file. */
export function prepareFindFileJson<Json>(db: Database, pool: pg.Pool): PreparedQuery<FoundFileJson<Json>> {
  const json = fileJson(sql.raw("$1::text"), sql`projects.owner || '/' || projects.short_name`);
  return prepareQuery(
    db,
    pool,
    sql<FoundFileJson<Json>>`
      select ${json} as json, ${PROJECT_RIGHTS} from files ${joinProject(sql`files.project_id`, sql.raw("$2::uuid"))}
      where files.id = ${sql.raw("$3::text")} and ${LIVING}`,
    { keepPlan: true },
  );
}

/** The living ones of these files. */
export async function findFilesJson<Json>(
  db: Sql,
  ids: readonly string[],
  filesUrl: string,
  userId: string,
): Promise<(FoundFileJson<Json> & { id: string })[]> {
  const json = fileJson(sql`${filesUrl}::text`, sql`projects.owner || '/' || projects.short_name`);
  const { rows } = await sql<FoundFileJson<Json> & { id: string }>`
    select files.id, ${json} as json, ${PROJECT_RIGHTS} from files ${joinProject(sql`files.project_id`, userId)}
    where files.id = ${anyOf(ids, "text")} and ${LIVING} ${PREPARED}`.execute(db);
  return rows;
}

/** Bytes of a file: a blob's, or, where `key` is null, an object's on a volume. */
type FoundBytes = ProjectRights &
  Pick<FileRow, "project_id" | "name" | "volume_id" | "location" | "object_etag"> & {
    key: string | null;
    size: number;
    sha256: string | null;
    damage: Damage | null;
  };

/**
 * The bytes of a living file in a living project, with what is known to be wrong with them and what the user of that name
 * may do there; none for who is no user any more.
 */
export async function findBytesFor(db: Sql, id: string, username: string): Promise<FoundBytes | undefined> {
  const { rows } = await sql<FoundBytes>`
    select files.project_id, files.name, files.volume_id, files.location, files.object_etag,
      blobs.key, coalesce(blobs.size, files.size) as size, blobs.sha256, damage, ${PROJECT_RIGHTS}
    from files left join blobs on blobs.key = files.blob_key
    left join damaged_blobs on damaged_blobs.blob_key = files.blob_key
    join users on users.username = ${username} and users.disabled_at is null and users.removed_at is null
    ${joinProject(sql`files.project_id`, sql`users.id`)}
    where files.id = ${id} and files.type = 'file' and ${LIVING} ${PREPARED}`.execute(db);
  return rows[0];
}

/** Takes a file for a change: others wait, those who hold the folder are waited for. Undefined when it is gone. */
export async function lockFile(tx: Tx, id: string): Promise<FileRow | undefined> {
  return tx.selectFrom("files").selectAll().where("id", "=", id).where("deleted_at", "is", null).forUpdate().executeTakeFirst();
}

export type LockedFile = Pick<FileRow, "id" | "parent" | "name" | "metadata">;

/** The same of many, always in the same order. What is gone is left out. */
export async function lockFiles(tx: Tx, ids: readonly string[]): Promise<Map<string, LockedFile>> {
  const { rows } = await sql<LockedFile>`
    select id, parent, name, metadata from files where id = ${anyOf(ids, "text")} and ${LIVING}
    order by id for update ${PREPARED}`.execute(tx);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Which living things have these names in these folders. */
export async function findNamed(
  db: Sql,
  places: readonly { parent: string; name: string }[],
): Promise<{ id: string; parent: string; name: string }[]> {
  if (places.length === 0) return [];
  const { rows } = await sql<{ id: string; parent: string; name: string }>`
    select files.id, files.parent, files.name
    from json_to_recordset(${JSON.stringify(places)}::json) as place (parent text, name text)
    join files on files.parent = place.parent and files.name = place.name and ${LIVING} ${PREPARED}`.execute(db);
  return rows;
}

export async function isEmptyFolder(db: Sql, id: string): Promise<boolean> {
  const child = await db
    .selectFrom("files")
    .select("id")
    .where("parent", "=", id)
    .where("deleted_at", "is", null)
    .limit(1)
    .executeTakeFirst();
  return child === undefined;
}

export interface NewFile {
  /** Ours to choose, or left to the database. */
  id?: string;
  projectId: string;
  /** Null for a root folder. */
  parent: string | null;
  name: string;
  /** Neither this nor `object` makes a folder. */
  blob?: { key: string; size: number };
  /** Makes an alias; who adds it holds the volume (`VolumeAccess.hold`). */
  object?: AliasedObject;
  metadata?: Metadata;
  tags?: string[];
  origin?: Origin;
}

export const isFolder = ({ blob, object }: Pick<NewFile, "blob" | "object">): boolean => !blob && !object;

/** Adds the file and answers its id; `undefined` when the name is taken in that folder. */
export async function insertFile(db: Sql, file: NewFile): Promise<string | undefined> {
  const row = await db
    .insertInto("files")
    .values({
      ...(file.id === undefined ? {} : { id: file.id }),
      project_id: file.projectId,
      parent: file.parent,
      name: file.name,
      type: isFolder(file) ? "folder" : "file",
      blob_key: file.blob?.key ?? null,
      volume_id: file.object?.volumeId ?? null,
      location: file.object?.location ?? null,
      object_etag: file.object?.etag ?? null,
      object_modified_at: file.object?.modifiedAt ?? null,
      size: (file.blob ?? file.object)?.size ?? null,
      metadata: JSON.stringify(file.metadata ?? {}),
      tags: file.tags ?? [],
      origin: JSON.stringify(file.origin ?? {}),
    })
    .onConflict((conflict) => conflict.columns(["parent", "name"]).where("deleted_at", "is", null).doNothing())
    .returning("id")
    .modifyEnd(PREPARED)
    .executeTakeFirst();
  return row?.id;
}

/**
 * Adds files to folders, in one statement, and answers their ids in the order given; undefined for those whose name is
 * taken, also by one before.
 */
export async function insertFiles(
  db: Sql,
  files: readonly (NewFile & { blob: { key: string; size: number } })[],
): Promise<(string | undefined)[]> {
  const given = files.map(({ projectId, parent, name, blob }, at) => ({ at, projectId, parent, name, ...blob }));
  // Always in the same order: two that add the same names do not wait for each other.
  const { rows } = await sql<{ at: number; id: string }>`
    with given as materialized (
      select *, new_file_id() as id from json_to_recordset(${JSON.stringify(given)}::json)
        as given (at integer, "projectId" uuid, parent text, name text, key text, size bigint)
    ), added as (
      insert into files (id, project_id, parent, name, type, blob_key, size)
      select id, "projectId", parent, name, 'file', key, size from given order by parent, name, at
      on conflict (parent, name) where deleted_at is null do nothing returning id
    )
    select at, id from given join added using (id) ${PREPARED}`.execute(db);
  const ids = new Map(rows.map(({ at, id }) => [at, id]));
  return files.map((_, at) => ids.get(at));
}

/** Changes a living file; answers whether it was there. */
export async function updateFile(
  db: Sql,
  id: string,
  change: { name?: string; parent?: string; metadata?: Metadata; tags?: string[] },
): Promise<boolean> {
  const { metadata, ...columns } = change;
  const { numUpdatedRows } = await db
    .updateTable("files")
    .set({ ...columns, ...(metadata ? { metadata: JSON.stringify(metadata) } : {}), modified_at: new Date() })
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Changes living files, by their ids, in one statement. */
export async function updateFiles(
  db: Sql,
  changes: ReadonlyMap<string, { name?: string; metadata?: Metadata; tags?: string[] }>,
): Promise<void> {
  if (changes.size === 0) return;
  const given = [...changes].map(([id, { name = null, metadata = null, tags = null }]) => ({ id, name, metadata, tags }));
  await sql`
    update files set name = coalesce(change.name, files.name), metadata = coalesce(change.metadata, files.metadata),
      tags = coalesce(change.tags, files.tags), modified_at = now()
    from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as change (id text, name text, metadata jsonb, tags text[])
    where files.id = change.id and ${LIVING} ${PREPARED}`.execute(db);
}

export async function markFileDeleted(db: Sql, id: string): Promise<void> {
  await db.updateTable("files").set({ deleted_at: new Date() }).where("id", "=", id).where("deleted_at", "is", null).execute();
}
