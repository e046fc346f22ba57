import type { ErrorKind } from "@causeway/contract";
import { parseProjectId } from "@causeway/contract";
import type { Database, Sql } from "../db/database.ts";
import type { ActorId } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import { type ProjectAccess, projectIdOf } from "../projects/access.ts";
import { permissionsOf } from "../projects/joined.ts";
import type { Permissions } from "../projects/permissions.ts";
import { type FileRow, type FoundFile, findChild, findFile } from "./queries.ts";

/** A file or folder that the actor may see, with what they may do in its project. */
export interface SeenFile extends FileRow {
  /** `owner/short-name` */
  project: string;
  permissions: Permissions;
}

/** A folder that something is put into. */
export interface Destination {
  /** The folder's id. */
  folder: string;
  projectId: string;
  /** `owner/short-name` */
  project: string;
  permissions: Permissions;
}

/** What a feature answers when the folder it was given is unknown, or not the actor's to see. */
export interface DestinationErrors {
  missing: ErrorKind;
  hidden: ErrorKind;
}

export type FileAccess = ReturnType<typeof createFileAccess>;

const CONTROLLED = "Controlled data can only be taken to controlled projects.";

/** A file that was looked for, if its user may see it. @throws ApiError `missing`, `hidden` */
export function seenFile(
  found: FoundFile | undefined,
  { missing, hidden }: DestinationErrors = { missing: "fileNotFound", hidden: "fileForbidden" },
): SeenFile {
  if (!found) throw new ApiError(missing);
  const permissions = permissionsOf(found);
  if (!permissions.read) throw new ApiError(hidden);
  return { ...found, permissions };
}

export function createFileAccess(db: Database, projects: ProjectAccess) {
  return {
    /**
     * The file or folder of that id, if the actor may see it.
     *
     * @throws ApiError `missing` (default: `fileNotFound`), `hidden` (default: `fileForbidden`)
     */
    async see(
      actor: ActorId,
      id: string,
      { missing, hidden }: DestinationErrors = { missing: "fileNotFound", hidden: "fileForbidden" },
      sql: Sql = db,
    ): Promise<SeenFile> {
      return seenFile(await findFile(sql, id, actor.id), { missing, hidden });
    },

    /**
     * The folder that `parent` names, or the root folder of `project`. Whether the actor may write there is for the
     * caller to ask.
     *
     * @throws ApiError of `errors`; `parentNotFolder`; `projectNotFound`, `projectForbidden`, `projectMalformedId`
     */
    async destination(
      actor: ActorId,
      named: { parent: string } | { project: string },
      errors: DestinationErrors = { missing: "destinationFolderNotFound", hidden: "fileForbidden" },
      sql: Sql = db,
    ): Promise<Destination> {
      if ("parent" in named) {
        const folder = await this.see(actor, named.parent, errors, sql);
        if (folder.type !== "folder") throw new ApiError("parentNotFolder");
        return { folder: folder.id, projectId: folder.project_id, project: folder.project, permissions: folder.permissions };
      }
      const id = parseProjectId(named.project);
      if (!id) throw new ApiError("projectMalformedId");
      const project = await projects.require(actor, id, "read", sql);
      return {
        folder: project.root_folder,
        projectId: project.id,
        project: projectIdOf(project),
        permissions: project.permissions,
      };
    },

    /**
     * Refuses to take a file or folder along to another project: that takes the right to copy, and controlled data go to
     * controlled projects alone. Within its project it may go anywhere.
     *
     * @throws ApiError `refusal`
     */
    async refuseTaking(
      source: Pick<SeenFile, "project_id" | "permissions">,
      target: Pick<Destination, "projectId">,
      refusal: ErrorKind,
      sql: Sql = db,
    ): Promise<void> {
      if (source.project_id === target.projectId) return;
      if (!source.permissions.copy) throw new ApiError(refusal, "Taking it to another project needs the right to copy.");
      const kept = await projects.keepingFrom(target.projectId, [source.project_id], sql);
      if (kept.has(source.project_id)) throw new ApiError(refusal, CONTROLLED);
    },

    /** Of these projects (internal ids) those whose controlled data must not go to the project `into`. */
    keepingFrom: projects.keepingFrom,

    /** What has that name in a folder, if anything. Nobody's permission is asked. */
    child: (folder: string, name: string, sql: Sql = db) => findChild(sql, folder, name),
  };
}
