import { type BodyOf, type ErrorKind, type Operations, parseFileId, parseProjectId } from "@causeway/contract";
import { sql } from "kysely";
import type { Database, Sql, Tx } from "../../db/database.ts";
import type { ActorId } from "../../http/actor.ts";
import { ApiError } from "../../http/errors.ts";
import { joinProject, PROJECT_RIGHTS, type ProjectRights, permissionsOf } from "../../projects/project-rights.ts";
import type { Destination, FileAccess, SeenFile } from "../access.ts";
import { lockFolderShared } from "../folder-locks.ts";
import { isFileName, isFolderName } from "../names/name-rules.ts";
import { lockFile, markFileDeleted } from "../queries.ts";
import { transferFolder } from "./folder-transfer.ts";
import { copyFilesInto } from "./insert-copies.ts";
import { copyMode, lockFolders, moveFilesInto, moveMode } from "./transfer-mode.ts";

/** Where a file or folder goes, and its new name if it gets one. */
export type TransferTarget = Omit<BodyOf<Operations["startCopy"]>["items"][number], "file">;

/** What came of a file or folder: its id, and how many files that were. */
export interface TransferResult {
  id: string;
  files: number;
}

/** A file or folder as far as a caller who may read it needs it to be told what cannot be. */
export interface FileSummary {
  type: "file" | "folder";
  /** Null for a root folder. */
  parent: string | null;
  name: string;
  project: string;
}

export type FileTrees = ReturnType<typeof createFileTrees>;

/**
 * What can be done with a folder and all below it, or with a file. `copy`, `move` and `delete` do all in the transaction
 * given, or throw; where somebody else takes a name or a lock at the same time, Postgres ends the transaction, and it is
 * to be tried again.
 */
export function createFileTrees(db: Database, access: FileAccess) {
  return {
    /** Those of the files that are there and that the actor may read. */
    async look(actor: ActorId, ids: readonly string[]): Promise<Map<string, FileSummary>> {
      const { rows } = await sql<FileSummary & ProjectRights & { id: string }>`
        select files.id, files.type, files.parent, files.name, ${PROJECT_RIGHTS}
        from files ${joinProject(sql`files.project_id`, actor.id)}
        where files.id = any(${ids}::text[]) and files.deleted_at is null`.execute(db);
      return new Map(rows.filter((row) => permissionsOf(row).read).map((row) => [row.id, row]));
    },

    /** The root folders of those projects, `owner/project`, that are there and that the actor may read. */
    async roots(actor: ActorId, projects: readonly string[]): Promise<Map<string, string>> {
      const { rows } = await sql<ProjectRights & { root: string }>`
        select named.root_folder as root, ${PROJECT_RIGHTS} from projects as named ${joinProject(sql`named.id`, actor.id)}
        where (named.owner, named.short_name) in (
          select split_part(path, '/', 1), split_part(path, '/', 2) from unnest(${projects}::text[]) as path)`.execute(db);
      return new Map(rows.filter((row) => permissionsOf(row).read).map(({ project, root }) => [project, root]));
    },

    /** For each folder all folders above it, and itself. */
    async ancestors(folders: readonly string[], on: Sql = db): Promise<Map<string, Set<string>>> {
      const { rows } = await sql<{ folder: string; above: string }>`
        with recursive up (folder, above) as (
          select id collate "C", id collate "C" from unnest(${folders}::text[]) as id
          union all
          select up.folder, files.parent from up join files on files.id = up.above
          where files.parent is not null and files.deleted_at is null
        ) select folder, above from up`.execute(on);
      const found = Map.groupBy(rows, ({ folder }) => folder);
      return new Map([...found].map(([folder, above]) => [folder, new Set(above.map((row) => row.above))]));
    },

    /** How many files are in each of these folders, at any depth; a file counts for one. */
    async count(ids: readonly string[]): Promise<Map<string, number>> {
      const { rows } = await sql<{ top: string; files: number }>`
        with recursive below (top, id, type) as (
          select id, id, type from files where id = any(${ids}::text[]) and deleted_at is null
          union all
          select below.top, files.id, files.type from below join files on files.parent = below.id and files.deleted_at is null
          where below.type = 'folder'
        ) select top, count(*) filter (where type = 'file') as files from below group by top`.execute(db);
      return new Map(rows.map(({ top, files }) => [top, files]));
    },

    /**
     * Copies a file, or a folder with all in it; folders of the same name are merged, taken names of files get a prefix.
     *
     * @throws ApiError of the file, `fileCopyForbidden`, `asyncCopyRoot`, `asyncCopyToOwnParent`, `asyncCopyIntoItself`; of the destination,
     *   `projectForbidden`; `fileNameInvalid`
     */
    async copy(tx: Tx, actor: ActorId, id: string, to: TransferTarget): Promise<TransferResult> {
      const source = await see(tx, actor, id);
      if (!source.permissions.copy) throw new ApiError("fileCopyForbidden");
      if (source.parent === null) throw new ApiError("asyncCopyRoot");
      const target = await destination(tx, actor, to);
      await access.requireMayTransfer(source, target, "fileCopyForbidden", tx);
      const name = nameOf(source, to);
      if (source.type === "file") {
        const copy = (await copyFilesInto(tx, target, [{ id: source.id, name }])).get(source.id);
        if (!copy) throw new ApiError("fileNotFound");
        return { id: copy.id, files: 1 };
      }
      if (source.parent === target.folder && name === source.name) throw new ApiError("asyncCopyToOwnParent");
      await this.refuseBelow(tx, source.id, target.folder, "asyncCopyIntoItself");
      return transferFolder(tx, { id: source.id, name }, target, copyMode(tx));
    },

    /**
     * Moves a file, which keeps its id, or a folder with all in it: folders get new ids, or are merged into those of the
     * same name. Taken names of files get a prefix. What is there already stays as it is.
     *
     * @throws ApiError of the file, `fileMoveForbidden`, `asyncMoveRoot`, `asyncMoveToOwnParent`, `asyncMoveIntoItself`; of the destination,
     *   `projectForbidden`; `fileNameInvalid`
     */
    async move(tx: Tx, actor: ActorId, id: string, to: TransferTarget): Promise<TransferResult> {
      const source = await see(tx, actor, id);
      if (!source.permissions.write) throw new ApiError("fileMoveForbidden");
      if (source.parent === null) throw new ApiError("asyncMoveRoot");
      const target = await destination(tx, actor, to);
      await access.requireMayTransfer(source, target, "fileMoveForbidden", tx);
      const name = nameOf(source, to);
      const stays = source.parent === target.folder && name === source.name;
      if (source.type === "file") {
        if (!stays && (await moveFilesInto(tx, target, [{ id: source.id, name }])) === 0) throw new ApiError("fileNotFound");
        return { id: source.id, files: 1 };
      }
      if (stays) throw new ApiError("asyncMoveToOwnParent");
      await this.refuseBelow(tx, source.id, target.folder, "asyncMoveIntoItself");
      return transferFolder(tx, { id: source.id, name }, target, moveMode(tx));
    },

    /** Deletes a file, or a folder with all in it. @throws ApiError of the file, `fileForbidden`; `fileRequestInvalid` of a root folder */
    async delete(tx: Tx, actor: ActorId, id: string): Promise<TransferResult> {
      const source = await see(tx, actor, id);
      if (!source.permissions.write) throw new ApiError("fileForbidden");
      if (source.parent === null) throw new ApiError("fileRequestInvalid", "The root folder of a project stays.");
      if (source.type === "folder") return { id: source.id, files: await deleteBelow(tx, source.id) };
      if (!(await lockFile(tx, source.id))) throw new ApiError("fileNotFound");
      await markFileDeleted(tx, source.id);
      return { id: source.id, files: 1 };
    },

    /** @throws ApiError `kind` when `folder` is `top` or lies below it */
    async refuseBelow(tx: Tx, top: string, folder: string, kind: ErrorKind): Promise<void> {
      const above = await this.ancestors([folder], tx);
      if (above.get(folder)?.has(top)) throw new ApiError(kind);
    },
  };

  async function see(tx: Tx, actor: ActorId, id: string): Promise<SeenFile> {
    const known = parseFileId(id);
    if (known === undefined) throw new ApiError("fileNotFound");
    return access.mentioned(actor, known, "fileNotFound", tx);
  }

  async function destination(tx: Tx, actor: ActorId, { parent, project }: TransferTarget): Promise<Destination> {
    if (parent !== undefined && parseFileId(parent) === undefined) throw new ApiError("destinationFolderNotFound");
    if (parent === undefined && !parseProjectId(project ?? "")) throw new ApiError("projectMalformedId");
    const named = parent === undefined ? { project: project! } : { parent: parent.toLowerCase() };
    const target = await access.destination(actor, named, undefined, tx);
    if (!target.permissions.write) throw new ApiError("projectForbidden");
    if (!(await lockFolderShared(tx, target.folder))) throw new ApiError("destinationFolderNotFound");
    return target;
  }
}

function nameOf(source: SeenFile, { name = source.name }: TransferTarget): string {
  const fits = source.type === "folder" ? isFolderName(name) || name === source.name : isFileName(name);
  if (!fits) throw new ApiError("fileNameInvalid");
  return name;
}

async function deleteBelow(tx: Tx, top: string): Promise<number> {
  let files = 0;
  for (let level = [top]; level.length > 0; ) {
    await lockFolders(tx, level);
    const gone = await sql`
      update files set deleted_at = now() where parent = any(${level}::text[]) and type = 'file' and deleted_at is null`.execute(
      tx,
    );
    files += Number(gone.numAffectedRows ?? 0);
    const { rows } = await sql<{ id: string }>`
      select id from files where parent = any(${level}::text[]) and type = 'folder' and deleted_at is null`.execute(tx);
    await sql`update files set deleted_at = now() where id = any(${level}::text[]) and deleted_at is null`.execute(tx);
    level = rows.map(({ id }) => id);
  }
  return files;
}
