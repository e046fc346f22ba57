import { type RawBuilder, sql } from "kysely";
import type { Sql } from "../db/database.ts";
import type { ChargedTask } from "./tables.ts";

/** Which transactions a breakdown is about; without an invoice those that no invoice charges yet. */
export interface BreakdownFilter {
  groupId: string;
  invoiceId?: number;
  /** Days in UTC, `yyyy-mm-dd`, both included. */
  from?: string;
  to?: string;
}

/** Decimal texts have 6 decimals; sizes are in GB, of stored bytes in GB kept for a month. */
export interface AnalysisRow {
  task: ChargedTask;
  username: string;
  project_name: string;
  locked: boolean;
  amount: string;
}

export interface StorageRow {
  project_name: string;
  project_created_by: string;
  locked: boolean;
  size: string;
  amount: string;
}

export interface EgressRow {
  project_name: string;
  username: string;
  locked: boolean;
  size: string;
  amount: string;
}

/** A task with what its project and its group spent on tasks in all. */
export interface SpendingRow extends Omit<AnalysisRow, "project_name"> {
  project_id: string;
  /** `owner/short-name`: that of a deleted project may be another's by now. */
  project: string;
  project_amount: string;
  group_amount: string;
}

interface Window {
  limit: number;
  offset: number;
}

interface Found<Row> {
  items: Row[];
  total: number;
}

// A project is locked, and called, as it is now; as it was then, where it is gone.
const LOCKED = sql`coalesce((p.settings ->> 'locked')::boolean, t.project_locked)`;
const NAME = sql`coalesce(p.name, t.project_name)`;
const SUM = sql`round(sum(t.amount), 6)::text`;
const DAYS_IN_MONTH = sql`extract(day from date_trunc('month', t.day) + interval '1 month' - interval '1 day')`;

const matching = (kind: string, { groupId, invoiceId, from, to }: BreakdownFilter): RawBuilder<unknown> => sql`
  transactions t left join projects p on p.id = t.project_id
  where t.group_id = ${groupId} and t.kind = ${kind}
    and ${invoiceId === undefined ? sql`t.invoice_id is null` : sql`t.invoice_id = ${invoiceId}`}
    and ${from === undefined ? sql`true` : sql`t.day >= ${from}::date`}
    and ${to === undefined ? sql`true` : sql`t.day <= ${to}::date`}`;

/** One row a task, newest first. */
export const listAnalysisCosts = (db: Sql, filter: BreakdownFilter, window: Window): Promise<Found<AnalysisRow>> =>
  page(
    db,
    sql`select t.task, t.username, ${NAME} as project_name, ${LOCKED} as locked, round(t.amount, 6)::text as amount,
          t.day as last, t.id as key
        from ${matching("TASK", filter)}`,
    window,
  );

/** Every task that a group was ever charged, invoiced or not, those of one project together: all newest first. */
export async function listSpending(db: Sql, groupId: string): Promise<SpendingRow[]> {
  const { rows } = await sql<SpendingRow>`
    select t.task, t.username, t.project_id, t.project, ${LOCKED} as locked, round(t.amount, 6)::text as amount,
      round(sum(t.amount) over (partition by t.project_id), 6)::text as project_amount,
      round(sum(t.amount) over (), 6)::text as group_amount
    from transactions t left join projects p on p.id = t.project_id
    where t.group_id = ${groupId} and t.kind = 'TASK'
    order by max(t.id) over (partition by t.project_id) desc, t.id desc`.execute(db);
  return rows;
}

/** One row a project, that charged last first. */
export const listStorageCosts = (db: Sql, filter: BreakdownFilter, window: Window): Promise<Found<StorageRow>> =>
  page(
    db,
    sql`select max(${NAME}) as project_name, max(t.project_created_by) as project_created_by, bool_or(${LOCKED}) as locked,
          round(sum(t.bytes / 1e9 / ${DAYS_IN_MONTH}), 6)::text as size, ${SUM} as amount,
          max(t.charged_at) as last, t.project_id::text as key
        from ${matching("STORAGE", filter)} group by t.project_id`,
    window,
  );

/** One row a project and user, that charged last first. */
export const listEgressCosts = (db: Sql, filter: BreakdownFilter, window: Window): Promise<Found<EgressRow>> =>
  page(
    db,
    sql`select max(${NAME}) as project_name, t.username, bool_or(${LOCKED}) as locked,
          round(sum(t.bytes / 1e9), 6)::text as size, ${SUM} as amount,
          max(t.charged_at) as last, t.project_id::text as key
        from ${matching("EGRESS", filter)} group by t.project_id, t.username`,
    window,
  );

async function page<Row>(db: Sql, rows: RawBuilder<unknown>, { limit, offset }: Window): Promise<Found<Row>> {
  const { rows: items } = await sql<Row>`
    select * from (${rows}) rows order by last desc, key desc limit ${limit} offset ${offset}`.execute(db);
  const counted = await sql<{ total: number }>`select count(*) as total from (${rows}) rows`.execute(db);
  return { items, total: counted.rows[0]!.total };
}
