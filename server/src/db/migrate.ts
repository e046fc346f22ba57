import { readdir, readFile } from "node:fs/promises";
import { runMigrations } from "graphile-worker";
import { type Kysely, Migrator, sql } from "kysely";

const DIRECTORY = new URL("../../migrations/", import.meta.url);

/**
 * Brings the schema to the newest numbered file of `server/migrations`, or to that named `to`. Files run in the order of their names, all in
 * one transaction under a lock: several processes may start at once, and a failing file leaves the schema as it was.
 *
 * @throws Error naming the file that failed.
 */
export async function migrate<Tables>(db: Kysely<Tables>, databaseUrl: string, { to }: { to?: string } = {}): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: {
      async getMigrations() {
        return Object.fromEntries((await migrationNames()).map((name) => [name, migrationOf(`${name}.sql`)]));
      },
    },
  });
  const { error, results } = await (to === undefined ? migrator.migrateToLatest() : migrator.migrateTo(to));
  if (error) {
    const failed = results?.find(({ status }) => status === "Error")?.migrationName ?? "?";
    throw new Error(`Migration ${failed} failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  // The queue keeps its tables in a schema of its own.
  await runMigrations({ connectionString: databaseUrl });
}

/** All migrations, in their order. */
export const migrationNames = async (): Promise<string[]> =>
  (await readdir(DIRECTORY))
    .filter((name) => name.endsWith(".sql"))
    .map((name) => name.replace(/\.sql$/, ""))
    .sort();

const migrationOf = (name: string) => ({
  async up(db: Kysely<unknown>) {
    await sql.raw(await readFile(new URL(name, DIRECTORY), "utf8")).execute(db);
  },
});
