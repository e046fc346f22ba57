import { OPERATIONS } from "@causeway/contract";
import type { Calls } from "../http/calls.ts";
import type { Links } from "../http/links.ts";
import { presentTeam, presentTeamMember } from "./present.ts";
import type { TeamService } from "./service.ts";

export function teamRoutes(calls: Calls, teams: TeamService, links: Links): void {
  calls.serve(OPERATIONS.listTeams, async ({ actor, query, page }) => {
    const { items, total } = await teams.list(actor, query, page);
    return { items: items.map((team) => presentTeam(team, links)), total };
  });
  calls.serve(OPERATIONS.listDivisionTeams, async ({ actor, params, query, page }) => {
    const { items, total } = await teams.list(actor, () => ({ ...query(), division: params.division }), page);
    return { items: items.map((team) => presentTeam(team, links)), total };
  });
  calls.serve(OPERATIONS.createTeam, async ({ actor, body }) => presentTeam(await teams.create(actor, body), links));
  calls.serve(OPERATIONS.getTeam, async ({ actor, params }) => presentTeam(await teams.get(actor, params.team), links));
  calls.serve(OPERATIONS.renameTeam, async ({ actor, params, body }) =>
    presentTeam(await teams.rename(actor, params.team, body), links),
  );
  calls.serve(OPERATIONS.deleteTeam, async ({ actor, params }) => teams.delete(actor, params.team));

  calls.serve(OPERATIONS.listTeamMembers, async ({ actor, params, page }) => {
    const { items, total } = await teams.listMembers(actor, params.team, page);
    return { items: items.map((member) => presentTeamMember(member, params.team, links)), total };
  });
  calls.serve(OPERATIONS.addTeamMember, async ({ actor, params, body }) =>
    presentTeamMember(await teams.addMember(actor, params.team, body), params.team, links),
  );
  calls.serve(OPERATIONS.getTeamMember, async ({ actor, params }) =>
    presentTeamMember(await teams.getMember(actor, params.team, params.username), params.team, links),
  );
  calls.serve(OPERATIONS.removeTeamMember, async ({ actor, params }) => teams.removeMember(actor, params.team, params.username));
}
