import { createHash } from "node:crypto";
import type { RawBuilder } from "kysely";
import type pg from "pg";
import type { Database } from "./database.ts";

/** Asks a query for its rows; `values` are those of `$1`, `$2`, … in its text. */
export type PreparedQuery<Row> = (values: readonly unknown[]) => Promise<Row[]>;

/**
 * A query whose text is made once, for the few that are asked all the time. It says `$1`, `$2`, … itself
 * (`sql.raw("$1")`). With `keepPlan` it is planned once a connection, too, since planning can take longer than running:
 * not for queries whose best plan depends on their values.
 */
export function prepareQuery<Row>(
  db: Database,
  pool: pg.Pool,
  query: RawBuilder<Row>,
  { keepPlan }: { keepPlan: boolean },
): PreparedQuery<Row> {
  const { sql: text, parameters } = query.compile(db);
  if (parameters.length > 0) throw new Error("A prepared query takes all of its values when it is asked.");
  const name = keepPlan ? { name: createHash("sha256").update(text).digest("hex").slice(0, 32) } : {};
  return async (values) => (await pool.query({ ...name, text, values: [...values] })).rows;
}
