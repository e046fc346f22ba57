import type { Operations, ReplyOf } from "@causeway/contract";
import type { File } from "../files/get-and-list.ts";
import type { Links } from "../http/links.ts";
import { presentJob } from "../volumes/jobs/present.ts";
import type { ExportRow } from "./queries.ts";

/** The public shape of an export; `result` as far as the caller may read it. */
export const presentExport = (job: ExportRow, result: File | undefined, links: Links): ReplyOf<Operations["getExport"]> => ({
  ...presentJob("exports", job, result, links),
  source: { file: job.file_id },
  destination: { volume: job.volume, location: job.location },
  properties: job.properties,
});
