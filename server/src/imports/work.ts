import { type VolumeStore, withVolumeRetries } from "@causeway/storage";
import type { Sql, Tx } from "../db/database.ts";
import type { FileAccess } from "../files/access.ts";
import { lockFolderShared } from "../files/folder-locks.ts";
import { placeFile } from "../files/names/put-in-folder.ts";
import { ApiError } from "../http/errors.ts";
import type { ProjectAccess } from "../projects/access.ts";
import { enqueue } from "../queue/queue.ts";
import type { VolumeAccess } from "../volumes/access.ts";
import { holdToEnd, requireForJob } from "../volumes/jobs/access.ts";
import { createVolumeJobWork, type VolumeJobDeps, type VolumeJobWork } from "../volumes/jobs/job-work.ts";
import { importRefusal } from "../volumes/jobs/refusals.ts";
import type { OpenStores } from "../volumes/open-stores.ts";
import { dropListing, listFolder } from "./folder-listing.ts";
import type { ImportTarget } from "./make-folders.ts";
import { placeFolder } from "./place-folder.ts";
import { completeImport, type ImportRow } from "./queries.ts";

/** The work item that does an import to its end. */
export const RUN_IMPORT = "run-import";

/** Puts the import into the queue, once. */
export const enqueueImport = (db: Sql, jobId: string): Promise<void> =>
  enqueue(db, RUN_IMPORT, { jobId }, { key: `import ${jobId}` });

export interface ImportWorkDeps extends VolumeJobDeps {
  volumes: VolumeAccess;
  stores: OpenStores;
  projects: ProjectAccess;
  access: FileAccess;
  /** Objects that a folder may have. */
  objectsAtMost: number;
}

/**
 * Does imports. The objects are looked at first, in no transaction; then the files are made and the job is ended in one, so
 * that killed at any moment it has made all of its files or none.
 */
export function createImportWork(deps: ImportWorkDeps): VolumeJobWork {
  const { db, volumes, stores } = deps;
  return createVolumeJobWork<ImportRow>(deps, {
    table: "imports",
    async work(job, signal) {
      const volume = await requireForJob(volumes, job, "copy");
      const isFolder = job.location.endsWith("/");
      if (isFolder) await stores.using(volume, (store) => listFolder(db, withVolumeRetries(store), job, { ...deps, signal }));
      const object = isFolder ? undefined : await stores.using(volume, (store) => look(store, job, signal));
      signal.throwIfAborted();
      await db.transaction().execute(async (tx) => {
        await holdToEnd(tx, volumes, "imports", job, "copy");
        const target = await targetOf(tx, job, deps);
        const result = object
          ? await placeObject(tx, job, target, { volumeId: volume.id, ...object })
          : await placeFolder(tx, job, target, deps.objectsAtMost);
        await completeImport(tx, job.id, result);
      });
    },
    refusalOf: async (_job, error) => importRefusal(error),
    clean: (job) => dropListing(db, job.id),
  });
}

async function look(store: VolumeStore, job: ImportRow, signal: AbortSignal) {
  const location = job.location.replace(/^\/+/, "");
  const found = await withVolumeRetries(store).stat(location, { signal });
  return { location, size: found.size, etag: found.etag, modifiedAt: found.modifiedAt };
}

/** The folder that the job puts things into, held, as long as its user may still write there. */
async function targetOf(tx: Tx, job: ImportRow, { projects, access }: ImportWorkDeps): Promise<ImportTarget> {
  const actor = { id: job.user_id };
  if (job.parent === null) {
    const project = await projects.see(actor, { id: job.project_id }, tx);
    if (!project?.permissions?.write) throw new ApiError("volumeJobProjectForbidden");
    if (!(await lockFolderShared(tx, project.root_folder))) throw new ApiError("volumeJobProjectForbidden");
    return { folder: project.root_folder, projectId: project.id };
  }
  const parent = await access.destination(actor, { parent: job.parent }, "volumeJobFileGone", tx);
  if (!parent.permissions.write) throw new ApiError("volumeJobItemForbidden");
  if (!(await lockFolderShared(tx, parent.folder))) throw new ApiError("volumeJobFileGone");
  return parent;
}

async function placeObject(
  tx: Tx,
  { name, overwrite, autorename }: ImportRow,
  { folder, projectId }: ImportTarget,
  object: { volumeId: string; location: string; size: number; etag: string; modifiedAt: Date },
): Promise<string> {
  const whenTaken = overwrite ? "replace" : autorename ? "rename" : "refuse";
  const id = await placeFile(tx, { projectId, parent: folder, name, object }, whenTaken);
  if (id === undefined) throw new ApiError("volumeItemExists");
  return id;
}
