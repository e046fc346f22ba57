import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { columnNames, type DatabaseDump, listTables, QUEUE, tableName } from "./database-dump.ts";

/** Whether nothing is in a database yet. */
export async function isEmptyDatabase(client: pg.Client): Promise<boolean> {
  return (await listTables(client)).length === 0;
}

/**
 * Fills a database whose schema is at the dump's migrations with the dump: all of it or nothing. It needs no more rights
 * than those of the tables' owner: checks between tables are taken away and made again at the end, over everything.
 *
 * @throws Error when the schema is another one
 */
export async function loadDatabase(client: pg.Client, dump: DatabaseDump, directory: string): Promise<void> {
  await client.query("begin");
  await requireSameSchema(client, dump);
  const { rows: keys } = await client.query<{ table: string; name: string; definition: string }>(
    `select conrelid::regclass::text as table, conname::text as name, pg_get_constraintdef(oid) as definition
     from pg_constraint where contype = 'f' and connamespace in (current_schema()::regnamespace, '${QUEUE}'::regnamespace)`,
  );
  for (const { table, name } of keys) await client.query(`alter table ${table} drop constraint ${client.escapeIdentifier(name)}`);
  const tables = dump.tables.map((table) => tableName(client, table));
  // Triggers keep counts, which are in the dump.
  for (const table of tables) await client.query(`alter table ${table} disable trigger user`);
  await client.query(`truncate ${tables.join(", ")}`);
  for (const table of dump.tables) {
    const into = client.query(copyFrom(`copy ${tableName(client, table)} (${columnNames(client, table)}) from stdin`));
    await pipeline(createReadStream(join(directory, table.file)), createGunzip(), into);
    if (into.rowCount !== table.rows) throw new Error(`${table.file} has ${into.rowCount} rows, not ${table.rows}`);
  }
  for (const { schema, name, last } of dump.sequences) {
    if (last === null) continue;
    await client.query("select setval($1::regclass, $2::bigint)", [tableName(client, { schema, name }), last]);
  }
  for (const table of tables) await client.query(`alter table ${table} enable trigger user`);
  for (const { table, name, definition } of keys)
    await client.query(`alter table ${table} add constraint ${client.escapeIdentifier(name)} ${definition}`);
  await client.query("commit");
  await client.query("analyze");
}

async function requireSameSchema(client: pg.Client, dump: DatabaseDump): Promise<void> {
  const { rows } = await client.query<{ id: number }>(`select max(id)::integer as id from ${QUEUE}.migrations`);
  const told = (tables: DatabaseDump["tables"] | Awaited<ReturnType<typeof listTables>>) =>
    tables.map(({ schema, name, columns }) => `${schema}.${name}(${columns.join(",")})`);
  const [here, there] = [told(await listTables(client)), told(dump.tables)];
  const strange = [...here.filter((table) => !there.includes(table)), ...there.filter((table) => !here.includes(table))];
  if (rows[0]!.id !== dump.queueMigration || strange.length > 0)
    throw new Error(
      `The backup's tables are not those of this version of Causeway: restore with the version that made it, then upgrade. Differing: ${strange.join("; ") || "the queue's"}`,
    );
}
