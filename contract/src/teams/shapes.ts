import { Type } from "typebox";
import { Answer, Filled, Href, Uuid } from "../forms.ts";
import { Role, Username } from "../users/shapes.ts";

/** Users of a division that are members of projects together (users-billing-projects.md §F). */
export const Team = Answer({
  href: Href("The team."),
  id: Uuid("The team's id."),
  name: Type.String({ description: "The name people see; need not be unique." }),
});

export const TeamMember = Answer({
  href: Href("The member."),
  id: Username,
  username: Username,
  role: Role,
});

export const CreateTeam = Type.Object({
  name: Filled("The name people see."),
  division: Filled("The division's id."),
});

export const RenameTeam = Type.Object({ name: Filled("The name people see.") });

export const AddTeamMember = Type.Object({
  id: Filled("`division/username` of a user of the same division.", { "x-alias": "username" }),
});
