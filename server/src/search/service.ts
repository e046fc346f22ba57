import { type BodyOf, DEFAULT_LIMIT, MAX_LIMIT, type Operations, type QueryOf, type ReplyOf } from "@causeway/contract";
import { sql } from "kysely";
import type { Database } from "../db/database.ts";
import type { FileAccess } from "../files/access.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { ProjectAccess } from "../projects/access.ts";
import { SETTINGS } from "../settings.ts";
import { conditionSql, orderSql } from "./conditions.ts";
import { continuationToken, readContinuation } from "./continuation.ts";
import { findLocation } from "./locations.ts";
import { parseQuery, type Query } from "./parser.ts";
import { type FoundRow, folderPaths, type Search, searchFiles } from "./queries.ts";

type Found = ReplyOf<Operations["searchFiles"]>;
const LOCATIONS = JSON.stringify(["causeway:local"]);

export type SearchService = ReturnType<typeof createSearchService>;

export interface SearchDeps {
  db: Database;
  projects: ProjectAccess;
  access: FileAccess;
}

/** `charactersAtMost`: of a query. */
export function createSearchService({ db, projects, access }: SearchDeps, { charactersAtMost }: { charactersAtMost: number }) {
  return {
    /**
     * One page of what the query finds in places the actor may read (files.md §6). `limit` and `cont_token` of the URL go
     * before those of the query.
     *
     * @throws ApiError `badRequest` that names the place in the query; `searchLocationNotFound`, `searchForbidden`
     */
    async search(
      actor: Actor,
      body: () => BodyOf<Operations["searchFiles"]>,
      url: () => QueryOf<Operations["searchFiles"]>,
    ): Promise<Found> {
      const { query: text } = body();
      // A long list of values would take long to read, and more parameters than PostgreSQL has for a statement.
      if (text.length > charactersAtMost) throw tooLong(charactersAtMost);
      const query = parseQuery(text);
      const { limit = query.limit ?? DEFAULT_LIMIT, cont_token = query.token } = url();
      const order = orderOf(query);
      const after = readContinuation(cont_token, order.name, FITS[order.kind]);
      const where = query.where && conditionSql(query.where);
      const locations = [];
      for (const text of query.locations) locations.push(await findLocation(actor, text, projects, access));
      const search: Search = {
        locations,
        recursive: query.recursive,
        where,
        order,
        after,
        limit: Math.min(limit, MAX_LIMIT),
        // Skipped once: the pages after the first begin where a token says.
        offset: after ? 0 : (query.offset ?? 0),
      };
      const rows = await searchFiles(db, search);
      const page = rows.slice(0, search.limit);
      const paths = await folderPaths(db, [...new Set(page.map(({ parent }) => parent))]);
      const last = rows.length > page.length ? page.at(-1) : undefined;
      return {
        count: page.length,
        ...(last ? { cont_token: continuationToken(last, order.name) } : {}),
        result_set: page.map((row) => present(row, paths.get(row.parent) ?? "")),
      };
    },
  };
}

const tooLong = (allowed: number): ApiError =>
  new ApiError(
    "badRequest",
    `The query has more than the ${allowed.toLocaleString("en-US")} characters that are allowed (${SETTINGS.searchCharacters.variable}).`,
  );

/** What a value of a token must look like. */
const FITS = {
  text: () => true,
  number: (value: string) => /^-?\d{1,20}$/.test(value),
  time: (value: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(value) && !Number.isNaN(Date.parse(value)),
} as const;

/** The newest first, unless the query says otherwise. `name` tells orders apart. */
function orderOf({ order }: Query): Search["order"] & { name: string } {
  if (!order) return { column: sql`files.created_at`, kind: "time", descending: true, name: "time_created desc" };
  const { field, descending, at } = order;
  return { ...orderSql(field, at), descending, name: `${field} ${descending ? "desc" : "asc"}` };
}

function present(row: FoundRow, path: string): Found["result_set"][number] {
  return {
    id: row.id,
    name: row.name,
    type: row.type === "file" ? "FILE" : "FOLDER",
    ...(row.size === null ? {} : { size: row.size }),
    time_created: row.created,
    time_updated: row.modified,
    operation_timestamp: row.modified,
    parent_path: `/Projects/${row.project_id}/${path}`,
    ...(row.extension === "" || row.type === "folder" ? {} : { file_extension: row.extension }),
    state: "AVAILABLE",
    ...(row.type === "folder" ? {} : { locations: LOCATIONS }),
  };
}
