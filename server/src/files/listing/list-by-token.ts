import type { FieldSelector, Operations, Page, QueryOf } from "@causeway/contract";
import { type RawBuilder, sql } from "kysely";
import type { Database } from "../../db/database.ts";
import type { Actor } from "../../http/actor.ts";
import type { Listed, ListedText } from "../../http/calls.ts";
import { ApiError } from "../../http/errors.ts";
import type { Links } from "../../http/links.ts";
import type { Destination, FileAccess } from "../access.ts";
import { FILE_KEYS, fileJson } from "../present.ts";
import type { File } from "../service.ts";
import { conditionsOf, type FileFilter, totalOf } from "./list-query.ts";
import { listedPlace } from "./list-scope.ts";
import { readScrollToken, type ScrolledTo, scrollToken } from "./page-token.ts";

type Scrolled = Listed<File> | ListedText;

export type FileScrolling = ReturnType<typeof createFileScrolling>;

/**
 * Lists in pages that tokens lead to (files.md §3.14): the same things in the same order as by offset, and a page costs
 * the same however far it is. What comes or goes meanwhile neither repeats nor hides anything else.
 */
export function createFileScrolling(db: Database, access: FileAccess, links: Links) {
  const scroll = async (
    { folder, project }: Destination,
    filter: FileFilter,
    token: string,
    { limit }: Page,
    fields: FieldSelector,
  ): Promise<Scrolled> => {
    const after = readScrollToken(token, folder);
    const json = fileJson(
      sql`${links.to("/files")}::text`,
      sql`${project}::text`,
      FILE_KEYS.filter((key) => fields.wants(key)),
    );
    const conditions = conditionsOf(filter);
    // One more than is shown tells whether there is a next page.
    const { rows } = await sql<{ total: number; itemsText: string; last: [ScrolledTo["type"], string] | null }>`
      with page as materialized (${pageOf(folder, conditions, after, limit + 1)}),
      shown as (select * from page order by type desc, name limit ${limit})
      select ${totalOf(sql`${folder}`, conditions)} as total,
        (select coalesce(json_agg(${json} order by files.type desc, files.name), '[]')::text
          from shown join files on files.id = shown.id) as "itemsText",
        (select json_build_array(type, name) from shown where (select count(*) from page) > ${limit}
          order by type, name desc limit 1) as last`.execute(db);
    const { total, itemsText, last } = rows[0]!;
    const next = last ? { next: scrollToken(folder, { type: last[0], name: last[1] }) } : {};
    return fields.isShallow ? { itemsText, total, ...next } : { items: JSON.parse(itemsText), total, ...next };
  };

  return {
    /** @throws ApiError as `FileService.list`; `badRequest` with a filter on metadata; `scrollTokenUndecodable`, `scrollTokenInvalid` */
    async list(
      actor: Actor,
      query: () => QueryOf<Operations["scrollFiles"]>,
      page: () => Page,
      fields: FieldSelector,
    ): Promise<Scrolled> {
      const { token, ...place } = query();
      if (place.metadata) throw new ApiError("badRequest", "`metadata` is no filter of a list by token.");
      const { folder, filter } = await listedPlace(access, actor, place);
      return scroll(folder, filter, token, page(), fields);
    },

    /** @throws ApiError `fileNotFound`, `fileForbidden`, `parentNotFolder`; `scrollTokenUndecodable`, `scrollTokenInvalid` */
    async listFolder(
      actor: Actor,
      id: string,
      query: () => QueryOf<Operations["scrollFolder"]>,
      page: () => Page,
      fields: FieldSelector,
    ): Promise<Scrolled> {
      const folder = await access.listed(actor, { parent: id });
      return scroll(folder, {}, query().token, page(), fields);
    },
  };
}

/** The next `count` things: each branch is a walk along the index of lists from where the page begins. */
function pageOf(
  folder: string,
  conditions: readonly RawBuilder<unknown>[],
  after: ScrolledTo | undefined,
  count: number,
): RawBuilder<unknown> {
  const walk = (...from: RawBuilder<unknown>[]) => {
    const where = sql.join([sql`files.parent = ${folder}`, sql`files.deleted_at is null`, ...conditions, ...from], sql` and `);
    return sql`(select id, type, name from files where ${where} order by type desc, name, id limit ${count})`;
  };
  if (!after) return walk();
  const rest = walk(sql`files.type = ${after.type}`, sql`files.name > ${after.name}`);
  return after.type === "file" ? rest : sql`${rest} union all ${walk(sql`files.type = 'file'`)}`;
}
