import type { ErrorKind } from "@causeway/contract";
import { parseProjectId } from "@causeway/contract";
import type { Database, Sql } from "../db/database.ts";
import { gathering } from "../db/gathering.ts";
import type { ActorId } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import { type AccessibleProject, type ProjectAccess, projectIdOf } from "../projects/access.ts";
import type { Permissions } from "../projects/permissions.ts";
import { permissionsOf } from "../projects/project-rights.ts";
import { findChild } from "./folder-locks.ts";
import { type FileLookup, type FileRow, type FoundFile, findEach, findFile } from "./queries.ts";

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

/** What a feature answers when the file that a request addresses is unknown, or not the actor's to see. */
export interface AddressErrors {
  missing: ErrorKind;
  hidden: ErrorKind;
}

export type FileAccess = ReturnType<typeof createFileAccess>;

const CONTROLLED = "Controlled data can only be taken to controlled projects.";

/** Of what a body mentions: to who may not read it, it is as if it were not there. */
export const MENTIONED: AddressErrors = { missing: "fileNotFound", hidden: "fileNotFound" };

/** A file that was looked for, if its user may see it. @throws ApiError `missing`, `hidden` */
export function seenFile(found: FoundFile | undefined, { missing, hidden }: AddressErrors): SeenFile {
  if (!found) throw new ApiError(missing);
  const permissions = permissionsOf(found);
  if (!permissions.read) throw new ApiError(hidden);
  return { ...found, permissions };
}

/**
 * The doors to files and folders. Each wants to know for whom: nothing that comes from outside leads to a file by its id
 * alone. What a request addresses, in its path or as the place of a list, is `fileForbidden` to who may not read it; what
 * it mentions in its body is then as if it were not there.
 */
export function createFileAccess(db: Database, projects: ProjectAccess) {
  const find = gathering((lookups: readonly FileLookup[]) => findEach(db, lookups));

  return {
    /**
     * The file or folder that a request addresses, if the actor may see it.
     *
     * @throws ApiError `missing` (default: `fileNotFound`), `hidden` (default: `fileForbidden`)
     */
    async see(
      actor: ActorId,
      id: string,
      { missing, hidden }: AddressErrors = { missing: "fileNotFound", hidden: "fileForbidden" },
      sql: Sql = db,
    ): Promise<SeenFile> {
      const found = sql === db ? await find({ id, userId: actor.id }) : await findFile(sql, id, actor.id);
      return seenFile(found, { missing, hidden });
    },

    /** The file or folder that a request mentions in its body. @throws ApiError `missing`, also to who may not read it */
    mentioned(actor: ActorId, id: string, missing: ErrorKind = "fileNotFound", sql: Sql = db): Promise<SeenFile> {
      return this.see(actor, id, { missing, hidden: missing }, sql);
    },

    /**
     * The folder that a request mentions: `parent`, or the root folder of `project`. Whether the actor may write there is
     * for the caller to ask.
     *
     * @throws ApiError `missing`, also to who may not read it; `parentNotFolder`; `projectNotFound`, `projectMalformedId`
     */
    async destination(
      actor: ActorId,
      named: { parent: string } | { project: string },
      missing: ErrorKind = "destinationFolderNotFound",
      sql: Sql = db,
    ): Promise<Destination> {
      if ("parent" in named) return asFolder(await this.mentioned(actor, named.parent, missing, sql));
      return rootOf(await projects.mentioned(actor, projectNamed(named.project), "read", sql));
    },

    /**
     * The folder that a list is asked of, by its path or query.
     *
     * @throws ApiError `fileNotFound`, `fileForbidden`; `parentNotFolder`; `projectNotFound`, `projectForbidden`,
     *   `projectMalformedId`
     */
    async listed(actor: ActorId, named: { parent: string } | { project: string }): Promise<Destination> {
      if ("parent" in named) return asFolder(await this.see(actor, named.parent));
      return rootOf(await projects.require(actor, projectNamed(named.project), "read"));
    },

    /**
     * Refuses to take a file or folder along to another project: that takes the right to copy, and controlled data go to
     * controlled projects alone. Within its project it may go anywhere.
     *
     * @throws ApiError `refusal`
     */
    async requireMayTransfer(
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

function asFolder(file: SeenFile): Destination {
  if (file.type !== "folder") throw new ApiError("parentNotFolder");
  return { folder: file.id, projectId: file.project_id, project: file.project, permissions: file.permissions };
}

const rootOf = (project: AccessibleProject): Destination => ({
  folder: project.root_folder,
  projectId: project.id,
  project: projectIdOf(project),
  permissions: project.permissions,
});

function projectNamed(text: string): { owner: string; project: string } {
  const name = parseProjectId(text);
  if (!name) throw new ApiError("projectMalformedId");
  return name;
}
