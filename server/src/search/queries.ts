import { type RawBuilder, sql } from "kysely";
import type { Database } from "../db/database.ts";
import { EXTENSION } from "./conditions.ts";
import type { SearchAfter } from "./continuation.ts";
import type { Location } from "./locations.ts";

export interface FoundRow {
  id: string;
  name: string;
  type: "file" | "folder";
  size: number | null;
  project_id: string;
  parent: string;
  extension: string;
  /** Unix milliseconds. */
  created: number;
  modified: number;
  /** The value of what orders the search. */
  value: string;
}

export interface Search {
  locations: readonly Location[];
  recursive: boolean;
  where: RawBuilder<unknown> | undefined;
  order: { column: RawBuilder<unknown>; kind: "text" | "number" | "time"; descending: boolean };
  after: SearchAfter | undefined;
  limit: number;
  offset: number;
}

const milliseconds = (column: string) => sql`floor(extract(epoch from ${sql.ref(column)}) * 1000)::bigint`;

/** The files of one page, one more than `limit` if there are more. Ordered by what was asked, then by id. */
export async function searchFiles(db: Database, search: Search): Promise<FoundRow[]> {
  const { column, kind, descending } = search.order;
  const direction = descending ? sql`desc` : sql`asc`;
  const value =
    kind === "time" ? sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')` : sql`${column}::text`;
  const conditions = [
    sql`files.deleted_at is null`,
    sql`(${sql.join(
      search.locations.map((location) => within(location, search.recursive)),
      sql` or `,
    )})`,
    ...(search.where ? [search.where] : []),
    ...(search.after ? [isAfter(search.after, search.order)] : []),
  ];
  const { rows } = await sql<FoundRow>`
    select files.id, files.name, files.type, files.size, files.project_id, files.parent, ${EXTENSION} as extension,
      ${milliseconds("files.created_at")} as created, ${milliseconds("files.modified_at")} as modified, ${value} as value
    from files where ${sql.join(conditions, sql` and `)}
    order by ${column} ${direction}, files.id limit ${search.limit + 1} offset ${search.offset}`.execute(db);
  return rows;
}

function within({ projectId, folder, isRoot }: Location, recursive: boolean): RawBuilder<unknown> {
  // The project says nothing new, but by it the files can be walked from the newest on.
  if (!recursive) return sql`(files.project_id = ${projectId} and files.parent = ${folder})`;
  if (isRoot) return sql`(files.project_id = ${projectId} and files.parent is not null)`;
  return sql`(files.project_id = ${projectId} and files.parent = any(array(
    with recursive below (id) as (
      select ${folder}::text collate "C"
      union all
      select inner_folder.id from below join files as inner_folder
        on inner_folder.parent = below.id and inner_folder.type = 'folder' and inner_folder.deleted_at is null
    ) select id from below)))`;
}

function isAfter({ value, id }: SearchAfter, { column, kind, descending }: Search["order"]): RawBuilder<unknown> {
  const last = sql`${value}::text::${sql.raw({ text: "text", number: "numeric", time: "timestamptz" }[kind])}`;
  const [beyond, from] = descending ? [sql`<`, sql`<=`] : [sql`>`, sql`>=`];
  // The first half alone is what an index can begin at.
  return sql`(${column} ${from} ${last} and (${column} ${beyond} ${last} or files.id > ${id}))`;
}

/** For each folder its path below the project's root: `runs/deep/`, empty for the root itself. */
export async function folderPaths(db: Database, folders: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ folder: string; path: string }>`
    with recursive up (folder, above, name, depth) as (
      select id, parent, name, 0 from files where id = any(${folders}::text[])
      union all
      select up.folder, files.parent, files.name, up.depth + 1 from up join files on files.id = up.above
    )
    select folder, coalesce(string_agg(name || '/', '' order by depth desc) filter (where above is not null), '') as path
    from up group by folder`.execute(db);
  return new Map(rows.map(({ folder, path }) => [folder, path]));
}
