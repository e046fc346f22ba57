import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { BlobStore } from "@causeway/storage";
import { sql } from "kysely";
import pg from "pg";
import type { Logger } from "pino";
import type { Database } from "../db/database.ts";
import { type Damage, type DamageRecord, damageOf } from "./damage.ts";

export interface ScrubSettings {
  /** A reading of everything begins so many milliseconds after the last one has ended; 0: none does. */
  readonly everyMs: number;
  readonly bytesPerSecond: number;
}

const LOOK_EVERY_MS = 10 * 60 * 1000;
/** A platform that is started for a minute does not begin to read. */
const FIRST_MS = 60 * 1000;
const BATCH = 100;
/** How much is read again after a crash, at most, besides the blob that was being read. */
const NOTE_EVERY_MS = 2000;
/** The advisory lock of the process that reads. */
const LOCK = [0x6362, 2] as const;

interface BlobRow {
  key: string;
  size: number;
  sha256: string | null;
}

/**
 * Reads all stored bytes slowly, again and again, and remembers which are not as they were stored. One process does it at a
 * time; one that comes after it goes on where it was.
 */
export function createScrub({ db, databaseUrl, store, damage, log }: Deps, { everyMs, bytesPerSecond }: ScrubSettings) {
  /** Does what is due: looks at damaged bytes that have changed since, then reads on. Answers when nothing is due any more. */
  async function run(now: Date, signal: AbortSignal): Promise<void> {
    await recheck(signal);
    const pass = await passUnderWay(now);
    if (pass !== undefined) await readFrom(pass, signal);
  }

  async function passUnderWay(now: Date): Promise<{ id: number; after_key: string } | undefined> {
    const [last] = await db.selectFrom("scrubs").selectAll().orderBy("id", "desc").limit(1).execute();
    if (last && last.finished_at === null) return last;
    if (everyMs === 0 || (last && last.finished_at!.getTime() + everyMs > now.getTime())) return undefined;
    return db.insertInto("scrubs").values({ started_at: now, finished_at: null }).returningAll().executeTakeFirstOrThrow();
  }

  async function readFrom(pass: { id: number; after_key: string }, signal: AbortSignal): Promise<void> {
    let read = { after: pass.after_key, blobs: 0, bytes: 0, damaged: 0 };
    let noted = Date.now();
    const note = async (isOver = false) => {
      await sql`update scrubs set after_key = ${read.after}, blobs = blobs + ${read.blobs}, bytes = bytes + ${read.bytes},
        damaged = damaged + ${read.damaged}, finished_at = ${isOver ? new Date() : null} where id = ${pass.id}`.execute(db);
      read = { after: read.after, blobs: 0, bytes: 0, damaged: 0 };
      noted = Date.now();
    };
    for (;;) {
      const { rows } = await sql<BlobRow>`
        select key, size, sha256 from blobs where key > ${read.after} order by key limit ${BATCH}`.execute(db);
      if (rows.length === 0) return note(true);
      for (const blob of rows) {
        const isDamaged = await check(blob, signal);
        read = {
          after: blob.key,
          blobs: read.blobs + 1,
          bytes: read.bytes + blob.size,
          damaged: read.damaged + (isDamaged ? 1 : 0),
        };
        if (Date.now() > noted + NOTE_EVERY_MS) await note();
      }
    }
  }

  /** Reads one blob and remembers what it is like. Answers whether it is damaged. */
  async function check(blob: BlobRow, signal: AbortSignal): Promise<boolean> {
    const found = await look(blob, signal);
    if (found !== undefined) return damage.mark(blob.key, found, "scrub");
    await damage.unmark(blob.key);
    return false;
  }

  async function look({ key, size, sha256 }: BlobRow, signal: AbortSignal): Promise<Damage | undefined> {
    try {
      const read = await readSlowly(key, signal);
      if (read.size !== size) return "changed";
      if (sha256 !== null) return read.sha256 === sha256 ? undefined : "changed";
      await sql`update blobs set sha256 = ${read.sha256} where key = ${key} and sha256 is null`.execute(db);
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      const found = damageOf(error);
      if (found === undefined) throw error;
      return found;
    }
  }

  async function readSlowly(key: string, signal: AbortSignal): Promise<{ size: number; sha256: string }> {
    const hash = createHash("sha256");
    const begun = Date.now();
    let size = 0;
    for await (const chunk of await store.open(key)) {
      hash.update(chunk);
      size += chunk.length;
      const ahead = (size / bytesPerSecond) * 1000 - (Date.now() - begun);
      if (ahead > 1) await pause(ahead, undefined, { signal });
      signal.throwIfAborted();
    }
    return { size, sha256: hash.digest("hex") };
  }

  /** Looks at damaged blobs again: all, or those whose bytes were written since they were found. */
  async function recheck(signal: AbortSignal, { all = false } = {}): Promise<void> {
    const { rows } = await sql<BlobRow & { found_at: Date }>`
      select key, size, sha256, found_at from damaged_blobs join blobs on blobs.key = blob_key order by key`.execute(db);
    for (const blob of rows) {
      const stored = await store.stat(blob.key).catch(() => undefined);
      if (all || (stored && stored.modifiedAt > blob.found_at)) await check(blob, signal);
    }
  }

  /** Runs `work` unless another process is at it. `work` is told when this process may not go on. */
  async function alone(signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    const client = new pg.Client({ connectionString: databaseUrl, keepAlive: true });
    const lost = new AbortController();
    client.on("error", () => {});
    await client.connect();
    client.on("end", () => lost.abort(new Error("the connection to the database was lost")));
    try {
      const { rows } = await client.query<{ held: boolean }>("select pg_try_advisory_lock($1, $2) as held", [...LOCK]);
      if (!rows[0]!.held) return false;
      await work(AbortSignal.any([signal, lost.signal]));
      return true;
    } finally {
      client.removeAllListeners("end");
      await client.end();
    }
  }

  return {
    /** Does what is due at `now`, unless another process does. Answers whether it did. */
    runDue: (now: Date, signal = new AbortController().signal) => alone(signal, (either) => run(now, either)),

    /** Reads all damaged blobs again, now. */
    recheck: () => recheck(new AbortController().signal, { all: true }),

    /** Does what is due, now and then, until it is stopped. Does not wait for a reading that is cut off. */
    start(): { stop(): void } {
      const stopping = new AbortController();
      const { signal } = stopping;
      const go = async () => {
        for (let wait = FIRST_MS; ; wait = LOOK_EVERY_MS) {
          await pause(wait, undefined, { signal, ref: false });
          await alone(signal, (either) => run(new Date(), either)).catch((error: unknown) => {
            if (!signal.aborted) log.warn({ err: error }, "stored bytes could not be read on; tried again in a while");
          });
        }
      };
      go().catch(() => {}); // It only ends when it is stopped.
      return { stop: () => stopping.abort() };
    },
  };
}

interface Deps {
  readonly db: Database;
  readonly databaseUrl: string;
  readonly store: BlobStore;
  readonly damage: DamageRecord;
  readonly log: Logger;
}
