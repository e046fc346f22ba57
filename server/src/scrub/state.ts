import { sql } from "kysely";
import { Gauge, type Registry } from "prom-client";
import type { Database } from "../db/database.ts";
import type { Damage, Finder } from "./damage.ts";

interface ScrubRow {
  started_at: Date;
  finished_at: Date | null;
  blobs: number;
  bytes: number;
  damaged: number;
}

/** What is known of the stored bytes, for operators. Times are ISO 8601. */
export interface StoredBytesState {
  /** The last reading of everything that has ended; null before the first one has. */
  last: { started: string; finished: string; blobs: number; bytes: number; damaged: number } | null;
  /** The reading under way. */
  current: { started: string; blobs: number; bytes: number; damaged: number } | null;
  /** How many blobs are damaged now. */
  damaged: number;
  /** The first hundred of them, with the files that stand on each. */
  blobs: {
    key: string;
    size: number;
    damage: Damage;
    found_by: Finder;
    found_on: string;
    files: { id: string; name: string; project: string }[];
  }[];
}

const SHOWN = 100;

export async function storedBytesState(db: Database): Promise<StoredBytesState> {
  const rows = await db.selectFrom("scrubs").selectAll().orderBy("id", "desc").limit(2).execute();
  const last = rows.find(({ finished_at }) => finished_at !== null);
  const current = rows.find(({ finished_at }) => finished_at === null);
  const { rows: count } = await sql<{ damaged: number }>`select count(*) as damaged from damaged_blobs`.execute(db);
  const { rows: blobs } = await sql<Omit<StoredBytesState["blobs"][number], "found_on"> & { found_at: Date }>`
    select key, size, damage, found_by, found_at, coalesce((
      select json_agg(json_build_object('id', id, 'name', name, 'project', project)) from (
        select files.id, files.name, projects.owner || '/' || projects.short_name as project
        from files join projects on projects.id = files.project_id
        where files.blob_key = key and files.deleted_at is null order by files.name, files.id limit 10) named), '[]') as files
    from damaged_blobs join blobs on key = blob_key order by found_at, key limit ${SHOWN}`.execute(db);
  return {
    last: last ? { ...counted(last), finished: last.finished_at!.toISOString() } : null,
    current: current ? counted(current) : null,
    damaged: count[0]!.damaged,
    blobs: blobs.map(({ found_at, ...blob }) => ({ ...blob, found_on: found_at.toISOString() })),
  };
}

const counted = ({ started_at, blobs, bytes, damaged }: ScrubRow) => ({
  started: started_at.toISOString(),
  blobs,
  bytes,
  damaged,
});

/** The same for Prometheus. */
export function storedBytesMetrics(db: Database, registry: Registry): void {
  const gauge = (name: string, help: string, value: (last: ScrubRow | undefined, current: ScrubRow | undefined) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const rows = await db.selectFrom("scrubs").selectAll().orderBy("id", "desc").limit(2).execute();
        this.set(
          value(
            rows.find(isOver),
            rows.find((row) => !isOver(row)),
          ),
        );
      },
    });
  gauge(
    "causeway_scrub_last_finished_seconds",
    "When all stored bytes had been read the last time, in Unix seconds; 0: never.",
    (last) => (last ? last.finished_at!.getTime() / 1000 : 0),
  );
  gauge("causeway_scrub_last_bytes", "Bytes that were read then.", (last) => last?.bytes ?? 0);
  gauge("causeway_scrub_last_damaged_blobs", "Blobs that were found damaged then.", (last) => last?.damaged ?? 0);
  gauge("causeway_scrub_current_bytes", "Bytes read so far by the reading under way.", (_last, current) => current?.bytes ?? 0);
  new Gauge({
    name: "causeway_damaged_blobs",
    help: "Blobs whose bytes are missing or not as they were stored, now.",
    labelNames: ["damage"],
    registers: [registry],
    async collect() {
      this.reset();
      for (const damage of ["missing", "changed", "unreadable"]) this.set({ damage }, 0);
      const { rows } = await sql<{ damage: string; count: number }>`
          select damage, count(*) as count from damaged_blobs group by damage`.execute(db);
      for (const { damage, count } of rows) this.set({ damage }, count);
    },
  });
}

const isOver = ({ finished_at }: ScrubRow) => finished_at !== null;
