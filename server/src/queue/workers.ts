import { sql } from "kysely";
import pg from "pg";
import type { Database } from "../db/database.ts";

declare module "../db/database.ts" {
  interface Tables {
    workers: {
      number: import("kysely").Generated<number>;
      queue_ids: string[];
      started_at: import("../db/database.ts").Timestamp;
    };
  }
}

/** The advisory locks of workers are (LOCKS, number). */
const LOCKS = 0x6361;

/** This process's place among the workers of the platform, held by a connection that ends with the process. */
export interface Membership {
  readonly number: number;
  /** Resolves when the connection ends: then others take this process for dead. */
  readonly lost: Promise<void>;
  leave(): Promise<void>;
}

/** Registers this process; from then on others see that it is alive, and see at once when it is not any more. */
export async function joinWorkers(db: Database, databaseUrl: string): Promise<Membership> {
  const client = new pg.Client({ connectionString: databaseUrl, keepAlive: true });
  client.on("error", () => {});
  await client.connect();
  const number = await join(client).catch(async (error) => {
    await client.end();
    throw error;
  });
  return {
    number,
    lost: new Promise((resolve) => client.on("end", () => resolve())),
    async leave() {
      try {
        await db.deleteFrom("workers").where("number", "=", number).execute();
      } finally {
        await client.end();
      }
    },
  };
}

/** One statement: nobody sees the row without its lock, and takes the newcomer for dead. */
async function join(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ number: string }>(
    `with joined as (insert into workers default values returning number)
     select number, pg_advisory_lock($1, number::integer) from joined`,
    [LOCKS],
  );
  return Number(rows[0]!.number);
}

/** Removes the workers that are gone and gives back to the queue what they were at. May run anywhere, any time. */
export async function buryDeadWorkers(db: Database, self: number): Promise<void> {
  const others = await db.selectFrom("workers").selectAll().where("number", "<>", self).execute();
  for (const { number, queue_ids } of others) {
    await db.transaction().execute(async (tx) => {
      const { rows } = await sql<{
        dead: boolean;
      }>`select pg_try_advisory_xact_lock(${LOCKS}, ${number}::integer) as dead`.execute(tx);
      if (!rows[0]?.dead) return;
      await sql`select graphile_worker.force_unlock_workers(${queue_ids}::text[])`.execute(tx);
      await tx.deleteFrom("workers").where("number", "=", number).execute();
    });
  }
  await unlockStrays(db);
}

/** Frees items whose worker died before it had told under which ids it locks; a living one has told after moments. */
async function unlockStrays(db: Database): Promise<void> {
  await sql`select graphile_worker.force_unlock_workers(array(
      select distinct locked_by from graphile_worker.jobs
      where locked_at < now() - interval '10 seconds'
        and locked_by not in (select unnest(queue_ids) from workers)))`.execute(db);
}
