import type { BodyOf, Operations } from "@causeway/contract";
import type { BlobStore } from "@causeway/storage";
import type { Database } from "../db/database.ts";
import { gathering } from "../db/gathering.ts";
import type { File } from "../files/service.ts";
import type { Actor } from "../http/actor.ts";
import type { UploadAccess } from "./access.ts";
import { createStoreCompletion } from "./completing-in-store.ts";
import { createPartBlobCompletion } from "./completing-part-blobs.ts";
import { type CompletionDeps, createCompletionRules } from "./completion-rules.ts";
import { hasPartBlobs } from "./part-blobs.ts";
import { readReport } from "./parts.ts";
import { findCompletable } from "./queries.ts";

export interface UploadCompletionDeps {
  db: Database;
  store: BlobStore;
  access: UploadAccess;
  features: CompletionDeps;
}

export function createUploadCompletion({ db, store, access, features }: UploadCompletionDeps) {
  const find = gathering(async (ids: readonly string[]) => {
    const found = await findCompletable(db, ids);
    return ids.map((id) => found.get(id));
  });
  const rules = createCompletionRules(access);
  const completeInStore = createStoreCompletion({ db, store, rules, features });
  const completePartBlobs = createPartBlobCompletion({ db, store, rules, features });

  /**
   * Makes the parts one file of the project. Completing again within a day gives the same file. After a refusal the
   * upload stays open.
   *
   * @throws ApiError `uploadNotFound`, `uploadForbidden`; `projectNotFound`, `uploadFileNotFound`, `uploadFileForbidden`
   *   when the target is gone or may not be written any more; `uploadPartReportInvalid`, `uploadCompleteFailed`,
   *   `uploadFileExists`
   */
  return async (actor: Actor, id: string, body: () => BodyOf<Operations["completeUpload"]>): Promise<File> => {
    const upload = rules.own(actor, await find(id));
    const completion = { actor, id, reports: () => (body().parts ?? []).map(readReport) };
    return hasPartBlobs(upload) ? completePartBlobs(completion, upload) : completeInStore(completion);
  };
}
