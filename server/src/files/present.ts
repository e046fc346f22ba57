import { type RawBuilder, sql } from "kysely";

/** Where the platform's own store says files lie (files.md §1.1). */
const STORAGE = JSON.stringify({ type: "PLATFORM", hosted_on_locations: ["causeway:local"] });
/** An alias lies on a user's volume (volumes.md §3.1). A volume that was deleted keeps its name. */
const VOLUME_STORAGE = sql`(
  select json_build_object('type', 'VOLUME', 'volume', v.owner || '/' || v.name, 'location', files.location)
  from volumes v where v.id = files.volume_id)`;
const FOLDER_STORAGE = JSON.stringify({ type: "PLATFORM" });

/** The keys of a file, in their order. */
export const FILE_KEYS = [
  "href",
  "id",
  "name",
  "size",
  "project",
  "parent",
  "type",
  "created_on",
  "modified_on",
  "storage",
  "origin",
  "tags",
  "metadata",
] as const;

type FileKey = (typeof FILE_KEYS)[number];

/** In the API's own form, `2026-03-02T08:21:40Z`. */
const timestamp = (column: string) => sql`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

/**
 * The public shape of the rows of `files` (files.md §1), built by Postgres: for a page of a hundred that takes half the
 * time of rows turned into objects and back into text. `filesUrl` is the API's address of all files, `project` is
 * `owner/short-name`; of the keys, only those of `keys` are built.
 */
export function fileJson(filesUrl: RawBuilder<unknown>, project: RawBuilder<unknown>, keys: readonly FileKey[] = FILE_KEYS) {
  const pairs = (of: { [key in FileKey]?: RawBuilder<unknown> }) =>
    sql`json_build_object(${sql.join(keys.filter((key) => of[key]).map((key) => sql`${sql.lit(key)}, ${of[key]}`))})`;
  const common = {
    href: sql`${filesUrl} || '/' || files.id`,
    id: sql`files.id`,
    name: sql`files.name`,
    size: sql`files.size`,
    project,
    parent: sql`files.parent`,
    type: sql`files.type`,
    created_on: timestamp("files.created_at"),
    modified_on: timestamp("files.modified_at"),
  };
  const { size: _noSize, ...ofFolder } = common;
  const ofFile = {
    ...common,
    storage: sql`case when files.volume_id is null then ${sql.lit(STORAGE)}::json else ${VOLUME_STORAGE} end`,
    origin: sql`files.origin`,
    tags: sql`to_json(files.tags)`,
    metadata: sql`files.metadata`,
  };
  return sql`case files.type when 'file' then ${pairs(ofFile)}
    else json_strip_nulls(${pairs({ ...ofFolder, storage: sql`${sql.lit(FOLDER_STORAGE)}::json` })}) end`;
}
