import type { BlobStore } from "@causeway/storage";
import { sql } from "kysely";
import type { Database } from "../db/database.ts";
import { REMEMBERED_MS } from "./completion-rules.ts";
import { HAS_TARGET, tryLockUpload } from "./queries.ts";

/** An upload in the store is opened moments before its row is written. */
const OPENING_MS = 60 * 60 * 1000;
const BATCH = 1000;

/** What frees uploads that nobody goes on with. May run at any time, in several processes at once, and again after a crash. */
export function createUploadSweep(db: Database, store: BlobStore, settings: { readonly idleMs: number }) {
  return {
    /**
     * Drops uploads that were idle for too long or whose project or folder is gone, and forgets completed ones. Answers
     * how many were dropped.
     */
    async dropIdle(now: Date): Promise<number> {
      const idleSince = new Date(now.getTime() - settings.idleMs);
      await sql`delete from uploads where completed_at < ${new Date(now.getTime() - REMEMBERED_MS)}`.execute(db);
      const { rows } = await sql<{ id: string }>`select id from uploads where ${isOver(idleSince)}`.execute(db);
      let dropped = 0;
      for (const { id } of rows) if (await drop(id, idleSince)) dropped++;
      return dropped;
    },

    /** Frees uploads in the store that have no row: left by a crash between the two. Answers how many. */
    async removeStrays(now: Date): Promise<number> {
      let removed = 0;
      for await (const upload of store.listUploads()) {
        if (upload.openedAt.getTime() > now.getTime() - OPENING_MS) continue;
        const { rows } = await sql`select from uploads where blob_key = ${upload.key} and completed_at is null`.execute(db);
        if (rows.length > 0) continue;
        await store.removeUpload(upload);
        removed++;
      }
      return removed;
    },

    /** Which of these blobs belong to uploads that are going on: one that is being completed has its blob before its file. */
    async keepsBlobs(keys: readonly string[]): Promise<string[]> {
      const kept: string[] = [];
      for (let at = 0; at < keys.length; at += BATCH) {
        const { rows } = await sql<{ blob_key: string }>`
          select blob_key from uploads where blob_key = any(${keys.slice(at, at + BATCH)}::text[])
          union all select part_blobs.blob_key from part_blobs join uploads on uploads.id = upload_id
          where part_blobs.blob_key = any(${keys.slice(at, at + BATCH)}::text[]) and completed_at is null`.execute(db);
        kept.push(...rows.map(({ blob_key }) => blob_key));
      }
      return kept;
    },
  };

  /** Answers false for one that is being completed at this moment, or that somebody went on with. */
  async function drop(id: string, idleSince: Date): Promise<boolean> {
    const dropped = await db.transaction().execute(async (tx) => {
      if (!(await tryLockUpload(tx, id))) return undefined;
      const { rows } = await sql<{ blob_key: string; store_id: string | null; parts: string[] }>`
        delete from uploads where id = ${id} and ${isOver(idleSince)} returning blob_key, store_id,
          array(select part_blobs.blob_key from part_blobs where upload_id = uploads.id) as parts`.execute(tx);
      return rows[0];
    });
    if (!dropped) return false;
    const { blob_key: key, store_id, parts } = dropped;
    if (store_id !== null) await store.removeUpload({ key, id: store_id });
    for (const blob of [key, ...parts]) await store.remove(blob);
    return true;
  }
}

/** An upload that nobody can complete any more. */
const isOver = (idleSince: Date) => sql`completed_at is null and (
  active_at <= ${idleSince} or not ${HAS_TARGET})`;
