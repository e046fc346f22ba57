import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Platform } from "../platform.ts";

const TIMES = 5;

/**
 * How many statements one call sends to the database, `begin` and `commit` among them: what PostgreSQL logs while the call
 * is made. The least of a few times, since what the platform does at rest is logged, too.
 */
export async function countStatements({ sql }: Platform, makeCall: () => Promise<unknown>): Promise<number> {
  const { rows } = await sql.query("show data_directory");
  const log = join(dirname(rows[0].data_directory), "postgres.log");
  const logged = async () => (await readFile(log, "utf8")).match(/LOG: {2}(statement|execute )/g)?.length ?? 0;
  await sql.query("alter system set log_statement = 'all'");
  await sql.query("select pg_reload_conf()");
  try {
    // A connection learns of the setting with its next statement.
    for (let time = 0; time < TIMES; time++) await makeCall();
    let least = Number.POSITIVE_INFINITY;
    for (let time = 0; time < TIMES; time++) {
      const before = await logged();
      await makeCall();
      least = Math.min(least, (await logged()) - before);
    }
    return least;
  } finally {
    await sql.query("alter system reset log_statement");
    await sql.query("select pg_reload_conf()");
  }
}
