import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type pg from "pg";
import { to as copyTo } from "pg-copy-streams";

/** A table in a file: PostgreSQL's COPY text, gzipped. */
export interface DumpedTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
  /** Below the backup's directory. */
  readonly file: string;
  /** Of the file. */
  readonly sha256: string;
}

export interface DumpedSequence {
  readonly schema: string;
  readonly name: string;
  /** Null: never used. */
  readonly last: string | null;
}

/** One moment of a database. */
export interface DatabaseDump {
  /** Of the server. */
  readonly version: string;
  /** When the moment was. */
  readonly at: string;
  /** The names of the migrations that made the schema, in their order. */
  readonly migrations: readonly string[];
  /** The number of the last migration of the queue's own schema. */
  readonly queueMigration: number;
  readonly tables: readonly DumpedTable[];
  readonly sequences: readonly DumpedSequence[];
}

/** The schema of the queue's library; ours is the one that names without a schema mean. */
export const QUEUE = "graphile_worker";

/**
 * Writes one moment of the whole database into `directory`: every table as it was when the transaction began, whatever
 * is written meanwhile (what pg_dump guarantees). `also` is called within the same moment. Writers do not wait.
 */
export async function dumpDatabase(
  client: pg.Client,
  directory: string,
  also: (client: pg.Client) => Promise<void>,
): Promise<DatabaseDump> {
  await mkdir(join(directory, "database"), { recursive: true, mode: 0o700 });
  await client.query("begin isolation level repeatable read read only");
  const { rows } = await client.query<{ at: Date; version: string }>("select now() as at, version() as version");
  const tables: DumpedTable[] = [];
  for (const table of await listTables(client)) {
    const file = join("database", `${table.schema}.${table.name}.copy.gz`);
    const stream = client.query(copyTo(`copy ${tableName(client, table)} (${columnNames(client, table)}) to stdout`));
    const sha256 = await writeHashed(join(directory, file), stream, createGzip({ level: 1 }));
    tables.push({ ...table, rows: stream.rowCount, file, sha256 });
  }
  const migrations = await client.query<{ name: string }>("select name from kysely_migration order by name");
  const queue = await client.query<{ id: number }>(`select max(id)::integer as id from ${QUEUE}.migrations`);
  const sequences = await client.query<DumpedSequence>(
    `select schemaname::text as schema, sequencename::text as name, last_value::text as last from pg_sequences
     where schemaname in (current_schema(), '${QUEUE}') order by 1, 2`,
  );
  await also(client);
  await client.query("commit");
  return {
    version: rows[0]!.version,
    at: rows[0]!.at.toISOString(),
    migrations: migrations.rows.map(({ name }) => name),
    queueMigration: queue.rows[0]!.id,
    tables,
    sequences: sequences.rows,
  };
}

/** The platform's tables, with the columns that are stored. */
export async function listTables(client: pg.Client): Promise<Pick<DumpedTable, "schema" | "name" | "columns">[]> {
  const { rows } = await client.query<{ schema: string; name: string; columns: string[] }>(
    `select namespace.nspname::text as schema, class.relname::text as name, array(
       select attname::text from pg_attribute
       where attrelid = class.oid and attnum > 0 and not attisdropped and attgenerated = '' order by attnum) as columns
     from pg_class class join pg_namespace namespace on namespace.oid = class.relnamespace
     where class.relkind in ('r', 'p') and not class.relispartition and namespace.nspname in (current_schema(), '${QUEUE}')
     order by 1, 2`,
  );
  return rows;
}

export const tableName = (client: pg.Client, { schema, name }: { schema: string; name: string }): string =>
  `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(name)}`;

export const columnNames = (client: pg.Client, { columns }: { columns: readonly string[] }): string =>
  columns.map((column) => client.escapeIdentifier(column)).join(", ");

/** Writes a stream, through `packing`, to a new file that its owner alone can read. Answers the SHA-256 of the file. */
export async function writeHashed(path: string, from: NodeJS.ReadableStream, packing?: Transform): Promise<string> {
  const hash = createHash("sha256");
  const hashing = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const file = createWriteStream(path, { mode: 0o600 });
  await (packing ? pipeline(from, packing, hashing, file) : pipeline(from, hashing, file));
  return hash.digest("hex");
}

/** The SHA-256 of a file. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
