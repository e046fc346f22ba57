import { type ErrorKind, errorEnvelope, timestamp } from "@causeway/contract";
import type { Selectable } from "kysely";
import type { File } from "../../files/get-and-list.ts";
import type { Links } from "../../http/links.ts";
import type { ExportsTable, ImportsTable } from "../tables.ts";

type JobRow = Pick<
  Selectable<ImportsTable | ExportsTable>,
  "id" | "state" | "overwrite" | "error" | "error_detail" | "created_at" | "finished_at"
>;

/** What all jobs of volumes have in common (volumes.md §1.7, §1.8); keys without a value are left out. */
export const presentJob = (table: "imports" | "exports", job: JobRow, result: File | undefined, links: Links) => ({
  href: links.to(`/storage/${table}/${job.id}`),
  id: job.id,
  state: job.state,
  overwrite: job.overwrite,
  started_on: timestamp(job.created_at),
  ...(job.finished_at === null ? {} : { finished_on: timestamp(job.finished_at) }),
  ...(job.error === null ? {} : { error: errorEnvelope(job.error as ErrorKind, links.baseUrl, job.error_detail ?? undefined) }),
  ...(result === undefined ? {} : { result: result.type === "folder" ? withoutStorage(result) : result }),
});

function withoutStorage({ storage: _, ...folder }: File): File {
  return folder;
}
