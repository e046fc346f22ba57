import type { Defaulted, Timestamp } from "../db/database.ts";

export interface TeamsTable {
  id: Defaulted<string>;
  division_id: string;
  name: string;
  created_at: Timestamp;
}

export interface TeamMembersTable {
  team_id: string;
  user_id: string;
  added_at: Timestamp;
}

declare module "../db/database.ts" {
  interface Tables {
    teams: TeamsTable;
    team_members: TeamMembersTable;
  }
}
