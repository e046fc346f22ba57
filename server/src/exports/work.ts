import { BlobMissing, type BlobStore, isFault, type VolumeStore, withVolumeRetries } from "@causeway/storage";
import { sql } from "kysely";
import type { Database, Sql, Tx } from "../db/database.ts";
import type { FileAccess, SeenFile } from "../files/access.ts";
import { ApiError } from "../http/errors.ts";
import type { ProjectAccess } from "../projects/access.ts";
import { enqueue } from "../queue/queue.ts";
import type { SecretBox } from "../secrets/secret-box.ts";
import type { VolumeAccess } from "../volumes/access.ts";
import { holdToEnd, requireForJob } from "../volumes/jobs/access.ts";
import { createVolumeJobWork, type VolumeJobDeps, type VolumeJobWork } from "../volumes/jobs/job-work.ts";
import { forgetJobFaults } from "../volumes/jobs/queries.ts";
import { exportRefusal, isVolumeFault } from "../volumes/jobs/refusals.ts";
import type { OpenStores } from "../volumes/open-stores.ts";
import { completeExport, type ExportRow, findTrace, forgetUpload, leftUploads, noteExport, turnIntoAlias } from "./queries.ts";
import { uploadAbout } from "./sealed-uploads.ts";
import { EXPORT_MARK, type Exported, sendObject } from "./send-object.ts";
import type { Sending } from "./sending.ts";

/** The work item that does an export to its end. */
export const RUN_EXPORT = "run-export";

/** Puts the export into the queue, once. */
export const enqueueExport = (db: Sql, jobId: string): Promise<void> =>
  enqueue(db, RUN_EXPORT, { jobId }, { key: `export ${jobId}` });

/** Tries once more to remove the uploads of jobs that ended badly while their service was away. */
export async function cleanAfterExports(db: Database): Promise<void> {
  for (const id of await leftUploads(db)) await enqueueExport(db, id);
}

export interface ExportWorkDeps extends VolumeJobDeps {
  volumes: VolumeAccess;
  stores: OpenStores;
  projects: ProjectAccess;
  access: FileAccess;
  blobs: BlobStore;
  secrets: SecretBox;
}

/**
 * Does exports: writes the object, verifies its size and checksum, and only then makes the file an alias and ends the job,
 * in one transaction. The bytes in the platform's store are left to the sweep. Killed at any moment, a job goes on where it
 * was: with the parts that are there, or with the object that it has written.
 */
export function createExportWork(deps: ExportWorkDeps): VolumeJobWork {
  const { db, volumes, stores, projects, access, blobs, secrets } = deps;
  return createVolumeJobWork<ExportRow>(deps, {
    table: "exports",
    async work(job, signal) {
      const volume = await requireForJob(volumes, job, "write");
      if (volume.access_mode !== "RW") throw new ApiError("volumeNotWritable");
      const file = await exportedFile(job);
      await noteExport(db, job.id, { blob_key: file.blob_key! });
      job.blob_key = file.blob_key;
      const exported = await stores.using(volume, (raw) => sendOnce(job, withVolumeRetries(raw), signal));
      await db.transaction().execute((tx) => finish(tx, job, exported));
    },
    async refusalOf(job, error) {
      if (error instanceof BlobMissing)
        return new ApiError("volumeJobFileGone", "The bytes of the file are lost.", { cause: error });
      if (!isVolumeFault(error)) return undefined;
      const volume = await volumes.find(job.volume_id);
      return volume ? exportRefusal(error, volume.service.type) : new ApiError("volumeJobVolumeGone");
    },
    clean: async (job) => {
      if (job.state === "COMPLETED" || (job.upload === null && !job.writing)) return;
      const volume = await volumes.find(job.volume_id);
      if (volume) await stores.using(volume, (raw) => clean(job, withVolumeRetries(raw)));
      await forgetUpload(db, job.id);
    },
  });

  /** The file, as long as the job's user may still export it. */
  async function exportedFile(job: ExportRow, tx: Sql = db): Promise<SeenFile> {
    const actor = { id: job.user_id };
    const file = await access.mentioned(actor, job.file_id, "volumeJobFileUnavailable", tx).catch(async (error) => {
      throw error instanceof ApiError && (await mayTellGone(job, tx)) ? new ApiError("volumeJobFileGone") : error;
    });
    if (!file.permissions.copy || !(job.copy_only || file.permissions.write)) throw new ApiError("volumeJobItemForbidden");
    if (file.type === "folder" || file.blob_key === null)
      throw new ApiError("volumeFileNotExportable", "Another export has made it an alias meanwhile.");
    return file;
  }

  /** Who may read the project that a file was in is told that it was deleted. */
  async function mayTellGone({ user_id, file_id }: ExportRow, tx: Sql): Promise<boolean> {
    const file = await findTrace(tx, file_id);
    if (file === undefined) return true;
    if (file.deleted_at === null) return false;
    const project = await projects.see({ id: user_id }, { id: file.project_id }, tx);
    return project?.permissions?.read === true;
  }

  async function sendOnce(job: ExportRow, store: VolumeStore, signal: AbortSignal): Promise<Exported> {
    if (job.written_etag !== null) return { etag: job.written_etag, modifiedAt: job.written_at! };
    const bytes = await knownBytes(job.blob_key!);
    const sending: Sending = { db, blobs, secrets, store, job, bytes, signal };
    const exported = await sendObject(sending);
    await noteExport(db, job.id, { written_etag: exported.etag, written_at: exported.modifiedAt });
    await forgetJobFaults(db, "exports", job.id);
    return exported;
  }

  async function knownBytes(key: string): Promise<Sending["bytes"]> {
    const { rows } = await sql<{
      size: number;
      sha256: string | null;
    }>`select size, sha256 from blobs where key = ${key}`.execute(db);
    if (!rows[0]) throw new BlobMissing(key);
    return { key, ...rows[0] };
  }

  async function finish(tx: Tx, job: ExportRow, exported: Exported): Promise<void> {
    await holdToEnd(tx, volumes, "exports", job, "write");
    if (!job.copy_only) {
      await exportedFile(job, tx);
      if (!(await turnIntoAlias(tx, job, exported)))
        throw new ApiError("volumeJobFileGone", "The file was deleted while it was exported.");
    }
    await completeExport(tx, job.id);
  }

  /** Removes the upload of a job that ended badly, and the object if it is certain to be the job's own. */
  async function clean(job: ExportRow, store: VolumeStore): Promise<void> {
    if (job.upload !== null) await store.removeUpload(JSON.parse(await secrets.open(job.upload, uploadAbout(job.id))));
    if (job.overwrite) return;
    try {
      const found = await store.stat(job.location);
      const isOwn = found.userMetadata[EXPORT_MARK] === job.id || (job.written_etag !== null && found.etag === job.written_etag);
      if (isOwn) await store.remove(job.location, { version: found.version });
    } catch (error) {
      if (!isFault(error, "NoSuchObject")) throw error;
    }
  }
}
