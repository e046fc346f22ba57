import { createHash } from "node:crypto";
import { type RawBuilder, sql } from "kysely";
import pg from "pg";

const MARK = "/* plan kept */";

/**
 * Put at the very end of a query (`modifyEnd`, or in its text): each connection plans it once and keeps the plan. For
 * what is asked all the time: to plan a look-up with its project's rights takes five times as long as to run it. Not for
 * queries whose best plan depends on their values, nor where there is no end of texts: every one is kept.
 */
export const PREPARED = sql.raw(MARK);

/**
 * One of a list, for `=` in a query with `PREPARED`. Where PostgreSQL sees how short a list is, it takes a plan
 * for any list for a worse one, and plans anew each time.
 */
export const anyOf = (values: readonly string[], type: "text" | "uuid"): RawBuilder<unknown> =>
  sql`any(array(select unnest(${[...values]}::${sql.raw(type)}[])))`;

/** A connection that sends the queries with `PREPARED` as prepared statements, in transactions and out of them. */
export class PlanKeepingClient extends pg.Client {
  // biome-ignore lint/suspicious/noExplicitAny: pg.Client.query has a dozen shapes; only that of Kysely and of the pool is looked at.
  override query(...given: any[]): any {
    const [text, values, ...callback] = given;
    const isKept = typeof text === "string" && text.endsWith(MARK);
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    const query = super.query as (...given: any[]) => any;
    return isKept ? query.call(this, { name: nameOf(text), text, values }, ...callback) : query.apply(this, given);
  }
}

const names = new Map<string, string>();

/** PostgreSQL's names have 63 bytes at most. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known) return known;
  const name = createHash("sha256").update(text).digest("hex").slice(0, 32);
  names.set(text, name);
  return name;
}
