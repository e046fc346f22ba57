import type { Operations, ReplyOf } from "@causeway/contract";
import type { File } from "../files/get-and-list.ts";
import type { Links } from "../http/links.ts";
import { presentJob } from "../volumes/jobs/present.ts";
import type { SeenImport } from "./queries.ts";

/** The public shape of an import; `result` as far as the caller may read it. */
export const presentImport = (job: SeenImport, result: File | undefined, links: Links): ReplyOf<Operations["getImport"]> => ({
  ...presentJob("imports", job, result, links),
  autorename: job.autorename,
  ...(job.preserve_folder_structure === null ? {} : { preserve_folder_structure: job.preserve_folder_structure }),
  source: { volume: job.volume, location: job.location },
  destination: { project: job.project, name: job.name, ...(job.parent === null ? {} : { parent: job.parent }) },
});
