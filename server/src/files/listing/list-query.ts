import type { Page } from "@causeway/contract";
import { type RawBuilder, sql } from "kysely";
import type { OpenDatabase } from "../../db/database.ts";
import { type PreparedQuery, prepareQuery } from "../../db/prepared.ts";
import { FILE_KEYS, fileJson } from "../present.ts";

/** What of a folder a list shows (files.md §3.1). Within one filter the values are alternatives; filters add up. */
export interface FileFilter {
  name?: readonly string[];
  tag?: readonly string[];
  /** By key; empty and `null` stand for files without the key, too. */
  metadata?: Readonly<Record<string, readonly string[]>>;
  origin?: Readonly<{ task?: readonly string[]; dataset?: readonly string[] }>;
}

/** What a list is of, and what its items say of it. */
export interface ListedFolder {
  /** The folder's id. */
  folder: string;
  /** `owner/short-name` */
  project: string;
  /** The API's address of all files. */
  filesUrl: string;
}

export interface FileItems {
  /** A JSON array. */
  itemsText: string;
  /** How many there are on all pages. */
  total: number;
}

/**
 * Answers pages of folders, folders first, then by the bytes of names; items have the top-level keys that `wants` names.
 * The total of a folder is counted as things come and go; only a filtered one is counted when asked for.
 */
export function createFolderLists({ db, pool }: OpenDatabase) {
  // Lists without a filter are asked for all the time, in two or three selections of keys.
  const unfiltered = new Map<string, PreparedQuery<FileItems>>();
  const unfilteredOf = (keys: Keys) => {
    const known = unfiltered.get(keys.join());
    if (known) return known;
    const [folder, limit, offset, filesUrl, project] = ["$1::text", "$2::bigint", "$3::bigint", "$4::text", "$5::text"].map(
      (slot) => sql.raw(slot),
    ) as [Slot, Slot, Slot, Slot, Slot];
    const query = listQuery({ folder, limit, offset, filesUrl, project }, [], keys);
    const prepared = prepareQuery(db, pool, query, { keepPlan: false });
    // There are as many selections as subsets of keys.
    if (unfiltered.size < 100) unfiltered.set(keys.join(), prepared);
    return prepared;
  };

  return async (
    { folder, project, filesUrl }: ListedFolder,
    filter: FileFilter,
    { limit, offset }: Page,
    wants: (key: string) => boolean,
  ): Promise<FileItems> => {
    const keys = FILE_KEYS.filter(wants);
    const conditions = conditionsOf(filter);
    // A prepared query must use each of its values: a selection without href or project is asked for plainly.
    if (conditions.length === 0 && keys.includes("href") && keys.includes("project")) {
      const [page] = await unfilteredOf(keys)([folder, limit, offset, filesUrl, project]);
      return page!;
    }
    const slots = {
      folder: sql`${folder}`,
      limit: sql`${limit}`,
      offset: sql`${offset}`,
      filesUrl: sql`${filesUrl}::text`,
      project: sql`${project}::text`,
    };
    const { rows } = await listQuery(slots, conditions, keys).execute(db);
    return rows[0]!;
  };
}

type Slot = RawBuilder<unknown>;
type Keys = readonly (typeof FILE_KEYS)[number][];

function listQuery(
  { folder, limit, offset, filesUrl, project }: { folder: Slot; limit: Slot; offset: Slot; filesUrl: Slot; project: Slot },
  conditions: readonly RawBuilder<unknown>[],
  keys: Keys,
): RawBuilder<FileItems> {
  const matching = [sql`files.parent = ${folder}`, sql`files.deleted_at is null`, ...conditions];
  const where = sql.join(matching, sql` and `);
  // The inner query can be answered from the index alone, however far the offset goes.
  return sql<FileItems>`
    select ${totalOf(folder, conditions)} as total, (
      select coalesce(json_agg(${fileJson(filesUrl, project, keys)} order by files.type desc, files.name, files.id), '[]')::text from (
        select id from files where ${where} order by type desc, name, id limit ${limit} offset ${offset}
      ) as page join files on files.id = page.id
    ) as "itemsText"`;
}

/** How many things of a folder meet the conditions. */
export function totalOf(folder: Slot, conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  if (conditions.length === 0) return sql`(select coalesce(sum(things), 0)::bigint from folder_counts where folder = ${folder})`;
  const where = sql.join([sql`files.parent = ${folder}`, sql`files.deleted_at is null`, ...conditions], sql` and `);
  return sql`(select count(*) from files where ${where})`;
}

/** The filter as conditions on `files`. */
export function conditionsOf({ name, tag, metadata, origin }: FileFilter): RawBuilder<unknown>[] {
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
