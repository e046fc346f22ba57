import type { Defaulted, Timestamp } from "../db/database.ts";

export interface BillingGroupsTable {
  id: Defaulted<string>;
  name: string;
  owner_id: string;
  type: Defaulted<"free" | "regular">;
  pending: Defaulted<boolean>;
  disabled: Defaulted<boolean>;
  /** Whose users are its members. */
  division_id: string | null;
  created_at: Timestamp;
}

export interface BillingGroupMembersTable {
  group_id: string;
  user_id: string;
  added_at: Timestamp;
}

declare module "../db/database.ts" {
  interface Tables {
    billing_groups: BillingGroupsTable;
    billing_group_members: BillingGroupMembersTable;
  }
}
