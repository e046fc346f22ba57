import { API_ERRORS, type BodyOf, type ErrorKind, type Operations, parseFileId, type ReplyOf } from "@causeway/contract";
import { sql } from "kysely";
import type { Database } from "../../db/database.ts";
import type { Actor } from "../../http/actor.ts";
import { ApiError } from "../../http/errors.ts";
import { joinProject, PROJECT_RIGHTS, type ProjectRights, permissionsOf } from "../../projects/project-rights.ts";
import type { FileAccess } from "../access.ts";
import { lockFolderShared } from "../folder-locks.ts";
import { copyFilesInto } from "./insert-copies.ts";

type Copied = ReplyOf<Operations["copyFiles"]>;

export type BulkCopy = ReturnType<typeof createBulkCopy>;

export function createBulkCopy(db: Database, access: FileAccess) {
  /**
   * Copies files to the top of a project, all that can be, and says of each what became of it, by the id of its source
   * (files.md §3.15). An id given twice is copied once.
   *
   * @throws ApiError `projectMalformedId`, `projectNotFound`, `projectForbidden`; `fileRequestInvalid` without ids
   */
  return async (actor: Actor, body: () => BodyOf<Operations["copyFiles"]>): Promise<Copied> => {
    const { project, file_ids } = body();
    const target = await access.destination(actor, { project });
    if (!target.permissions.write) throw new ApiError("projectForbidden");
    const sources = await findSources(
      file_ids.map(parseFileId).filter((id) => id !== undefined),
      actor.id,
    );
    const kept = await access.keepingFrom(
      target.projectId,
      [...sources.values()].map(({ project_id }) => project_id),
    );
    const refusalOf = (id: string): ErrorKind | undefined => {
      const source = sources.get(id.toLowerCase());
      if (!source) return "fileNotFound";
      const permissions = permissionsOf(source);
      if (!permissions.read) return "fileNotFound";
      if (!permissions.copy || kept.has(source.project_id)) return "fileCopyForbidden";
      return source.type === "folder" ? "folderCopy" : undefined;
    };
    const copyable = [...new Set(file_ids.filter((id) => refusalOf(id) === undefined).map((id) => id.toLowerCase()))];
    const copies = await db.transaction().execute(async (tx) => {
      if (!(await lockFolderShared(tx, target.folder))) throw new ApiError("projectNotFound");
      return copyFilesInto(
        tx,
        target,
        copyable.map((id) => ({ id, name: sources.get(id)!.name })),
      );
    });
    // An id is any text: an object that inherits nothing takes even `__proto__` for a key.
    const answer: Copied = Object.create(null);
    for (const id of file_ids) {
      const copy = copies.get(id.toLowerCase());
      answer[id] = copy
        ? { status: "OK", new_file_id: copy.id, new_file_name: copy.name }
        : failed(refusalOf(id) ?? "fileNotFound");
    }
    return answer;
  };

  async function findSources(ids: readonly string[], userId: string): Promise<Map<string, Source>> {
    const { rows } = await sql<Source>`
      select files.id, files.name, files.type, files.project_id, ${PROJECT_RIGHTS} from files ${joinProject(sql`files.project_id`, userId)}
      where files.id = any(${ids}::text[]) and files.deleted_at is null`.execute(db);
    return new Map(rows.map((row) => [row.id, row]));
  }
}

interface Source extends ProjectRights {
  id: string;
  name: string;
  type: "file" | "folder";
  project_id: string;
}

const failed = (kind: ErrorKind) => ({
  status: "FAILED" as const,
  code: API_ERRORS[kind].code,
  message: API_ERRORS[kind].message,
});
