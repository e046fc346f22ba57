import type { BodyOf, Operations, QueryOf } from "@causeway/contract";
import { type BlobStore, newBlobKey } from "@causeway/storage";
import type { Database } from "../db/database.ts";
import type { FileAccess } from "../files/access.ts";
import { isFileName } from "../files/names.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { UploadAccess } from "./access.ts";
import { choosePartSize } from "./parts.ts";
import { insertUpload, othersUpload, type UploadRow } from "./queries.ts";
import { refuseTaken } from "./taken-names.ts";
import { newUploadId } from "./upload-id.ts";

/** An upload with the public id of its project. */
export type StartedUpload = UploadRow & { project: string };

export function createUploadStart(db: Database, store: BlobStore, access: UploadAccess, fileAccess: FileAccess) {
  /**
   * Opens an upload to a folder or to a project's root. Nothing is visible there until it is completed.
   *
   * @throws ApiError `uploadInitInvalid`; of the target `projectNotFound`, `projectForbidden`, `uploadFileNotFound`,
   *   `parentNotFolder`, `uploadFileForbidden`; `uploadFileExists`, `uploadExists`
   */
  return async (
    actor: Actor,
    query: () => QueryOf<Operations["startUpload"]>,
    body: () => BodyOf<Operations["startUpload"]>,
  ): Promise<StartedUpload> => {
    const { project, parent, name, size, part_size, md5 } = body();
    if ((project === undefined) === (parent === undefined)) {
      throw new ApiError("uploadInitInvalid", "Give either `project` or `parent`.");
    }
    const errors = { missing: "uploadFileNotFound", hidden: "uploadFileForbidden" } as const;
    const target = await fileAccess.destination(actor, parent === undefined ? { project: project! } : { parent }, errors);
    if (!target.permissions.write) throw new ApiError("uploadFileForbidden");
    if (!isFileName(name)) throw new ApiError("uploadInitInvalid", "`name` is no file name.");
    const { overwrite = false } = query();
    await refuseTaken(fileAccess, { parent: target.folder, name, overwrite });
    const others = { parent: target.folder, name, userId: actor.id, activeSince: access.activeSince() };
    if (!overwrite && (await othersUpload(db, others))) throw new ApiError("uploadExists");

    const partSize = choosePartSize(size, part_size);
    // An upload that the store knows and we do not, after a crash between these two lines, is swept.
    const opened = await store.openUpload(newBlobKey(), { partSize });
    const upload = await insertUpload(db, {
      id: newUploadId(),
      user_id: actor.id,
      project_id: target.projectId,
      parent: target.folder,
      name,
      size: size ?? null,
      part_size: partSize,
      md5: md5 ?? null,
      overwrite,
      blob_key: opened.key,
      store_id: opened.id,
    });
    return { ...upload, project: target.project };
  };
}
