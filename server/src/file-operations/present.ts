import { errorEnvelope, type Operations, type ReplyOf, timestamp } from "@causeway/contract";
import type { Links } from "../http/links.ts";
import type { FileOperationRow, ItemRow } from "./queries.ts";

/** The public shape of a file operation: its items' results are told when all are known. */
export function presentFileOperation(
  job: FileOperationRow,
  items: readonly ItemRow[],
  links: Links,
): ReplyOf<Operations["getCopy"]> {
  return {
    href: links.to(`/async/files/${job.type.toLowerCase()}/${job.id}`),
    id: job.id,
    type: job.type,
    state: job.state,
    result: job.state === "FINISHED" ? items.map((item) => presentItem(item, links)) : null,
    total_files: job.total_files,
    completed_files: job.completed_files,
    failed_files: job.failed_files,
    started_on: job.started_at && timestamp(job.started_at),
    finished_on: job.finished_at && timestamp(job.finished_at),
  };
}

function presentItem({ resource, error, error_detail }: ItemRow, links: Links) {
  if (resource !== null) return { resource: { href: links.to(`/files/${resource}`), id: resource } };
  return { error: errorEnvelope(error ?? "asyncUnexpected", links.baseUrl, error_detail ?? undefined) };
}
