import {
  type BodyOf,
  type Element,
  type Operations,
  type Page,
  parseProjectId,
  type QueryOf,
  type ReplyOf,
} from "@causeway/contract";
import type { Database } from "../db/database.ts";
import type { FileAccess } from "../files/access.ts";
import { isFileName, isFolderName, NAME_RULE } from "../files/names/name-rules.ts";
import type { FileService } from "../files/service.ts";
import type { Actor } from "../http/actor.ts";
import type { Listed } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import type { Links } from "../http/links.ts";
import type { ProjectAccess } from "../projects/access.ts";
import type { VolumeAccess } from "../volumes/access.ts";
import { createOwnJobs } from "../volumes/jobs/own-jobs.ts";
import { type JobResult, jobResultsOf } from "../volumes/jobs/results.ts";
import { presentImport } from "./present.ts";
import { findImports, insertImport, listImports } from "./queries.ts";
import { enqueueImport } from "./work.ts";

type Import = ReplyOf<Operations["getImport"]>;
export type ImportGiven = BodyOf<Operations["startImport"]>;

export interface ImportDeps {
  db: Database;
  volumes: VolumeAccess;
  projects: ProjectAccess;
  access: FileAccess;
  files: FileService;
  links: Links;
}

export type ImportService = ReturnType<typeof createImportService>;

/** Jobs that make aliases of objects on volumes (volumes.md §2.9-§2.11). They are known to who started them alone. */
export function createImportService({ db, volumes, projects, access, files, links }: ImportDeps) {
  const jobs = createOwnJobs({
    files,
    links,
    find: (ids) => findImports(db, ids),
    resultOf: ({ result }) => result,
    present: presentImport,
  });
  return {
    /**
     * Takes an import and answers it at once. What the bucket and the destination hold is seen in the job.
     *
     * @throws ApiError `volumeRequestInvalid`; of the volume, `volumeProjectNotFound`, `volumeProjectForbidden`,
     * `volumeFileNotFound`, `volumeFileForbidden`, `parentNotFolder`, `volumeFileNameUnknown`
     */
    start,

    /** The same of several: each is started or refused by itself. */
    startMany: (actor: Actor, items: readonly Element<ImportGiven>[]): Promise<{ items: JobResult<Import>[] }> =>
      jobResultsOf(items, links.baseUrl, (item) => start(actor, item)),

    get: jobs.get,
    getMany: jobs.getMany,

    /** The actor's imports, the newest first. */
    list: async (actor: Actor, query: QueryOf<Operations["listImports"]>, page: Page): Promise<Listed<Import>> =>
      jobs.pageOf(actor, await listImports(db, actor.id, query, page)),
  };

  async function start(actor: Actor, given: ImportGiven): Promise<Import> {
    const { source, destination, overwrite = false, autorename = false, preserve_folder_structure: preserves = true } = given;
    const { project, parent } = destination;
    if ((project === undefined) === (parent === undefined))
      throw new ApiError("volumeRequestInvalid", "Give either `destination.project` or `destination.parent`.");
    const volume = await volumes.requireActive(actor, source.volume, "copy");
    const projectId = await destinationOf(actor, parent === undefined ? { project: project! } : { parent });
    const isFolder = source.location.endsWith("/");
    const name = nameOf(source.location, destination.name, isFolder);
    return db.transaction().execute(async (tx) => {
      // It is not deactivated before the job can be seen.
      if (!(await volumes.hold(tx, volume.id))?.active) throw new ApiError("volumeInactive");
      const job = await insertImport(tx, {
        user_id: actor.id,
        volume_id: volume.id,
        volume: source.volume,
        location: source.location,
        project_id: projectId,
        parent: parent ?? null,
        name,
        overwrite,
        autorename,
        preserve_folder_structure: isFolder ? preserves : null,
      });
      await enqueueImport(tx, job.id);
      return presentImport(job, undefined, links);
    });
  }

  /** The internal id of the project that it goes to. What the actor may not read is as if it were not there. */
  async function destinationOf(actor: Actor, named: { project: string } | { parent: string }): Promise<string> {
    if ("project" in named) {
      const name = parseProjectId(named.project);
      const seen = name && (await projects.see(actor, name));
      if (!seen?.permissions?.read) throw new ApiError("volumeProjectNotFound");
      if (!seen.permissions.write) throw new ApiError("volumeProjectForbidden");
      return seen.id;
    }
    const folder = await access.destination(actor, named, "volumeFileNotFound");
    if (!folder.permissions.write) throw new ApiError("volumeFileForbidden");
    return folder.projectId;
  }
}

/** The name that was given, or the last part of the location. @throws ApiError `volumeFileNameUnknown`, `volumeRequestInvalid` */
function nameOf(location: string, given: string | undefined, isFolder: boolean): string {
  const name = given ?? location.replace(/\/+$/, "").split("/").at(-1)!;
  if (name === "") throw new ApiError("volumeFileNameUnknown");
  const fits = isFolder ? isFolderName(name) : isFileName(name);
  if (!fits) throw new ApiError("volumeRequestInvalid", `\`destination.name\` cannot be ${JSON.stringify(name)}: ${NAME_RULE}.`);
  return name;
}
