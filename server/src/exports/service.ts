import {
  type BodyOf,
  type Element,
  type Operations,
  type Page,
  parseFileId,
  type QueryOf,
  type ReplyOf,
} from "@causeway/contract";
import type { Database } from "../db/database.ts";
import type { FileAccess, SeenFile } from "../files/access.ts";
import type { FileService } from "../files/service.ts";
import type { Actor } from "../http/actor.ts";
import type { Listed } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import type { Links } from "../http/links.ts";
import type { SeenVolume, VolumeAccess } from "../volumes/access.ts";
import { createOwnJobs } from "../volumes/jobs/own-jobs.ts";
import { type JobResult, jobResultsOf } from "../volumes/jobs/results.ts";
import { isAllowedHost } from "../volumes/services/allowed-hosts.ts";
import type { VolumeDeployment } from "../volumes/services/deployment.ts";
import { presentExport } from "./present.ts";
import { exportProperties } from "./properties.ts";
import { findExports, insertExport, isPublic, listExports } from "./queries.ts";
import { enqueueExport } from "./work.ts";

type Export = ReplyOf<Operations["getExport"]>;
export type ExportGiven = BodyOf<Operations["startExport"]>;

export interface ExportDeps {
  db: Database;
  volumes: VolumeAccess;
  access: FileAccess;
  files: FileService;
  deployment: VolumeDeployment;
  links: Links;
}

export type ExportService = ReturnType<typeof createExportService>;

/** Jobs that write files to volumes (volumes.md §2.12, §2.13). They are known to who started them alone. */
export function createExportService({ db, volumes, access, files, deployment, links }: ExportDeps) {
  const jobs = createOwnJobs({
    files,
    links,
    find: (ids) => findExports(db, ids),
    resultOf: ({ state, file_id }) => (state === "COMPLETED" ? file_id : null),
    present: presentExport,
  });
  return {
    /**
     * Takes an export and answers it at once. What lies at the location is seen in the job.
     *
     * @throws ApiError `volumeFileNotFound`, `volumeFileForbidden`, `volumeFileNotExportable`; of the volume,
     * `volumeNotWritable`, `volumeExportAcrossClouds`, `volumeExportAcrossCloudsAgain`; `volumeLocationSlash`,
     * `volumeRequestInvalid`; of the properties
     */
    start,

    /** The same of several: each is started or refused by itself. */
    startMany: (
      actor: Actor,
      items: readonly Element<ExportGiven>[],
      copyOnly: boolean,
    ): Promise<{ items: JobResult<Export>[] }> => jobResultsOf(items, links.baseUrl, (item) => start(actor, item, copyOnly)),

    get: jobs.get,
    getMany: jobs.getMany,

    /** The actor's exports, the newest first. */
    list: async (actor: Actor, query: QueryOf<Operations["listExports"]>, page: Page): Promise<Listed<Export>> =>
      jobs.pageOf(actor, await listExports(db, actor.id, query, page)),
  };

  async function start(actor: Actor, given: ExportGiven, copyOnly: boolean): Promise<Export> {
    const { source, destination, overwrite = false, properties = {} } = given;
    const file = await exportable(actor, source.file, copyOnly);
    const volume = await writable(actor, destination.volume);
    const location = destination.location.replace(/^\/+/, "");
    if (location.endsWith("/")) throw new ApiError("volumeLocationSlash");
    if (location === "") throw new ApiError("volumeRequestInvalid", "`destination.location` must not be empty.");
    const effective = exportProperties(volume.service.properties, properties);
    return db.transaction().execute(async (tx) => {
      // It is not deactivated before the job can be seen.
      if (!(await volumes.hold(tx, volume.id))?.active) throw new ApiError("volumeInactive");
      const job = await insertExport(tx, {
        user_id: actor.id,
        file_id: file.id,
        volume_id: volume.id,
        volume: destination.volume,
        location: destination.location,
        overwrite,
        copy_only: copyOnly,
        properties: JSON.stringify(effective),
      });
      await enqueueExport(tx, job.id);
      return presentExport(job, undefined, links);
    });
  }

  /** Bytes are taken out of the project, which needs the right to copy; a file that becomes an alias is changed. */
  async function exportable(actor: Actor, given: string, copyOnly: boolean): Promise<SeenFile> {
    const id = parseFileId(given);
    if (id === undefined) throw new ApiError("volumeFileNotFound");
    const file = await access.mentioned(actor, id, "volumeFileNotFound");
    if (!file.permissions.copy || !(copyOnly || file.permissions.write)) throw new ApiError("volumeFileForbidden");
    if (file.type === "folder") throw new ApiError("volumeFileNotExportable", "It is a folder: export its files.");
    if (file.blob_key === null) throw new ApiError("volumeFileNotExportable", "It lies on a volume already.");
    if (await isPublic(db, file.blob_key))
      throw new ApiError("volumeFileNotExportable", "It is a public file, or a copy of one.");
    return file;
  }

  async function writable(actor: Actor, id: string): Promise<SeenVolume> {
    const volume = await volumes.requireActive(actor, id, "write");
    if (volume.access_mode !== "RW") throw new ApiError("volumeNotWritable");
    const { type, endpoint } = volume.service;
    if (deployment.exportTypes && !deployment.exportTypes.has(type))
      throw new ApiError(
        "volumeExportAcrossClouds",
        `Files go to volumes of type ${[...deployment.exportTypes].join(", ")} alone.`,
      );
    if (deployment.exportHosts && type !== "LOCAL" && !isAllowedHost(deployment.exportHosts, endpoint))
      throw new ApiError("volumeExportAcrossCloudsAgain", `Files go to volumes at ${deployment.exportHosts.join(", ")} alone.`);
    return volume;
  }
}
