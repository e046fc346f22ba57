import { Type } from "typebox";
import { Filled, Uuid } from "../forms.ts";
import { operation } from "../operation.ts";
import { Username } from "../users/shapes.ts";
import { AddTeamMember, CreateTeam, RenameTeam, Team, TeamMember } from "./shapes.ts";

const TeamPath = Type.Object({ team: Uuid("The team's id.") });
const TeamMemberPath = Type.Object({ ...TeamPath.properties, username: Username });

/** What is no id of ours cannot be there. */
const teamPathRefusals = { "params/team": "userNotFound" } as const;
const teamErrors = ["userForbidden", "userNotFound"] as const;

export const listTeams = operation({
  id: "listTeams",
  method: "GET",
  path: "/teams",
  tag: "teams",
  summary: "List teams of a division",
  query: Type.Object({
    division: Filled("The division's id."),
    _all: Type.Optional(
      Type.Boolean({ description: "All teams of the division, not only the caller's.", "x-blank-absent": true }),
    ),
  }),
  status: 200,
  reply: Team,
  list: { fields: "all" },
  refusals: { "query/division": "divisionMissing" },
  errors: [...teamErrors, "divisionMissing"],
});

export const createTeam = operation({
  id: "createTeam",
  method: "POST",
  path: "/teams",
  tag: "teams",
  summary: "Create a team",
  body: CreateTeam,
  status: 200,
  reply: Team,
  refusals: { "body/division#missing": "divisionMissing", "body/division#empty": "divisionMissing" },
  errors: [...teamErrors, "divisionMissing"],
});

export const getTeam = operation({
  id: "getTeam",
  method: "GET",
  path: "/teams/{team}",
  tag: "teams",
  summary: "Get a team",
  params: TeamPath,
  status: 200,
  reply: Team,
  refusals: teamPathRefusals,
  errors: teamErrors,
});

export const renameTeam = operation({
  id: "renameTeam",
  method: "PATCH",
  path: "/teams/{team}",
  tag: "teams",
  summary: "Rename a team",
  params: TeamPath,
  body: RenameTeam,
  status: 200,
  reply: Team,
  refusals: teamPathRefusals,
  errors: teamErrors,
});

export const deleteTeam = operation({
  id: "deleteTeam",
  method: "DELETE",
  path: "/teams/{team}",
  tag: "teams",
  summary: "Delete a team; it leaves its projects",
  params: TeamPath,
  status: 204,
  refusals: teamPathRefusals,
  errors: teamErrors,
});

export const listTeamMembers = operation({
  id: "listTeamMembers",
  method: "GET",
  path: "/teams/{team}/members",
  tag: "teams",
  summary: "List the members of a team",
  params: TeamPath,
  status: 200,
  reply: TeamMember,
  list: { fields: "all" },
  refusals: teamPathRefusals,
  errors: teamErrors,
});

export const addTeamMember = operation({
  id: "addTeamMember",
  method: "POST",
  path: "/teams/{team}/members",
  tag: "teams",
  summary: "Add a user to a team",
  params: TeamPath,
  body: AddTeamMember,
  status: 200,
  reply: TeamMember,
  refusals: teamPathRefusals,
  errors: [...teamErrors, "userExists"],
});

export const getTeamMember = operation({
  id: "getTeamMember",
  method: "GET",
  path: "/teams/{team}/members/{username}",
  slashed: ["username"],
  tag: "teams",
  summary: "Get a member of a team",
  params: TeamMemberPath,
  status: 200,
  reply: TeamMember,
  refusals: teamPathRefusals,
  errors: teamErrors,
});

export const removeTeamMember = operation({
  id: "removeTeamMember",
  method: "DELETE",
  path: "/teams/{team}/members/{username}",
  slashed: ["username"],
  tag: "teams",
  summary: "Remove a user from a team",
  params: TeamMemberPath,
  status: 204,
  refusals: teamPathRefusals,
  errors: teamErrors,
});
