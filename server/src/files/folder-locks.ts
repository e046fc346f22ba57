import { sql } from "kysely";
import type { Sql, Tx } from "../db/database.ts";
import { anyOf, PREPARED } from "../db/prepared-plans.ts";
import type { FileRow } from "./queries.ts";

// What holds while something is put into a folder: for this feature, and for tasks that put their outputs there.

/**
 * Keeps a folder from being deleted until the transaction ends, and answers whether it is still there. Before anything
 * is put into it: a folder is only deleted when it is empty. Any number of transactions may hold it.
 */
export async function lockFolderShared(tx: Tx, id: string): Promise<boolean> {
  const { rows } = await sql`
    select from files where id = ${id} and type = 'folder' and files.deleted_at is null for key share ${PREPARED}`.execute(tx);
  return rows.length === 1;
}

/** The same of many folders: answers those that are there. */
export async function lockFoldersShared(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from files where id = ${anyOf([...new Set(ids)], "text")} and type = 'folder' and files.deleted_at is null
    order by id for key share ${PREPARED}`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}

/** The living thing of that name in a folder. */
export async function findChild(db: Sql, parent: string, name: string): Promise<Pick<FileRow, "id" | "type"> | undefined> {
  return db
    .selectFrom("files")
    .select(["id", "type"])
    .where("parent", "=", parent)
    .where("name", "=", name)
    .where("deleted_at", "is", null)
    .modifyEnd(PREPARED)
    .executeTakeFirst();
}
