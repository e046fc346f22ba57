import { type ColumnType, Kysely, PostgresDialect, type Transaction } from "kysely";
import pg from "pg";

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

// Sizes in bytes and counts come as bigint; all of ours stay below 2^53.
const TYPES = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser,
};

/** Opens a pool of at most `connections` on the database at `url`. Connects on first use. */
export function openDatabase(url: string, connections: number): OpenDatabase {
  const pool = new pg.Pool({ connectionString: url, max: connections, types: TYPES });
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on("error", () => {});
  // So would one that breaks between two statements of a transaction; the next statement fails and tells its caller.
  pool.on("connect", (client) => client.on("error", () => {}));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return { db, pool, close: () => db.destroy() };
}

/** Whether `error` is Postgres's unique violation of the named constraint or index. */
export function violates(error: unknown, constraint: string): boolean {
  return error instanceof pg.DatabaseError && error.code === "23505" && error.constraint === constraint;
}
