import { API_ERRORS, type ErrorKind, errorEnvelope, type Operations, type ReplyOf, timestamp } from "@causeway/contract";
import type { Links } from "../http/links.ts";
import type { DrsImportRow, DrsItemRow } from "./queries.ts";

type DrsImport = ReplyOf<Operations["getDrsImport"]>;

/** The public shape of a job: what came of the items that have ended, in their order. */
export function presentDrsImport(job: DrsImportRow, items: readonly DrsItemRow[], links: Links): DrsImport {
  return {
    href: links.to(`/bulk/drs/imports/${job.id}`),
    id: job.id,
    state: job.state,
    result: items.flatMap(({ result, error, error_detail: detail }): DrsImport["result"] => {
      if (result !== null) return [{ resource: { href: links.to(`/files/${result}`), id: result } }];
      return error === null ? [] : [{ error: errorEnvelope(kindOf(error), links.baseUrl, detail ?? undefined) }];
    }),
    total_files: items.length,
    completed_files: items.filter(({ result }) => result !== null).length,
    failed_files: items.filter(({ error }) => error !== null).length,
    started_on: timestamp(job.created_at),
    ...(job.finished_at === null ? {} : { finished_on: timestamp(job.finished_at) }),
  };
}

/** A row may be older than the table of errors. */
const kindOf = (error: string): ErrorKind => (error in API_ERRORS ? (error as ErrorKind) : "unexpected");
