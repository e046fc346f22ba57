import type { Database } from "../db/database.ts";

/** Drops the uploads that were under way when a backup was made: their parts are not in it, clients begin again. */
export async function settleRestoredUploads(db: Database): Promise<void> {
  await db.deleteFrom("uploads").where("completed_at", "is", null).execute();
}
