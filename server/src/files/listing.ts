import type { Page } from "@causeway/contract";
import { type RawBuilder, sql } from "kysely";
import type { Sql } from "../db/database.ts";

/** What of a folder a list shows (files.md §3.1). Within one filter the values are alternatives; filters add up. */
export interface FileFilter {
  name?: readonly string[];
  tag?: readonly string[];
  /** By key; empty and `null` stand for files without the key, too. */
  metadata?: Readonly<Record<string, readonly string[]>>;
  origin?: Readonly<{ task?: readonly string[]; dataset?: readonly string[] }>;
}

/**
 * One page of a folder, folders first, then by the bytes of names: a JSON array of what `json` builds. The total
 * of a folder is counted as things come and go; only a filtered one is counted when asked for.
 */
export async function listFolder(
  db: Sql,
  folder: string,
  filter: FileFilter,
  { limit, offset }: Page,
  json: RawBuilder<unknown>,
): Promise<{ itemsText: string; total: number }> {
  const conditions = conditionsOf(filter);
  const where = sql`files.parent = ${folder} and files.deleted_at is null ${sql.join(
    conditions.map((condition) => sql`and ${condition}`),
    sql` `,
  )}`;
  const total =
    conditions.length === 0
      ? sql`(select coalesce(sum(things), 0)::bigint from folder_counts where folder = ${folder})`
      : sql`(select count(*) from files where ${where})`;
  // The inner query can be answered from the index alone, however far the offset goes.
  const { rows } = await sql<{ itemsText: string; total: number }>`
    select ${total} as total, (
      select coalesce(json_agg(${json} order by files.type desc, files.name, files.id), '[]')::text from (
        select id from files where ${where} order by type desc, name, id limit ${limit} offset ${offset}
      ) as page join files on files.id = page.id
    ) as "itemsText"`.execute(db);
  return rows[0]!;
}

function conditionsOf({ name, tag, metadata, origin }: FileFilter): RawBuilder<unknown>[] {
  const conditions: RawBuilder<unknown>[] = [];
  if (name) conditions.push(sql`files.name = any(${storable(name)}::text[])`);
  if (tag) conditions.push(sql`files.tags <> '{}' and files.tags && ${storable(tag)}::text[]`);
  for (const [key, values] of Object.entries(metadata ?? {})) conditions.push(metadataIs(key, values));
  for (const [key, values] of Object.entries(origin ?? {})) {
    conditions.push(sql`files.origin ? ${sql.lit(key)} and files.origin ->> ${sql.lit(key)} = any(${storable(values)}::text[])`);
  }
  return conditions;
}

/** Files whose `key` has one of the values. An empty value, or `null`, also finds files without the key. */
function metadataIs(key: string, values: readonly string[]): RawBuilder<unknown> {
  const alternatives = values
    .filter((value) => isStorable(key) && isStorable(value))
    .map((value) => sql`files.metadata @> ${JSON.stringify({ [key]: value })}::jsonb`);
  const present = alternatives.length > 0 ? sql`(files.metadata <> '{}' and (${sql.join(alternatives, sql` or `)}))` : sql`false`;
  const absent = values.some((value) => value === "" || value === "null") && isStorable(key);
  return sql`files.type = 'file' and (${present} ${absent ? sql`or not files.metadata ? ${key}` : sql``})`;
}

/** What PostgreSQL cannot keep matches nothing. */
const isStorable = (text: string) => !text.includes("\0") && text.isWellFormed();
const storable = (texts: readonly string[]) => texts.filter(isStorable);
