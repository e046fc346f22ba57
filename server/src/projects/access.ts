import type { Database, Sql, Tx } from "../db/database.ts";
import type { ActorId } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { Permission, Permissions } from "./permissions.ts";
import { controlledOf, findProject, type ProjectRow, type SeenProject } from "./queries.ts";

/** A project that the actor may see, with what they may do in it. */
export type AccessibleProject = ProjectRow & { permissions: Permissions; isMember?: true };

/** The public id, `owner/short-name`. */
export const projectIdOf = (project: Pick<ProjectRow, "owner" | "short_name">): string =>
  `${project.owner}/${project.short_name}`;

/** Whoever keeps things in projects: told in the transaction that makes or deletes one. */
export interface ProjectListener {
  created?(tx: Tx, project: ProjectRow): Promise<void>;
  deleted?(tx: Tx, project: ProjectRow): Promise<void>;
}

export function createProjectAccess(db: Database) {
  return {
    /**
     * The project that a request addresses, by its public or internal id, if the actor has `permission` in it. Of this
     * door and `mentioned`, every feature that reaches a project takes one.
     *
     * @throws ApiError `projectNotFound` when there is none, `projectForbidden` when the actor may not
     */
    async require(
      actor: ActorId,
      named: { owner: string; project: string } | { id: string },
      permission: Permission,
      sql: Sql = db,
    ): Promise<AccessibleProject> {
      const project = await this.see(actor, named, sql);
      if (!project) throw new ApiError("projectNotFound");
      if (!project.permissions?.[permission]) throw new ApiError("projectForbidden");
      return project as AccessibleProject;
    },

    /**
     * The project that a request mentions, in its body: to who may not read it, it is as if it were not there.
     *
     * @throws ApiError `projectNotFound`; `projectForbidden` to who may read it and has not the `permission`
     */
    async mentioned(
      actor: ActorId,
      named: { owner: string; project: string } | { id: string },
      permission: Permission,
      sql: Sql = db,
    ): Promise<AccessibleProject> {
      const project = await this.see(actor, named, sql);
      if (!project?.permissions?.read) throw new ApiError("projectNotFound");
      if (!project.permissions[permission]) throw new ApiError("projectForbidden");
      return project as AccessibleProject;
    },

    /** The project with the actor's permissions (none when they are no member); `undefined` when there is none. */
    async see(
      actor: ActorId,
      named: { owner: string; project: string } | { id: string },
      sql: Sql = db,
    ): Promise<SeenProject | undefined> {
      return findProject(sql, "id" in named ? named : { owner: named.owner, shortName: named.project }, actor.id);
    },

    /**
     * Which of these projects (internal ids) must not give their data to the project `into`: controlled data stay where
     * every member was asked for the entitlement.
     */
    async keepingFrom(into: string, projects: readonly string[], sql: Sql = db): Promise<Set<string>> {
      const others = [...new Set(projects)].filter((id) => id !== into);
      if (others.length === 0) return new Set();
      const controlled = await controlledOf(sql, [into, ...others]);
      return controlled.has(into) ? new Set() : controlled;
    },
  };
}

export type ProjectAccess = ReturnType<typeof createProjectAccess>;
