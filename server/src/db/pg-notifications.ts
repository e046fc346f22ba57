import { sql } from "kysely";
import pg from "pg";
import type { Sql } from "./database.ts";

/** Short messages between the processes of one platform, over Postgres's LISTEN/NOTIFY. */
export interface PgNotifications {
  /**
   * Calls `heard` with the payload of every notice on `channel`, also with `undefined` after the connection was lost
   * and made again: then notices may have been missed, and what is cached must be read anew.
   */
  on(channel: string, heard: (payload: string | undefined) => void): Promise<void>;
  close(): Promise<void>;
}

/** Tells every process, this one included, when the surrounding transaction commits. `payload` has 8000 bytes at most. */
export async function sendNotice(db: Sql, channel: string, payload = ""): Promise<void> {
  await sql`select pg_notify(${channel}, ${payload})`.execute(db);
}

const RECONNECT_AFTER_MS = 500;

/** Opens one connection that listens for all channels, and keeps it open. */
export async function openPgNotifications(databaseUrl: string): Promise<PgNotifications> {
  const listeners = new Map<string, ((payload: string | undefined) => void)[]>();
  let closing = false;
  let client = await connect();

  async function connect(): Promise<pg.Client> {
    const fresh = new pg.Client({ connectionString: databaseUrl, keepAlive: true });
    fresh.on("notification", ({ channel, payload }) => {
      for (const heard of listeners.get(channel) ?? []) heard(payload ?? "");
    });
    fresh.on("error", () => {});
    try {
      await fresh.connect();
      for (const channel of listeners.keys()) await fresh.query(`listen ${fresh.escapeIdentifier(channel)}`);
    } catch (error) {
      await fresh.end();
      throw error;
    }
    // Only now: an attempt that fails ends as well, and must not start attempts of its own.
    fresh.on("end", () => void reconnect());
    return fresh;
  }

  async function reconnect(): Promise<void> {
    while (!closing) {
      await new Promise((wake) => setTimeout(wake, RECONNECT_AFTER_MS));
      try {
        client = await connect();
      } catch {
        // The database is away; its absence is reported by everything that queries it.
        continue;
      }
      if (closing) return client.end();
      for (const heard of [...listeners.values()].flat()) heard(undefined);
      return;
    }
  }

  return {
    async on(channel, heard) {
      const known = listeners.get(channel);
      if (known) return void known.push(heard);
      listeners.set(channel, [heard]);
      await client.query(`listen ${client.escapeIdentifier(channel)}`);
    },
    async close() {
      closing = true;
      await client.end();
    },
  };
}
