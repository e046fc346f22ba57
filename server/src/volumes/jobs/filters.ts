import { type Operations, parseTime, type QueryOf } from "@causeway/contract";
import { type RawBuilder, sql } from "kysely";

export type JobFilter = QueryOf<Operations["listExports"]>;

/** The conditions of a list of jobs, which are rows called `job`. */
export function jobConditions(
  user: string,
  { volume, state, started_from: from, started_to: to }: JobFilter,
): RawBuilder<unknown>[] {
  return [
    sql`job.user_id = ${user}`,
    ...(volume === undefined ? [] : [sql`job.volume = ${volume}`]),
    ...(state === undefined || state.length === 0 ? [] : [sql`job.state = any(${state}::text[])`]),
    ...(from === undefined ? [] : [sql`job.created_at >= ${parseTime(from)!}`]),
    ...(to === undefined ? [] : [sql`job.created_at <= ${parseTime(to)!}`]),
  ];
}
