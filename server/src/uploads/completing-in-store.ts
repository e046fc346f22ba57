import { BlobMissing, type BlobStore, PartsRefused, UploadMissing } from "@causeway/storage";
import type { Database, Tx } from "../db/database.ts";
import type { File } from "../files/service.ts";
import { ApiError } from "../http/errors.ts";
import type { Completion, CompletionDeps, CompletionRules } from "./completion-rules.ts";
import { matchReports, type ReportedPart, refuseIncomplete } from "./parts.ts";
import { createPartsInStore, inStore } from "./parts-in-store.ts";
import { findCompletable, listReports, lockUpload, markUploadCompleted, saveReports, type UploadRow } from "./queries.ts";

export interface StoreCompletionDeps {
  db: Database;
  store: BlobStore;
  rules: CompletionRules;
  features: CompletionDeps;
}

/** Completes an upload that the blob store has: its parts are joined there, then one transaction makes them a file. */
export function createStoreCompletion({ db, store, rules, features: { fileContents, files } }: StoreCompletionDeps) {
  const parts = createPartsInStore(store);

  return ({ actor, id, reports }: Completion): Promise<File> =>
    db.transaction().execute(async (tx) => {
      await lockUpload(tx, id);
      const upload = rules.own(actor, (await findCompletable(tx, [id])).get(id));
      if (upload.file_id !== null) return files.getWithin(tx, actor, upload.file_id);

      const blob = await joinParts(tx, upload, rules.reportsFor(upload, reports));
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

  /** Makes the parts reported before and now one blob. */
  async function joinParts(tx: Tx, upload: UploadRow, reports: readonly ReportedPart[]) {
    const stored = await parts.stored(upload);
    if (!stored) return joinedBefore(upload);
    await saveReports(tx, upload.id, matchReports(reports, stored));
    const reported = await listReports(tx, upload.id);
    refuseIncomplete(reported, upload.size);
    try {
      return { key: upload.blob_key, ...(await store.completeUpload(inStore(upload), reported)) };
    } catch (error) {
      if (!(error instanceof PartsRefused || error instanceof UploadMissing)) throw error;
      throw new ApiError("uploadCompleteFailed", error.message, { cause: error });
    }
  }

  /** The blob of a completion that was killed before it could note the file: the store has it under its key. */
  async function joinedBefore(upload: UploadRow) {
    try {
      const { size } = await store.stat(upload.blob_key);
      return { key: upload.blob_key, size, sha256: null };
    } catch (error) {
      if (!(error instanceof BlobMissing)) throw error;
      throw new ApiError("uploadCompleteFailed", "The parts are lost.", { cause: error });
    }
  }
}
