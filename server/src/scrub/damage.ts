import { BlobMissing } from "@causeway/storage";
import { sql } from "kysely";
import type { Logger } from "pino";
import type { Database, Defaulted, Timestamp } from "../db/database.ts";

/** What can be wrong with the bytes of a blob: not there, others than were stored, or not to be read. */
export type Damage = "missing" | "changed" | "unreadable";
/** Who has read them. */
export type Finder = "download" | "task" | "scrub";

declare module "../db/database.ts" {
  interface Tables {
    damaged_blobs: { blob_key: string; damage: Damage; found_by: Finder; found_at: Timestamp };
    scrubs: {
      id: import("kysely").Generated<number>;
      started_at: Timestamp;
      finished_at: Timestamp | null;
      after_key: Defaulted<string>;
      blobs: Defaulted<number>;
      bytes: Defaulted<number>;
      damaged: Defaulted<number>;
    };
  }
}

/** The store cannot give the bytes of a blob as they were stored; asking again gives the same. */
export class DamagedBytes extends BlobMissing {
  override name = "DamagedBytes";
  readonly damage: Damage;

  constructor(key: string, damage: Damage, options?: ErrorOptions) {
    super(key, options);
    this.damage = damage;
  }
}

/** In words that go behind "its bytes" and "their bytes". */
export const DAMAGE_WORDS: Readonly<Record<Damage, string>> = {
  missing: "are missing",
  changed: "are not those that were stored",
  unreadable: "cannot be read from the disk",
};

/** What an error of reading says about the blob; undefined when it says nothing, and reading is tried again later. */
export function damageOf(error: unknown): Damage | undefined {
  if (error instanceof DamagedBytes) return error.damage;
  if (error instanceof BlobMissing) return "missing";
  return UNREADABLE.has((error as NodeJS.ErrnoException).code ?? "") ? "unreadable" : undefined;
}

/**
 * What a file system says of one file, and will say again: broken blocks, a directory in its place. Not ENOTDIR, EACCES and
 * EPERM: a store that is away, or whose owner has changed, says that of every file.
 */
const UNREADABLE = new Set(["EIO", "EUCLEAN", "EBADMSG", "EISDIR", "ELOOP"]);

export type DamageRecord = ReturnType<typeof createDamageRecord>;

/** Remembers which blobs are damaged, for all processes and until they are right again. */
export function createDamageRecord(db: Database, log: Logger) {
  return {
    /** Says that a blob is damaged. Answers false for a blob that is not the platform's any more. */
    async mark(key: string, damage: Damage, by: Finder): Promise<boolean> {
      const { rows } = await sql<{ isNew: boolean }>`
        insert into damaged_blobs as marked (blob_key, damage, found_by) select key, ${damage}, ${by} from blobs where key = ${key}
        on conflict (blob_key) do update set damage = excluded.damage
        returning (xmax = 0) as "isNew"`.execute(db);
      if (rows[0]?.isNew)
        log.error({ blob: key, damage, foundBy: by }, "stored bytes are damaged: bring them back from a backup");
      return rows.length > 0;
    },

    /** Says that a blob is as it was stored. */
    async unmark(key: string): Promise<void> {
      const { numDeletedRows } = await db.deleteFrom("damaged_blobs").where("blob_key", "=", key).executeTakeFirst();
      if (numDeletedRows > 0n) log.info({ blob: key }, "stored bytes that were damaged are right again");
    },
  };
}
