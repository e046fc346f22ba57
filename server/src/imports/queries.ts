import type { Page } from "@causeway/contract";
import { type Insertable, type Selectable, sql } from "kysely";
import type { Database, Sql, Tx } from "../db/database.ts";
import { type JobFilter, jobConditions } from "../volumes/jobs/filters.ts";
import { pageOfJobs } from "../volumes/jobs/queries.ts";
import type { ImportsTable } from "../volumes/tables.ts";

export type ImportRow = Selectable<ImportsTable>;
/** An import with its project's public id, `owner/short-name`. */
export type SeenImport = ImportRow & { project: string };

const COLUMNS = sql`job.*, projects.owner || '/' || projects.short_name as project`;
const FROM = sql`imports as job join projects on projects.id = job.project_id`;

export async function insertImport(tx: Tx, job: Insertable<ImportsTable>): Promise<SeenImport> {
  const { id } = await tx.insertInto("imports").values(job).returning("id").executeTakeFirstOrThrow();
  return (await findImports(tx, [id])).get(id)!;
}

export async function findImports(db: Sql, ids: readonly string[]): Promise<Map<string, SeenImport>> {
  const { rows } = await sql<SeenImport>`select ${COLUMNS} from ${FROM} where job.id = any(${ids}::text[])`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

/** One page of a user's imports, the newest first, and how many there are. */
export function listImports(
  db: Database,
  user: string,
  { project, ...filter }: JobFilter & { project?: string },
  page: Page,
): Promise<{ items: SeenImport[]; total: number }> {
  const intoProject = project === undefined ? [] : [sql`projects.owner || '/' || projects.short_name = ${project}`];
  return pageOfJobs(db, { columns: COLUMNS, from: FROM }, [...jobConditions(user, filter), ...intoProject], page);
}

/** Ends an import well, in the transaction that makes its files. */
export async function completeImport(tx: Tx, id: string, result: string): Promise<void> {
  await tx
    .updateTable("imports")
    .set({ state: "COMPLETED", result, finished_at: new Date(), faults: 0, fault: null })
    .where("id", "=", id)
    .execute();
  await tx.deleteFrom("import_objects").where("import_id", "=", id).execute();
}
