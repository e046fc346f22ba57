import { type Insertable, type Selectable, sql } from "kysely";
import type { Database, Tx } from "../db/database.ts";
import type { BundleEntry } from "./bundle-entries.ts";
import type { DrsImportFilesTable, DrsImportItemsTable, DrsImportsTable } from "./tables.ts";

export type DrsImportRow = Selectable<DrsImportsTable>;
export type DrsItemRow = Selectable<DrsImportItemsTable>;
export type DrsFileRow = Selectable<DrsImportFilesTable>;
/** A job with what its user is called. */
export type DrsJob = DrsImportRow & { username: string };

/** Takes a user for the transaction and answers how many of the user's imports are under way. */
export async function holdAndCount(tx: Tx, userId: string): Promise<number> {
  await tx.selectFrom("users").select("id").where("id", "=", userId).forNoKeyUpdate().execute();
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from drs_imports where user_id = ${userId} and finished_at is null`.execute(tx);
  return rows[0]!.count;
}

export async function insertDrsImport(
  tx: Tx,
  job: Insertable<DrsImportsTable>,
  items: readonly Omit<Insertable<DrsImportItemsTable>, "import_id" | "number">[],
): Promise<DrsImportRow> {
  const row = await tx.insertInto("drs_imports").values(job).returningAll().executeTakeFirstOrThrow();
  await tx
    .insertInto("drs_import_items")
    .values(items.map((item, number) => ({ ...item, import_id: row.id, number })))
    .execute();
  return row;
}

export async function findDrsImport(db: Database, id: string, userId: string): Promise<DrsImportRow | undefined> {
  return db.selectFrom("drs_imports").selectAll().where("id", "=", id).where("user_id", "=", userId).executeTakeFirst();
}

/** The items of a job in their order. */
export async function listItems(db: Database | Tx, importId: string): Promise<DrsItemRow[]> {
  return db.selectFrom("drs_import_items").selectAll().where("import_id", "=", importId).orderBy("number").execute();
}

/** Begins a job or goes on with it; undefined when it has ended or is not there any more. */
export async function beginDrsImport(db: Database, id: string): Promise<DrsJob | undefined> {
  const { rows } = await sql<DrsJob>`
    update drs_imports set state = case drs_imports.state when 'SUBMITTED' then 'RESOLVING' else drs_imports.state end
    from users where drs_imports.id = ${id} and finished_at is null and users.id = user_id
    returning drs_imports.*, users.username`.execute(db);
  return rows[0];
}

export async function noteRunning(db: Database, id: string): Promise<void> {
  await db.updateTable("drs_imports").set({ state: "RUNNING" }).where("id", "=", id).where("state", "=", "RESOLVING").execute();
}

/** Ends a job when all of its items have ended. */
export async function finishDrsImport(db: Database, id: string): Promise<void> {
  await sql`
    update drs_imports set state = 'FINISHED', finished_at = now() where id = ${id} and finished_at is null
      and not exists (select from drs_import_items where import_id = ${id} and result is null and error is null)`.execute(db);
}

const isItem = (job: { import_id: string; number: number }) => sql`import_id = ${job.import_id} and number = ${job.number}`;

/** Says what an item is, what it will be called, and what is in it. */
export async function noteResolved(
  tx: Tx,
  item: DrsItemRow,
  { kind, name, entries }: { kind: "blob" | "bundle"; name: string; entries: readonly BundleEntry[] },
): Promise<void> {
  const given = entries.map(({ folder, name: called, address }, number) => ({
    number,
    folder,
    name: called,
    host: address?.host ?? null,
    id: address?.id ?? null,
  }));
  await sql`
    insert into drs_import_files (import_id, item, number, folder, name, host, object_id)
    select ${item.import_id}, ${item.number}, number, folder, name, host, id
    from json_to_recordset(${JSON.stringify(given)}::json)
      as given (number integer, folder text, name text, host text, id text)
    on conflict do nothing`.execute(tx);
  await sql`update drs_import_items set kind = ${kind}, name = ${name}, faults = 0, fault = null where ${isItem(item)}`.execute(
    tx,
  );
}

/** What an item becomes, folders before what is in them. */
export async function listFiles(db: Database | Tx, item: DrsItemRow): Promise<DrsFileRow[]> {
  return db
    .selectFrom("drs_import_files")
    .selectAll()
    .where("import_id", "=", item.import_id)
    .where("item", "=", item.number)
    .orderBy("number")
    .execute();
}

export async function noteFetched(tx: Tx, file: DrsFileRow, blob: { key: string; size: number; sha256: string }): Promise<void> {
  await sql`
    update drs_import_files set blob_key = ${blob.key}, stored_size = ${blob.size}, sha256 = ${blob.sha256}, fetched_at = now()
    where import_id = ${file.import_id} and item = ${file.item} and number = ${file.number}`.execute(tx);
  await sql`
    update drs_import_items set faults = 0, fault = null
    where import_id = ${file.import_id} and number = ${file.item}`.execute(tx);
}

/** How many files came for a user since a moment, and when the first of them did. */
export async function countFetched(db: Database, userId: string, since: Date): Promise<{ files: number; first: Date | null }> {
  const { rows } = await sql<{ files: number; first: Date | null }>`
    select count(*) as files, min(fetched_at) as first
    from drs_import_files join drs_imports on drs_imports.id = import_id
    where user_id = ${userId} and fetched_at > ${since}`.execute(db);
  return rows[0]!;
}

/** Takes an item for the transaction that ends it well; answers whether it has not ended. */
export async function lockItem(tx: Tx, item: DrsItemRow): Promise<boolean> {
  const { rows } = await sql`
    select from drs_import_items where ${isItem(item)} and result is null and error is null for update`.execute(tx);
  return rows.length > 0;
}

export async function endItem(tx: Database | Tx, item: DrsItemRow, result: string): Promise<void> {
  await sql`update drs_import_items set result = ${result} where ${isItem(item)} and error is null`.execute(tx);
}

export async function failItem(db: Database, item: DrsItemRow, error: string, detail: string | undefined): Promise<void> {
  await sql`
    update drs_import_items set error = ${error}, error_detail = ${detail ?? null}
    where ${isItem(item)} and result is null and error is null`.execute(db);
}

/** Notes that an item could not go on, and answers how often in a row. */
export async function noteItemFault(db: Database, item: DrsItemRow, fault: string): Promise<number> {
  const { rows } = await sql<{ faults: number }>`
    update drs_import_items set faults = faults + 1, fault = ${fault} where ${isItem(item)} returning faults`.execute(db);
  return rows[0]?.faults ?? 0;
}

/** Which of these blobs are of items that have not ended: their files are still to be made. */
export async function keptBlobs(db: Database, keys: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ blob_key: string }>`
    select blob_key from drs_import_files as file join drs_import_items as each on each.import_id = file.import_id and each.number = file.item
    where blob_key = any(${[...keys]}::text[]) and result is null and error is null`.execute(db);
  return rows.map(({ blob_key }) => blob_key);
}

/** Forgets what ended imports were made of, once it is not counted any more. */
export async function forgetFiles(db: Database, finishedBefore: Date): Promise<void> {
  await sql`
    delete from drs_import_files using drs_imports
    where drs_imports.id = import_id and finished_at < ${finishedBefore}`.execute(db);
}
