import type { Comparisons } from "./comparison.ts";

export const GENERAL: Comparisons<"general"> = {
  getRoot: {},
  getRateLimit: {
    differs: [
      "`instance_limit` is always unlimited (`limit` -1): each task has a limit of its own, and jobs wait for free cores and memory.",
    ],
    chosen: ["The call works, and costs nothing, while the limit is used up."],
  },
  sendFeedback: {
    differs: ["The text is kept for the operators of this platform, and goes nowhere else."],
    chosen: ["204 without a body; a second item within the minute is 429/1000; blank text and unknown types are 400/90000."],
  },
};

/** users-billing-projects.md §A. */
export const USERS: Comparisons<"users"> = {
  getMe: {},
  getUser: {
    chosen: ["Besides oneself, administrators of a division may read its users, and operators of the platform everybody."],
  },
  listUsers: {
    chosen: [
      "Items have all fields. Users of the division list it, but not external collaborators; operators list any division.",
      "An unknown division is 404/2002, somebody else's 403/2001, an unknown `role` 400/90000; a personal token is 400/90000.",
    ],
  },
  deleteUser: {
    chosen: [
      "The account's tokens and all its memberships end, what it made stays, its running tasks go on. The last administrator of a division cannot be removed (409/90007).",
    ],
  },
};

/** users-billing-projects.md §F: known from clients alone; the vendor documents none of it. */
export const DIVISIONS: Comparisons<"divisions"> = {
  listDivisions: {
    differs: ["A personal token gets an empty list, where the vendor's platform answers 400."],
  },
  getDivision: {
    chosen: ["An unknown division is 404/2002, somebody else's 403/2001; a personal token is 400/90000."],
  },
  listDivisionTeams: { chosen: ["The same as `GET /teams?division=`: without `_all` only the caller's own teams."] },
};

/** users-billing-projects.md §F. */
export const TEAMS: Comparisons<"teams"> = {
  listTeams: {
    differs: ["Membership shows at once; the vendor's platform warns of a minute."],
    chosen: ["All teams of a division (`_all=true`) are listed to its users, but not to external collaborators."],
  },
  createTeam: {
    chosen: ["Two teams may have the same name. A missing name is 400/90000, a missing division 400/2105."],
  },
  getTeam: { chosen: ["Users of the division may read it; external collaborators only teams that they are in."] },
  renameTeam: {},
  deleteTeam: { chosen: ["The team's memberships of projects end with it."] },
  listTeamMembers: { chosen: ["Open to the team's own members and to administrators of the division."] },
  addTeamMember: {
    chosen: ["200 with the member. Who is no user of that division is 404/2002, who is in the team already 409/2003."],
  },
  getTeamMember: {
    added: "No source documents it: it is what the `href` of a team member, which clients follow, leads to.",
  },
  removeTeamMember: {},
};
