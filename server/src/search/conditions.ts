import { type RawBuilder, sql } from "kysely";
import type { Comparison, Condition } from "./parser.ts";
import { problem } from "./tokens.ts";

type Expression = RawBuilder<unknown>;

/** The extension of a name in upper case: `BAM`; empty where there is none. */
export const EXTENSION = sql`upper(coalesce(substring(files.name from '\\.([^.]+)$'), ''))`;

interface Field {
  column: Expression;
  kind: "text" | "number" | "time";
  /** A folder has none. */
  ofFiles?: true;
}

/** The fields of the entries that a search answers. Any other name is a metadata key. */
const FIELDS: Readonly<Record<string, Field>> = {
  id: { column: sql`files.id`, kind: "text" },
  name: { column: sql`files.name`, kind: "text" },
  type: { column: sql`upper(files.type)`, kind: "text" },
  size: { column: sql`files.size`, kind: "number", ofFiles: true },
  time_created: { column: sql`files.created_at`, kind: "time" },
  time_updated: { column: sql`files.modified_at`, kind: "time" },
  operation_timestamp: { column: sql`files.modified_at`, kind: "time" },
  file_extension: { column: EXTENSION, kind: "text" },
  state: { column: sql`'AVAILABLE'::text`, kind: "text" },
  // Nothing is barred from being downloaded here but by its project's permissions.
  download_tag: { column: sql`'YES'::text`, kind: "text" },
};

/** Words that are answered in upper case, and so compared. */
const UPPER = new Set(["type", "file_extension", "state", "download_tag"]);

/** A condition as SQL on `files`: true or false, never null. @throws ApiError `badRequest` that names the place */
export function conditionSql(condition: Condition): Expression {
  switch (condition.is) {
    case "and":
    case "or":
      return sql`(${sql.join(condition.of.map(conditionSql), condition.is === "and" ? sql` and ` : sql` or `)})`;
    case "not":
      return sql`(not ${conditionSql(condition.of)})`;
    case "in":
      return sql`(${sql.join(
        condition.values.map((value) => comparisonSql(condition.field, "=", value, condition.at)),
        sql` or `,
      )})`;
    default:
      return comparisonSql(condition.field, condition.comparison, condition.value, condition.at);
  }
}

/** What results are ordered by: never null. @throws ApiError `badRequest` for what has no order */
export function orderSql(name: string, at: number): { column: Expression; kind: Field["kind"] } {
  const field = Object.hasOwn(FIELDS, name) ? FIELDS[name]! : undefined;
  if (!field) throw problem(at, `\`${name}\`, by which nothing can be ordered: there are ${Object.keys(FIELDS).join(", ")}`);
  // Folders, which have no size, come before all files.
  return { column: field.ofFiles ? sql`coalesce(${field.column}, -1)` : field.column, kind: field.kind };
}

function comparisonSql(name: string, comparison: Comparison, value: string, at: number): Expression {
  // What PostgreSQL cannot keep is in no file.
  if (value.includes("\0") || !value.isWellFormed()) return comparison === "!=" ? sql`true` : sql`false`;
  if (name === "tags") return tagSql(comparison, value);
  if (!Object.hasOwn(FIELDS, name)) return metadataSql(name.replace(/^metadata\./, ""), comparison, value);
  const { column, kind, ofFiles } = FIELDS[name]!;
  const wanted =
    kind === "text" ? textSql(comparison, UPPER.has(name) ? value.toUpperCase() : value) : valueSql(kind, value, comparison, at);
  // Answers show milliseconds, and the database knows microseconds.
  const compared = sql`${kind === "time" ? sql`date_trunc('milliseconds', ${column})` : column} ${operator(comparison)} ${wanted}`;
  if (!ofFiles) return sql`(${compared})`;
  return comparison === "!=" ? sql`(${column} is null or ${compared})` : sql`(${column} is not null and ${compared})`;
}

/** In a pattern `%` stands for anything, and everything else for itself. */
const textSql = (comparison: Comparison, value: string): Expression =>
  sql`${comparison === "LIKE" ? value.replace(/[\\_]/g, "\\$&") : value}::text`;

function valueSql(kind: "number" | "time", value: string, comparison: Comparison, at: number): Expression {
  if (comparison === "LIKE") throw problem(at, "`LIKE`, which compares texts alone");
  const number = /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
  if (kind === "number") {
    if (number === undefined) throw problem(at, `\`${value}\`, which should be a number`);
    return sql`${number}::numeric`;
  }
  // Times are Unix milliseconds here; a written time is taken, too.
  const time = number === undefined ? Date.parse(value) : number;
  const date = new Date(time);
  if (Number.isNaN(date.getTime()))
    throw problem(at, `\`${value}\`, which should be Unix milliseconds or a time such as 2026-03-02T08:21:40Z`);
  return sql`${date}::timestamptz`;
}

function tagSql(comparison: Comparison, value: string): Expression {
  if (comparison === "=") return sql`(files.tags <> '{}' and files.tags @> array[${value}::text])`;
  if (comparison === "!=") return sql`(not files.tags @> array[${value}::text])`;
  return sql`exists (select from unnest(files.tags) as tag where tag ${operator(comparison)} ${textSql(comparison, value)})`;
}

function metadataSql(key: string, comparison: Comparison, value: string): Expression {
  if (key.includes("\0") || !key.isWellFormed()) return comparison === "!=" ? sql`true` : sql`false`;
  const has = sql`files.metadata @> ${JSON.stringify({ [key]: value })}::jsonb`;
  if (comparison === "=") return sql`(files.metadata <> '{}' and ${has})`;
  if (comparison === "!=") return sql`(not ${has})`;
  return sql`coalesce(files.metadata ->> ${key}::text ${operator(comparison)} ${textSql(comparison, value)}, false)`;
}

/** One of a closed list, so that nothing of the query itself gets into the SQL. */
const operator = (comparison: Comparison): Expression => sql.raw(comparison === "!=" ? "<>" : comparison);
