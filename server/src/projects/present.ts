import { timestamp } from "@causeway/contract";
import type { Links } from "../http/links.ts";
import { projectIdOf } from "./access.ts";
import type { Member } from "./member-queries.ts";
import { NONE } from "./permissions.ts";
import type { SeenProject } from "./queries.ts";
import type { ProjectSettings } from "./tables.ts";

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
    settings: presentSettings(project.settings),
    permissions: project.permissions ?? NONE,
    root_folder: project.root_folder,
    ...(project.billing_group_id === null ? {} : { billing_group: project.billing_group_id }),
    created_by: project.created_by,
    category: project.category,
    created_on: timestamp(project.created_at),
    modified_on: timestamp(project.modified_at),
  };
}

/** The documented order of the keys: PostgreSQL keeps another. */
const presentSettings = (settings: ProjectSettings): ProjectSettings => ({
  locked: settings.locked,
  controlled: settings.controlled,
  location: settings.location,
  use_interruptible_instances: settings.use_interruptible_instances,
  use_memoization: settings.use_memoization,
  use_elastic_disk: settings.use_elastic_disk,
  allow_network_access: settings.allow_network_access,
  intermediate_files: {
    retention: settings.intermediate_files.retention,
    duration: settings.intermediate_files.duration,
  },
});

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
