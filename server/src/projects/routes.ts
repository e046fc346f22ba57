import { OPERATIONS } from "@causeway/contract";
import type { Calls } from "../http/calls.ts";
import type { Links } from "../http/links.ts";
import type { MemberService } from "./members.ts";
import { presentMember, presentProject } from "./present.ts";
import type { ProjectService } from "./service.ts";

export interface ProjectRoutesDeps {
  projects: ProjectService;
  members: MemberService;
  links: Links;
}

export function projectRoutes(calls: Calls, { projects, members, links }: ProjectRoutesDeps): void {
  calls.serve(OPERATIONS.listProjects, async ({ actor, query, page }) => {
    const { items, total } = await projects.list(actor, query, page);
    return { items: items.map((project) => presentProject(project, links)), total };
  });
  calls.serve(OPERATIONS.listProjectsOfOwner, async ({ actor, params, query, page }) => {
    const { items, total } = await projects.list(actor, query, page, params.owner);
    return { items: items.map((project) => presentProject(project, links)), total };
  });
  calls.serve(OPERATIONS.createProject, async ({ actor, body }) => presentProject(await projects.create(actor, body), links));
  calls.serve(OPERATIONS.getProject, async ({ actor, params }) => presentProject(await projects.get(actor, params), links));
  calls.serve(OPERATIONS.updateProject, async ({ actor, params, body }) =>
    presentProject(await projects.update(actor, params, body), links),
  );
  calls.serve(OPERATIONS.deleteProject, async ({ actor, params }) => projects.delete(actor, params));
  memberRoutes(calls, members, links);
}

function memberRoutes(calls: Calls, members: MemberService, links: Links): void {
  calls.serve(OPERATIONS.listMembers, async ({ actor, params, page }) => {
    const { items, total } = await members.list(actor, params, page);
    return { items: items.map((member) => presentMember(member, params, links)), total };
  });
  calls.serve(OPERATIONS.addMember, async ({ actor, params, body }) =>
    presentMember(await members.add(actor, params, body), params, links),
  );
  calls.serve(OPERATIONS.getMember, async ({ actor, params }) =>
    presentMember(await members.get(actor, params, params.username), params, links),
  );
  calls.serve(OPERATIONS.removeMember, async ({ actor, params }) => members.remove(actor, params, params.username));
  calls.serve(
    OPERATIONS.getMemberPermissions,
    async ({ actor, params }) => (await members.get(actor, params, params.username)).permissions,
  );
  calls.serve(OPERATIONS.changeMemberPermissions, async ({ actor, params, body }) =>
    members.change(actor, params, params.username, body),
  );
  calls.serve(OPERATIONS.replaceMemberPermissions, async ({ actor, params, body }) =>
    members.replace(actor, params, params.username, body),
  );
}
