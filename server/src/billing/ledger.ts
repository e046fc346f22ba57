import { sql } from "kysely";
import type { Database, Sql, Tx } from "../db/database.ts";
import { readPrices } from "./price-list.ts";
import { downloadedBytePrice, storedBytePrice, type TaskCost } from "./prices.ts";
import type { ChargedTask } from "./tables.ts";

export type Ledger = ReturnType<typeof createLedger>;

/** The project's columns of a transaction. Projects without a billing group are charged nothing. */
const OF_PROJECT = sql`
  p.billing_group_id, p.id, p.owner || '/' || p.short_name, p.name, p.created_by, (p.settings ->> 'locked')::boolean`;
const COLUMNS = sql`group_id, project_id, project, project_name, project_created_by, project_locked`;

/** How many days are charged late at most: a clock that is years ahead must not charge them all. */
const LATE_DAYS = 62;

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
     * Charges every project for each day (UTC) that is over at `now` and not charged yet: for the files that were there
     * when the day ended, whether or not anything ran on it. A day is one transaction.
     */
    async chargeStorage(now: Date): Promise<void> {
      while (await chargeNextDay(db, now));
    },

    /** Charges bytes that users were sent out of projects; those of one user, project and day (UTC) add up in one row. */
    async chargeDownloads(downloads: readonly Download[], tx: Sql = db): Promise<void> {
      const sent = totals(downloads);
      if (sent.length === 0) return;
      const unit = downloadedBytePrice(await readPrices(tx));
      await sql`
        insert into transactions as charged (${COLUMNS}, kind, day, username, bytes, amount)
        select ${OF_PROJECT}, 'EGRESS', sent.day, sent.username, sent.bytes, sent.bytes * ${unit}::numeric
        from unnest(${sent.map(({ projectId }) => projectId)}::uuid[], ${sent.map(({ username }) => username)}::text[],
                    ${sent.map(({ at }) => dayOf(at))}::date[], ${sent.map(({ bytes }) => bytes)}::bigint[])
             as sent (project_id, username, day, bytes)
        join projects p on p.id = sent.project_id and p.billing_group_id is not null
        order by sent.project_id, sent.username, sent.day
        on conflict (project_id, username, group_id, day) where kind = 'EGRESS' and invoice_id is null
        do update set bytes = charged.bytes + excluded.bytes, amount = charged.amount + excluded.amount`.execute(tx);
    },
  };
}

/** What of a project a user was sent, and when. */
export interface Download {
  projectId: string;
  username: string;
  bytes: number;
  at: Date;
}

/** One for each project, user and day: a statement may change a row only once. */
function totals(downloads: readonly Download[]): Download[] {
  const sums = new Map<string, Download>();
  for (const download of downloads) {
    const key = [download.projectId, download.username, dayOf(download.at)].join();
    const before = sums.get(key)?.bytes ?? 0;
    if (download.bytes > 0) sums.set(key, { ...download, bytes: before + download.bytes });
  }
  return [...sums.values()];
}

/** Charges the first day that is not charged yet; false when there is none that is over. */
async function chargeNextDay(db: Database, now: Date): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const today = dayOf(now);
    const { rows } = await sql<{ day: string }>`
      update ledger_progress set storage_until = greatest(storage_until + 1, ${today}::date - ${LATE_DAYS}::int)
      where storage_until < ${today}::date - 1
      returning to_char(storage_until, 'YYYY-MM-DD') as day`.execute(tx);
    const day = rows[0]?.day;
    if (day === undefined) return false;
    const unit = storedBytePrice(new Date(day), await readPrices(tx));
    const end = sql`((${day}::date + 1)::timestamp at time zone 'UTC')`;
    await sql`
      insert into transactions (${COLUMNS}, kind, day, bytes, amount)
      select ${OF_PROJECT}, 'STORAGE', ${day}::date, kept.bytes, kept.bytes * ${unit}::numeric
      from projects p
      join (
        select project_id, sum(size)::bigint as bytes from files
        -- The bytes of an alias lie on its owner's own volume.
        where type = 'file' and volume_id is null and created_at < ${end} and (deleted_at is null or deleted_at >= ${end})
          -- Logs lie in folders that hang in no other; they are charged to nobody.
          and not exists (
            select from files folder join projects on projects.id = folder.project_id
            where folder.id = files.parent and folder.parent is null and folder.id <> projects.root_folder)
        group by project_id
      ) kept on kept.project_id = p.id
      where (p.deleted_at is null or p.deleted_at >= ${end}) and p.billing_group_id is not null and kept.bytes > 0`.execute(tx);
    return true;
  });
}
