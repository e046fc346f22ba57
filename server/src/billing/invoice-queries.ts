import { type Selectable, sql } from "kysely";
import type { Database, Sql } from "../db/database.ts";
import type { InvoicesTable } from "./tables.ts";

/** An invoice with its month's first and last second. */
export type InvoiceRow = Selectable<InvoicesTable> & { from: Date; to: Date };

const invoices = (db: Sql) =>
  db
    .selectFrom("invoices")
    .selectAll()
    .select([
      sql<Date>`month::timestamp at time zone 'UTC'`.as("from"),
      sql<Date>`(month + interval '1 month' - interval '1 second') at time zone 'UTC'`.as("to"),
    ]);

/** The invoice of that id; `undefined` for what is no id, too. */
export async function findInvoice(db: Sql, id: string): Promise<InvoiceRow | undefined> {
  return /^\d{1,15}$/.test(id) ? invoices(db).where("id", "=", Number(id)).executeTakeFirst() : undefined;
}

/** The invoices of one group, or of all groups of the user, newest first. */
export async function listInvoices(
  db: Sql,
  filter: { groupId: string } | { userId: string },
  { limit, offset }: { limit: number; offset: number },
): Promise<{ items: InvoiceRow[]; total: number }> {
  const mine =
    "groupId" in filter
      ? sql<boolean>`group_id = ${filter.groupId}`
      : sql<boolean>`group_id in (select group_id from billing_group_members where user_id = ${filter.userId})`;
  const items = await invoices(db)
    .where(mine)
    .orderBy("month", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .offset(offset)
    .execute();
  const { total } = await db
    .selectFrom("invoices")
    .select(({ fn }) => fn.countAll<number>().as("total"))
    .where(mine)
    .executeTakeFirstOrThrow();
  return { items, total };
}

/**
 * Makes the invoices of all months that have ended before `now` (UTC) and answers how many: for each group and month, of
 * what no invoice charges yet. What comes too late for its month's invoice gets one of its own. May run anywhere at any
 * time: one runs at once, and what is done is not done again.
 */
export async function closeMonths(db: Database, now: Date): Promise<number> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('closing of months', 0))`.execute(tx);
    const thisMonth = sql`${`${now.toISOString().slice(0, 7)}-01`}::date`;
    const { rows } = await sql<{ group_id: string; month: string }>`
      select distinct group_id, to_char(day, 'YYYY-MM-01') as month from transactions
      where invoice_id is null and day < ${thisMonth} order by month, group_id`.execute(tx);
    for (const { group_id, month } of rows) {
      // The rows are taken first and added up as they were taken: a download may be written meanwhile.
      await sql`
        with made as (
          insert into invoices (group_id, month, approved_at) values (${group_id}, ${month}::date, ${now}) returning id
        ), taken as (
          update transactions set invoice_id = made.id from made
          where group_id = ${group_id} and transactions.invoice_id is null
            and day >= ${month}::date and day < ${month}::date + interval '1 month'
          returning kind, amount
        )
        select made.id, coalesce(sum(amount) filter (where kind = 'TASK'), 0) as analysis,
          coalesce(sum(amount) filter (where kind <> 'TASK'), 0) as storage
        from made left join taken on true group by made.id`
        .execute(tx)
        .then(async ({ rows: [sums] }) => {
          const { id, analysis, storage } = sums as { id: number; analysis: string; storage: string };
          await sql`update invoices set analysis_costs = ${analysis}::numeric, storage_costs = ${storage}::numeric where id = ${id}`.execute(
            tx,
          );
        });
    }
    return rows.length;
  });
}
