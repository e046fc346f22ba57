import { setTimeout as pause } from "node:timers/promises";
import { parseExactJson } from "@causeway/cwl";
import { type ColumnType, Kysely, PostgresDialect, type Transaction } from "kysely";
import pg from "pg";
import { PlanKeepingClient } from "./prepared-plans.ts";

/**
 * The tables by name. Empty here: every feature adds its own in its `tables.ts`
 * (`declare module "../db/database.ts" { interface Tables { … } }`).
 */
// biome-ignore lint/suspicious/noEmptyInterface: features merge their tables into it.
export interface Tables {}

export type Database = Kysely<Tables>;
export type Tx = Transaction<Tables>;
/** What a query runs on: the pool, or a transaction that spans several. */
export type Sql = Database | Tx;

/** A column that Postgres fills when it is left out. */
export type Defaulted<T> = ColumnType<T, T | undefined, T>;
/** A `timestamptz`: read as a Date, written as a Date or left to its default. */
export type Timestamp = ColumnType<Date, Date | undefined, Date>;

export interface OpenDatabase {
  readonly db: Database;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

const { INT8, JSON: JSON_TEXT, JSONB } = pg.types.builtins;
// Sizes in bytes and counts come as bigint; all of ours stay below 2^53. Values of tasks may not.
const PARSERS = new Map<number, (text: string) => unknown>([
  [INT8, Number],
  [JSON_TEXT, parseExactJson],
  [JSONB, parseExactJson],
]);
const TYPES = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    PARSERS.get(oid) ?? pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser,
};

/** Opens a pool of at most `connections` on the database at `url`. Connects on first use. */
export function openDatabase(url: string, connections: number): OpenDatabase {
  const { pool, close } = openPool(url, connections);
  return { db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }), pool, close };
}

/** Connections that take longer to end are left behind: the line is dead, and nobody is there to say goodbye. */
const GOODBYE_MS = 5000;

/** The pool alone. Closing waits until the last connection has really ended: `pool.end()` only tells them to. */
export function openPool(url: string, connections: number): Pick<OpenDatabase, "pool" | "close"> {
  const pool = new pg.Pool({ connectionString: url, max: connections, types: TYPES, Client: PlanKeepingClient });
  const open = new Set<pg.PoolClient>();
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => {
    open.add(client);
    // So would one that breaks between two statements of a transaction; the next statement fails and tells its caller.
    client.on("error", () => {});
  });
  const close = async () => {
    await pool.end();
    while (open.size > 0) await new Promise((resolve) => pool.once("remove", resolve));
  };
  pool.on("remove", (client) => open.delete(client));
  return { pool, close: () => Promise.race([close(), pause(GOODBYE_MS, undefined, { ref: false })]) };
}

/** Whether `error` is Postgres's unique violation of the named constraint or index. */
export function violates(error: unknown, constraint: string): boolean {
  return error instanceof pg.DatabaseError && error.code === "23505" && error.constraint === constraint;
}

/** Whether `error` is Postgres's refusal of a row that names another which is not there: the foreign key is `constraint`. */
export function isOrphan(error: unknown, constraint: string): boolean {
  return error instanceof pg.DatabaseError && error.code === "23503" && error.constraint === constraint;
}
