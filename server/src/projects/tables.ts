import type { ColumnType } from "kysely";
import type { Defaulted, Timestamp } from "../db/database.ts";

/** What a project is set to; every key is always there (users-billing-projects.md §C.1). */
export interface ProjectSettings {
  locked: boolean;
  controlled: boolean;
  location: string;
  use_interruptible_instances: boolean;
  use_memoization: boolean;
  use_elastic_disk: boolean;
  allow_network_access: boolean;
  /** `duration` in hours. */
  intermediate_files: { retention: "LIMITED"; duration: number };
}

export interface ProjectsTable {
  id: Defaulted<string>;
  owner: string;
  /** Set when a division owns it. */
  division_id: string | null;
  short_name: string;
  name: string;
  description: Defaulted<string>;
  tags: Defaulted<string[]>;
  settings: ColumnType<ProjectSettings, string, string>;
  billing_group_id: string | null;
  category: Defaulted<"PRIVATE" | "PUBLIC">;
  /** The id of the root folder, a file of type folder. */
  root_folder: string;
  created_by: string;
  created_at: Timestamp;
  modified_at: Timestamp;
  deleted_at: Timestamp | null;
}

/** One of `user_id`, `team_id` and `division_id` is set. */
export interface ProjectMembersTable {
  project_id: string;
  user_id: string | null;
  team_id: string | null;
  division_id: string | null;
  write: boolean;
  copy: boolean;
  execute: boolean;
  admin: boolean;
  added_at: Timestamp;
}

declare module "../db/database.ts" {
  interface Tables {
    projects: ProjectsTable;
    project_members: ProjectMembersTable;
  }
}
