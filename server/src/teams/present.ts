import type { Links } from "../http/links.ts";
import type { TeamMember, TeamRow } from "./queries.ts";

/** The public shape of a team. */
export const presentTeam = ({ id, name }: TeamRow, links: Links) => ({ href: links.to(`/teams/${id}`), id, name });

/** The public shape of a team's member; `division/username` is the id. */
export const presentTeamMember = ({ username, role }: TeamMember, teamId: string, links: Links) => ({
  href: links.to(`/teams/${teamId}/members/${username}`),
  id: username,
  username,
  role,
});
