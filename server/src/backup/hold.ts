import { sql } from "kysely";
import type pg from "pg";
import type { Tx } from "../db/database.ts";

/** The advisory lock of a backup: it is held alone by a backup at work, and shared by what makes bytes unreachable. */
const LOCK = [0x6362, 1] as const;

/**
 * Keeps the bytes that a snapshot refers to from being removed, for as long as the connection lasts or until `release`.
 * To be taken before the snapshot: what was made unreachable before is in no snapshot, and nothing is afterwards.
 *
 * @throws BackupAtWork
 */
export async function holdBytes(client: pg.Client): Promise<{ release(): Promise<void> }> {
  // A sweep holds it for the time of one statement; another backup for hours.
  for (let tries = 0; ; tries++) {
    const { rows } = await client.query<{ held: boolean }>("select pg_try_advisory_lock($1, $2) as held", [...LOCK]);
    if (rows[0]!.held) break;
    if (tries === 20) throw new BackupAtWork();
    await new Promise((wake) => setTimeout(wake, 250));
  }
  return {
    async release() {
      const { rows } = await client.query<{ held: boolean }>("select pg_advisory_unlock($1, $2) as held", [...LOCK]);
      if (!rows[0]!.held) throw new Error("the connection to the database was lost: bytes may have been removed meanwhile");
    },
  };
}

/** Whether rows of bytes may be removed in this transaction: not while a backup is made of them. */
export async function mayRemoveBytes(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ may: boolean }>`
    select pg_try_advisory_xact_lock_shared(${LOCK[0]}, ${LOCK[1]}) as may`.execute(tx);
  return rows[0]!.may;
}

/** Two backups of one platform at once. */
export class BackupAtWork extends Error {
  constructor() {
    super("Another backup of this platform is being made: wait until it has ended.");
  }
}
