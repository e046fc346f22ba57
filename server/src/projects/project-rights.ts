import { type RawBuilder, sql } from "kysely";
import { NONE, OF_THE_PUBLIC, type Permissions } from "./permissions.ts";

/** What a query that joins a thing's project has for it; read the permissions with `permissionsOf`. */
export interface ProjectRights {
  /** `owner/short-name` */
  project: string;
  category: "PRIVATE" | "PUBLIC";
  member: { write: boolean; copy: boolean; execute: boolean; admin: boolean } | null;
}

/** The columns of `ProjectRights`, for a query with `joinProject`. */
export const PROJECT_RIGHTS = sql`
  projects.owner || '/' || projects.short_name as project, projects.category,
  case when member.write is not null then json_build_object(
    'write', member.write, 'copy', member.copy, 'execute', member.execute, 'admin', member.admin) end as member`;

/**
 * Joins the living project whose id is `projectId`, and the sum of the user's rights in it as `member`. For features that keep things in
 * projects: finding a thing and asking who may see it is one query in place of two.
 */
export const joinProject = (projectId: RawBuilder<unknown>, userId: string | RawBuilder<unknown>) => sql`
  join projects on projects.id = ${projectId} and projects.deleted_at is null
  cross join lateral rights_in(projects.id, projects.division_id, ${userId}) as member`;

/** What the user of `joinProject` may do: nothing at all in somebody else's private project. */
export function permissionsOf({ member, category }: ProjectRights): Permissions {
  if (member) return { ...member, read: true };
  return category === "PUBLIC" ? OF_THE_PUBLIC : NONE;
}
