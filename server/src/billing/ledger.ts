import { sql } from "kysely";
import type { Database, Tx } from "../db/database.ts";
import { readPrices } from "./price-list.ts";
import { downloadedBytePrice, storedBytePrice, type TaskCost } from "./prices.ts";
import type { ChargedTask } from "./tables.ts";

export type Ledger = ReturnType<typeof createLedger>;

/** The project's columns of a transaction. Projects without a billing group are charged nothing. */
const OF_PROJECT = sql`p.billing_group_id, p.id, p.name, p.created_by, (p.settings ->> 'locked')::boolean`;
const COLUMNS = sql`group_id, project_id, project_name, project_created_by, project_locked`;

const dayOf = (now: Date): string => now.toISOString().slice(0, 10);

/** Writes what tasks, stored bytes and downloads cost. Everything may be told twice and is charged once. */
export function createLedger(db: Database) {
  return {
    /** Charges a task that has ended, in the transaction that ends it. */
    async chargeTask(
      tx: Tx,
      { projectId, ranBy, ...task }: Omit<ChargedTask, "disks"> & { projectId: string; ranBy: string },
      { computation, disks }: TaskCost,
    ): Promise<void> {
      const charged: ChargedTask = { ...task, disks: disks.toFixed(6) };
      await sql`
        insert into transactions (${COLUMNS}, kind, day, username, task, amount)
        select ${OF_PROJECT}, 'TASK', ${task.ended.slice(0, 10)}::date, ${ranBy}, ${JSON.stringify(charged)}::jsonb, ${computation + disks}::numeric
        from projects p where p.id = ${projectId} and p.billing_group_id is not null
        on conflict ((task ->> 'id')) where kind = 'TASK' do nothing`.execute(tx);
    },

    /**
     * Charges every project for what lies in it on the day of `now`; for that day nothing is charged again. Whatever has
     * no living file costs nothing and gets no row.
     */
    async chargeStorage(now: Date): Promise<void> {
      const unit = storedBytePrice(now, await readPrices(db));
      const day = dayOf(now);
      // Hourly, but adding up a million files is worth a look first.
      const { rows } = await sql`select 1 from transactions where kind = 'STORAGE' and day = ${day}::date limit 1`.execute(db);
      if (rows.length > 0) return;
      await sql`
        insert into transactions (${COLUMNS}, kind, day, bytes, amount)
        select ${OF_PROJECT}, 'STORAGE', ${day}::date, kept.bytes, kept.bytes * ${unit}::numeric
        from projects p
        join (
          select files.project_id, sum(files.size)::bigint as bytes from files
          where files.deleted_at is null and files.type = 'file'
            -- Logs lie in folders that hang in no other; they are charged to nobody.
            and not exists (
              select from files folder join projects on projects.id = folder.project_id
              where folder.id = files.parent and folder.parent is null and folder.id <> projects.root_folder)
          group by files.project_id) kept
          on kept.project_id = p.id
        where p.deleted_at is null and p.billing_group_id is not null and kept.bytes > 0
        on conflict (project_id, day) where kind = 'STORAGE' do nothing`.execute(db);
    },

    /** Charges bytes that `username` was sent out of a project; those of one day add up in one row. */
    async chargeDownload(projectId: string, username: string, bytes: number, now: Date): Promise<void> {
      const unit = downloadedBytePrice(await readPrices(db));
      await sql`
        insert into transactions as charged (${COLUMNS}, kind, day, username, bytes, amount)
        select ${OF_PROJECT}, 'EGRESS', ${dayOf(now)}::date, ${username}, ${bytes}::bigint, ${bytes}::bigint * ${unit}::numeric
        from projects p where p.id = ${projectId} and p.billing_group_id is not null
        on conflict (project_id, username, group_id, day) where kind = 'EGRESS' and invoice_id is null
        do update set bytes = charged.bytes + excluded.bytes, amount = charged.amount + excluded.amount`.execute(db);
    },
  };
}
