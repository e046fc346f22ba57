import { timestamp } from "@causeway/contract";
import type { Links } from "../http/links.ts";
import { projectIdOf } from "./access.ts";
import type { Member } from "./member-queries.ts";
import { NONE } from "./permissions.ts";
import type { SeenProject } from "./queries.ts";

/** The public shape of a project as one user sees it; without a billing group the key is left out. */
export function presentProject(project: SeenProject, links: Links) {
  const id = projectIdOf(project);
  return {
    href: links.to(`/projects/${id}`),
    id,
    name: project.name,
    type: "v2" as const,
    description: project.description,
    tags: project.tags,
    settings: project.settings,
    permissions: project.permissions ?? NONE,
    root_folder: project.root_folder,
    ...(project.billing_group_id === null ? {} : { billing_group: project.billing_group_id }),
    created_by: project.created_by,
    category: project.category,
    created_on: timestamp(project.created_at),
    modified_on: timestamp(project.modified_at),
  };
}

/** The public shape of a member; Python appends `/permissions` to the href. */
export function presentMember(member: Member, project: { owner: string; project: string }, links: Links) {
  return {
    href: links.to(`/projects/${project.owner}/${project.project}/members/${member.id}`),
    id: member.id,
    username: member.id,
    email: member.email,
    type: member.type,
    permissions: member.permissions,
  };
}
