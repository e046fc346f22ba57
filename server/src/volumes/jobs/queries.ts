import { sql } from "kysely";
import type { Tx } from "../../db/database.ts";

/** How many imports and exports of a volume have not ended. */
export async function countUnderWay(tx: Tx, volumeId: string): Promise<number> {
  const { rows } = await sql<{ jobs: number }>`
    select (select count(*) from imports where volume_id = ${volumeId} and finished_at is null)
      + (select count(*) from exports where volume_id = ${volumeId} and finished_at is null) as jobs`.execute(tx);
  return rows[0]!.jobs;
}

/**
 * Ends the imports and exports of a volume that is being deactivated: `FAILED`, 9069 (volumes.md §2.4). Whoever works on one
 * of them finds it ended the next time that it looks, and cannot end it otherwise.
 */
export async function stopJobs(tx: Tx, volumeId: string): Promise<void> {
  for (const table of ["imports", "exports"] as const) {
    await tx
      .updateTable(table)
      .set({ state: "FAILED", error: "volumeInactive", finished_at: new Date() })
      .where("volume_id", "=", volumeId)
      .where("finished_at", "is", null)
      .execute();
  }
}
