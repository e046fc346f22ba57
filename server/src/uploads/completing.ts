import type { BodyOf, Operations } from "@causeway/contract";
import { BlobMissing, type BlobStore, PartsRefused, UploadMissing } from "@causeway/storage";
import type { Database, Tx } from "../db/database.ts";
import type { FileAccess } from "../files/access.ts";
import type { FileContents } from "../files/contents.ts";
import type { File, FileService } from "../files/service.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { ProjectAccess } from "../projects/access.ts";
import type { UploadAccess } from "./access.ts";
import { inStore, storedParts } from "./in-store.ts";
import { matchReports, type ReportedPart, readReport, refuseIncomplete } from "./parts.ts";
import { type FoundUpload, findUpload, listReports, lockUpload, markUploadCompleted, saveReports } from "./queries.ts";
import { refuseTaken } from "./taken-names.ts";

/** A completed upload can be completed again for this long, with the same answer. */
export const REMEMBERED_MS = 24 * 60 * 60 * 1000;

/** What an upload's completion asks of other features. */
export interface UploadNeighbours {
  projects: ProjectAccess;
  fileAccess: FileAccess;
  fileContents: FileContents;
  files: FileService;
}

export function createUploadCompletion(
  db: Database,
  store: BlobStore,
  access: UploadAccess,
  { projects, fileAccess, fileContents, files }: UploadNeighbours,
) {
  /**
   * Makes the parts one file of the project. Completing again within a day gives the same file. After a refusal the
   * upload stays open.
   *
   * @throws ApiError `uploadNotFound`, `uploadForbidden`; `projectNotFound`, `uploadFileNotFound`, `uploadFileForbidden`
   *   when the target is gone or may not be written any more; `uploadPartReportInvalid`, `uploadCompleteFailed`,
   *   `uploadFileExists`
   */
  return async (actor: Actor, id: string, body: () => BodyOf<Operations["completeUpload"]>): Promise<File> => {
    return db.transaction().execute(async (tx) => {
      await lockUpload(tx, id);
      const upload = await findUpload(tx, id);
      const isForgotten = upload?.completed_at && upload.completed_at.getTime() + REMEMBERED_MS < Date.now();
      if (!upload || isForgotten || (!upload.completed_at && access.isExpired(upload))) throw new ApiError("uploadNotFound");
      if (upload.user_id !== actor.id) throw new ApiError("uploadForbidden");
      if (upload.file_id !== null) return files.getWithin(tx, actor, upload.file_id);

      await requireTarget(tx, actor, upload);
      const reports = (body().parts ?? []).map(readReport);
      await refuseTaken(fileAccess, upload, tx);
      const blob = await joinParts(tx, upload, reports);
      // The bytes are safe now; the row makes them a file. Killed in between, the upload can be completed again.
      const added = await fileContents.add(
        tx,
        { projectId: upload.project_id, parent: upload.parent, name: upload.name, blob },
        upload.overwrite ? "replace" : "refuse",
      );
      if ("refused" in added) throw new ApiError(added.refused === "nameTaken" ? "uploadFileExists" : "uploadFileNotFound");
      await markUploadCompleted(tx, id, added.id);
      return files.getWithin(tx, actor, added.id);
    });
  };

  async function requireTarget(tx: Tx, actor: Actor, upload: FoundUpload): Promise<void> {
    const project = await projects.see(actor, { id: upload.project_id }, tx);
    if (!project) throw new ApiError("projectNotFound");
    if (!project.permissions?.write) throw new ApiError("uploadFileForbidden");
    await fileAccess.see(actor, upload.parent, { missing: "uploadFileNotFound", hidden: "uploadFileForbidden" }, tx);
  }

  /** Makes the parts reported before and now one blob. */
  async function joinParts(tx: Tx, upload: FoundUpload, reports: readonly ReportedPart[]) {
    const stored = await storedParts(store, upload);
    if (!stored) return joinedBefore(upload);
    await saveReports(tx, upload.id, matchReports(reports, stored));
    const parts = await listReports(tx, upload.id);
    refuseIncomplete(parts, upload.size);
    try {
      return { key: upload.blob_key, ...(await store.completeUpload(inStore(upload), parts)) };
    } catch (error) {
      if (!(error instanceof PartsRefused || error instanceof UploadMissing)) throw error;
      throw new ApiError("uploadCompleteFailed", error.message, { cause: error });
    }
  }

  /** The blob of a completion that was killed before it could note the file: the store has it under its key. */
  async function joinedBefore(upload: FoundUpload) {
    try {
      const { size } = await store.stat(upload.blob_key);
      return { key: upload.blob_key, size, sha256: null };
    } catch (error) {
      if (!(error instanceof BlobMissing)) throw error;
      throw new ApiError("uploadCompleteFailed", "The parts are lost.", { cause: error });
    }
  }
}
