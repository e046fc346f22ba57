import { parseFileId, parseProjectId } from "@causeway/contract";
import { type Selectable, sql } from "kysely";
import { type Database, type Sql, type Tx, violates } from "../../db/database.ts";
import { ApiError } from "../../http/errors.ts";
import { lockFolderShared } from "../folder-locks.ts";
import { isFileName, isFolderName } from "../names/name-rules.ts";
import type { FilesTable } from "../tables.ts";

/** A file or folder that was deleted and can still be restored. */
export interface DeletedFile {
  id: string;
  /** Where it was, from the top of its project: `reads/s1.fastq`. */
  path: string;
  type: "file" | "folder";
  /** Bytes; null for folders. */
  size: number | null;
  deletedAt: Date;
  /** From then on it is removed for good. */
  restorableUntil: Date;
}

export interface Restoring {
  /** Its new name. Default: the old one. */
  name?: string;
  /** Another folder of its project. Default: the one it lay in. */
  parent?: string;
  /** Of a folder: restore all below it that was deleted from then on. Default: what was deleted with it. */
  since?: Date;
}

export interface Restored {
  id: string;
  path: string;
  /** How many are there again, itself among them. */
  files: number;
  folders: number;
}

type Gone = Selectable<FilesTable> & { project: string; project_gone: boolean };

export type FileTrash = ReturnType<typeof createFileTrash>;

/** Deleted files and folders, for operators: no actor is asked. `trashMs` is how long they can be restored. */
export function createFileTrash(db: Database, trashMs: number) {
  return {
    /**
     * What of a project was deleted and can be restored, the last deleted first; of a folder that was deleted with all in
     * it, only the folder. `name`: only what had that name.
     *
     * @throws ApiError `projectMalformedId`, `projectNotFound`: also for a deleted one, whose files come back with it
     */
    async list(
      project: string,
      { limit, offset, name }: { limit: number; offset: number; name?: string },
    ): Promise<DeletedFile[]> {
      const { rows } = await sql<{ id: string; path: string; type: "file" | "folder"; size: number | null; deleted_at: Date }>`
        select gone.id, ${pathOf(sql`gone.id`)} as path, gone.type, gone.size, gone.deleted_at from files gone
        where gone.project_id = ${await livingProject(project)} and gone.deleted_at > ${new Date(Date.now() - trashMs)}
          and ${name === undefined ? sql`true` : sql`gone.name = ${name}`}
          and not exists (select from files folder where folder.id = gone.parent and folder.deleted_at = gone.deleted_at)
        order by gone.deleted_at desc, gone.id limit ${limit} offset ${offset}`.execute(db);
      return rows.map(({ deleted_at, ...row }) => ({
        ...row,
        deletedAt: deleted_at,
        restorableUntil: new Date(deleted_at.getTime() + trashMs),
      }));
    },

    /**
     * Makes a deleted file or folder be there again, under its old id. Nothing that is there is touched: a taken name is
     * refused. All of it or nothing.
     *
     * @throws ApiError `fileNotFound` when nothing deleted has that id; `projectNotFound` when its project is deleted,
     *   too; `destinationFolderNotFound` when its folder is, or `parent` is no folder of the project; `fileExists`,
     *   `folderExists` for a taken name; `fileNameInvalid`
     */
    async restore(text: string, { name, parent, since }: Restoring = {}): Promise<Restored> {
      const id = parseFileId(text);
      return db.transaction().execute(async (tx) => {
        const gone = id === undefined ? undefined : await lockDeleted(tx, id);
        // The clock is read under the lock: what the sweep has begun to remove is too old for it, too.
        if (!gone || gone.deleted_at!.getTime() <= Date.now() - trashMs)
          throw new ApiError("fileNotFound", "Nothing deleted has that id: it is there, or it is removed for good.");
        if (gone.project_gone)
          throw new ApiError("projectNotFound", `${gone.project} is deleted: restore the project, and this file is there again.`);
        const place = { parent: await folderFor(tx, gone, parent), name: name ?? gone.name };
        const fits = gone.type === "folder" ? isFolderName(place.name) || place.name === gone.name : isFileName(place.name);
        if (!fits) throw new ApiError("fileNameInvalid");
        try {
          const counts = await bringBack(tx, gone, place, since);
          return { id: gone.id, path: await currentPath(tx, gone.id), ...counts };
        } catch (error) {
          if (!violates(error, "files_name")) throw error;
          const detail = `Something is called ${place.name} in that folder by now: give another name or parent.`;
          throw new ApiError(gone.type === "folder" ? "folderExists" : "fileExists", detail, { cause: error });
        }
      });
    },
  };

  async function livingProject(project: string): Promise<string> {
    const named = parseProjectId(project);
    if (!named) throw new ApiError("projectMalformedId");
    const found = await db
      .selectFrom("projects")
      .select("id")
      .where("owner", "=", named.owner)
      .where("short_name", "=", named.project)
      .where("deleted_at", "is", null)
      .executeTakeFirst();
    if (!found) throw new ApiError("projectNotFound");
    return found.id;
  }
}

async function lockDeleted(tx: Tx, id: string): Promise<Gone | undefined> {
  const { rows } = await sql<Gone>`
    select files.*, owner || '/' || short_name as project, projects.deleted_at is not null as project_gone
    from files join projects on projects.id = files.project_id
    where files.id = ${id} and files.deleted_at is not null for update of files`.execute(tx);
  return rows[0];
}

/** The living folder it goes to, which stays until the transaction ends. */
async function folderFor(tx: Tx, gone: Gone, wanted: string | undefined): Promise<string> {
  if (wanted === undefined) {
    if (await lockFolderShared(tx, gone.parent!)) return gone.parent!;
    throw new ApiError(
      "destinationFolderNotFound",
      "The folder it lay in is deleted: restore that first, or give another parent.",
    );
  }
  const parent = parseFileId(wanted);
  const isThere = parent !== undefined && (await lockFolderShared(tx, parent));
  const of = isThere ? await tx.selectFrom("files").select("project_id").where("id", "=", parent).executeTakeFirst() : undefined;
  if (of?.project_id !== gone.project_id)
    throw new ApiError("destinationFolderNotFound", `parent is no folder of ${gone.project}.`);
  return parent!;
}

/**
 * Of a name that was deleted several times in one folder (files are overwritten), the last comes back. The moment is
 * compared in the database: its times are finer than a Date.
 */
async function bringBack(
  tx: Tx,
  gone: Gone,
  { parent, name }: { parent: string; name: string },
  since: Date | undefined,
): Promise<{ files: number; folders: number }> {
  const { rows } = await sql<{ type: "file" | "folder"; count: number }>`
    with recursive gone as materialized (
      select distinct on (parent, name) id, parent, type from files
      where project_id = ${gone.project_id} and parent is not null
        and deleted_at >= least(${since ?? null}, (select deleted_at from files where id = ${gone.id}))
        and ${since === undefined ? sql`deleted_at = (select deleted_at from files where id = ${gone.id})` : sql`true`}
      order by parent, name, deleted_at desc, id
    ), below as (
      select id, type from files where id = ${gone.id}
      union all
      select gone.id, gone.type from below join gone on gone.parent = below.id where below.type = 'folder'
    ), restored as (
      update files set deleted_at = null,
        parent = case files.id when ${gone.id} then ${parent} else files.parent end,
        name = case files.id when ${gone.id} then ${name} else files.name end
      from below where files.id = below.id and files.deleted_at is not null returning files.type
    ) select type, count(*) as count from restored group by type`.execute(tx);
  const count = (type: string) => rows.find((row) => row.type === type)?.count ?? 0;
  return { files: count("file"), folders: count("folder") };
}

/** The names from the project's top down to a file, without the root folder's. */
const pathOf = (id: ReturnType<typeof sql>) => sql<string>`(
  with recursive up (parent, path) as (
    select parent, name from files where id = ${id}
    union all
    select files.parent, files.name || '/' || up.path from up join files on files.id = up.parent
    where files.parent is not null
  ) select path from up order by length(path) desc limit 1)`;

async function currentPath(db: Sql, id: string): Promise<string> {
  const { rows } = await sql<{ path: string }>`select ${pathOf(sql`${id}`)} as path`.execute(db);
  return rows[0]!.path;
}
