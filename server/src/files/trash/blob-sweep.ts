import { type BlobStore, hashBlob } from "@causeway/storage";
import { sql } from "kysely";
import { mayRemoveBytes } from "../../backup/hold.ts";
import type { Database } from "../../db/database.ts";
import { type DamageRecord, damageOf } from "../../scrub/damage.ts";

/**
 * A feature that keeps blobs which no file names: bytes on their way to become a file. Answers which of `keys` it
 * still needs.
 */
export type KeepsBlobs = (keys: readonly string[]) => Promise<readonly string[]>;

export interface FileSweepSettings {
  /** How long deleted files can be restored. */
  readonly trashMs: number;
  /** How long bytes stay that nobody refers to. Longer than any request or transaction between bytes and their file takes. */
  readonly graceMs: number;
}

const BATCH = 1000;

export interface FileSweepDeps {
  db: Database;
  store: BlobStore;
  keepers: readonly KeepsBlobs[];
  damage: DamageRecord;
}

/**
 * What removes for good. Each may run at any time, in several processes at once, and again after a crash. `now` is the
 * moment they take for the present.
 */
export function createFileSweep({ db, store, keepers, damage }: FileSweepDeps, settings: FileSweepSettings) {
  return {
    /** Removes files that were deleted, or whose project was, longer ago than they can be restored. Answers how many. */
    async removeDeleted(now: Date): Promise<number> {
      const before = new Date(now.getTime() - settings.trashMs);
      let removed = 0;
      // What is being restored at this moment is locked by whoever does: it is left for the next time.
      const old = [
        sql`select id from files where deleted_at < ${before} limit ${BATCH} for update skip locked`,
        sql`select files.id from projects join files on files.project_id = projects.id where projects.deleted_at < ${before}
            limit ${BATCH} for share of projects skip locked`,
      ];
      for (const ids of old) {
        for (let batch = BATCH; batch === BATCH; removed += batch) {
          const { numAffectedRows } = await sql`delete from files where id in (${ids})`.execute(db);
          batch = Number(numAffectedRows);
        }
      }
      if (removed > 0) {
        await sql`delete from folder_counts where not exists (select from files where files.id = folder)`.execute(db);
      }
      return removed;
    },

    /** Removes blobs to which nobody has referred for the time of grace: their rows, then their bytes. Answers how many. */
    async removeUnreferenced(now: Date): Promise<number> {
      const before = new Date(now.getTime() - settings.graceMs);
      let removed = 0;
      for (let after = ""; ; ) {
        const { rows: candidates } = await sql<{ key: string }>`
          select key from blobs where key > ${after} and created_at < ${before}
            and not exists (select from files where files.blob_key = blobs.key)
          order by key limit ${BATCH}`.execute(db);
        if (candidates.length === 0) return removed;
        after = candidates.at(-1)!.key;
        const keys = await withoutKept(candidates.map(({ key }) => key));
        // A blob that is being referred to at this moment is locked by whoever does: it is left for the next time.
        const rows = await db.transaction().execute(async (tx) => {
          if (!(await mayRemoveBytes(tx))) return undefined;
          const { rows: gone } = await sql<{ key: string }>`
            delete from blobs where key in (select key from blobs where key = any(${keys}::text[]) for update skip locked)
              and not exists (select from files where files.blob_key = blobs.key) returning key`.execute(tx);
          return gone;
        });
        // A backup is being made: the next sweep comes in an hour.
        if (!rows) return removed;
        for (const { key } of rows) await store.remove(key);
        removed += rows.length;
      }
    },

    /** Removes bytes in the store of which the database knows nothing: left by crashes, as above. Answers how many. */
    async removeStrays(now: Date): Promise<number> {
      const before = now.getTime() - settings.graceMs;
      let removed = 0;
      let keys: string[] = [];
      const flush = async () => {
        const { rows } = await sql<{ key: string }>`select key from blobs where key = any(${keys}::text[])`.execute(db);
        const known = new Set(rows.map(({ key }) => key));
        for (const key of await withoutKept(keys.filter((key) => !known.has(key)))) {
          await store.remove(key);
          removed++;
        }
        keys = [];
      };
      for await (const { key, modifiedAt } of store.list()) {
        if (modifiedAt.getTime() < before) keys.push(key);
        if (keys.length === BATCH) await flush();
      }
      await flush();
      return removed;
    },

    /** Reads the blobs whose SHA-256 is not known yet, oldest first, and notes it. Answers how many. */
    async hashNew(): Promise<number> {
      let hashed = 0;
      for (;;) {
        const { rows } = await sql<{ key: string }>`
          select key from blobs where sha256 is null and not exists (select from damaged_blobs where blob_key = key)
          order by created_at limit 1`.execute(db);
        if (!rows[0]) return hashed;
        try {
          const { sha256 } = await hashBlob(store, rows[0].key);
          await sql`update blobs set sha256 = ${sha256} where key = ${rows[0].key}`.execute(db);
        } catch (error) {
          // One that was removed since it was found is not marked: its row is gone, too.
          const found = damageOf(error);
          if (found === undefined) throw error;
          await damage.mark(rows[0].key, found, "scrub");
        }
        hashed++;
      }
    },
  };

  async function withoutKept(keys: readonly string[]): Promise<string[]> {
    const kept = new Set((await Promise.all(keepers.map((keeps) => keeps(keys)))).flat());
    return keys.filter((key) => !kept.has(key));
  }
}
