import type { ColumnType } from "kysely";
import type { Defaulted, Timestamp } from "../db/database.ts";

/** Postgres's `numeric`: read as decimal text, so that nothing is rounded on the way. */
type Numeric = ColumnType<string, string | number | undefined, string | number>;

export interface BillingGroupsTable {
  id: Defaulted<string>;
  name: string;
  owner_id: string;
  type: Defaulted<"free" | "regular">;
  pending: Defaulted<boolean>;
  disabled: Defaulted<boolean>;
  /** Whose users are its members. */
  division_id: string | null;
  /** What operators put in. */
  credit: Numeric;
  created_at: Timestamp;
}

export interface BillingGroupMembersTable {
  group_id: string;
  user_id: string;
  added_at: Timestamp;
}

export interface PriceRatesTable {
  only_row: Defaulted<boolean>;
  storage_gb_month: Numeric;
  egress_gb: Numeric;
  disk_gb_hour: Numeric;
  interruptible_factor: Numeric;
}

export interface InstanceTypesTable {
  name: string;
  cpus: number;
  memory_mib: number;
  hourly: Numeric;
}

export interface InvoicesTable {
  id: Defaulted<number>;
  group_id: string;
  /** The month's first day. */
  month: ColumnType<Date, string, never>;
  analysis_costs: Numeric;
  storage_costs: Numeric;
  pending: Defaulted<boolean>;
  approved_at: Timestamp | null;
  created_at: Timestamp;
}

/** The task of a transaction, as it was when it ended. */
export interface ChargedTask {
  id: string;
  name: string;
  app: string;
  status: string;
  /** Timestamps of the API. */
  started: string;
  ended: string;
  /** What of the amount is for disks, in USD with 6 decimals. */
  disks: string;
}

export interface TransactionsTable {
  id: Defaulted<number>;
  group_id: string;
  kind: "TASK" | "STORAGE" | "EGRESS";
  day: ColumnType<Date, string, never>;
  charged_at: Timestamp;
  project_id: string;
  /** `owner/short-name` */
  project: string;
  project_name: string;
  project_created_by: string;
  project_locked: boolean;
  username: string | null;
  bytes: number | null;
  task: ColumnType<ChargedTask | null, string | null, never>;
  amount: Numeric;
  invoice_id: number | null;
}

declare module "../db/database.ts" {
  interface Tables {
    billing_groups: BillingGroupsTable;
    billing_group_members: BillingGroupMembersTable;
    price_rates: PriceRatesTable;
    instance_types: InstanceTypesTable;
    invoices: InvoicesTable;
    transactions: TransactionsTable;
  }
}
