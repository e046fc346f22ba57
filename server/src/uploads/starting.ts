import type { BodyOf, Operations, QueryOf } from "@causeway/contract";
import { type BlobStore, newBlobKey } from "@causeway/storage";
import type { Database } from "../db/database.ts";
import { gathering } from "../db/gathering.ts";
import type { FileAccess } from "../files/access.ts";
import { isFileName } from "../files/names/name-rules.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { UploadAccess } from "./access.ts";
import { choosePartSize } from "./parts.ts";
import { findInTheWay, insertUploads, type NewUpload, type UploadRow, type WantedName } from "./queries.ts";
import { refuseTaken } from "./taken-names.ts";
import { newUploadId } from "./upload-id.ts";

/** An upload with the public id of its project. */
export type StartedUpload = UploadRow & { project: string };

export interface UploadStartDeps {
  db: Database;
  store: BlobStore;
  access: UploadAccess;
  fileAccess: FileAccess;
}

export function createUploadStart({ db, store, access, fileAccess }: UploadStartDeps) {
  const inTheWayOf = gathering((names: readonly WantedName[]) => findInTheWay(db, names));
  const insert = gathering((uploads: readonly NewUpload[]) => insertUploads(db, uploads));

  /**
   * Opens an upload to a folder or to a project's root. Nothing is visible there until it is completed.
   *
   * @throws ApiError `uploadInitInvalid`; of the target `projectNotFound`, `uploadFileNotFound`, `parentNotFolder`,
   *   `uploadFileForbidden`; `uploadFileExists`, `uploadExists`
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
    const named = parent === undefined ? { project: project! } : { parent };
    const target = await fileAccess.destination(actor, named, "uploadFileNotFound");
    if (!target.permissions.write) throw new ApiError("uploadFileForbidden");
    if (!isFileName(name)) throw new ApiError("uploadInitInvalid", "`name` is no file name.");
    const { overwrite = false } = query();
    const inTheWay = await inTheWayOf({ parent: target.folder, name, userId: actor.id, activeSince: access.activeSince() });
    refuseTaken({ overwrite, taken: inTheWay.taken });
    if (!overwrite && inTheWay.others) throw new ApiError("uploadExists");

    const partSize = choosePartSize(size, part_size);
    const blobKey = newBlobKey();
    const upload = await insert({
      id: newUploadId(),
      user_id: actor.id,
      project_id: target.projectId,
      parent: target.folder,
      name,
      size: size ?? null,
      part_size: partSize,
      md5: md5 ?? null,
      overwrite,
      blob_key: blobKey,
      store_id: fitsOnePart(size, partSize) ? null : (await store.openUpload(blobKey, { partSize })).id,
    });
    return { ...upload, project: target.project };
  };

  /**
   * Then its part is a blob from the start, unless the store takes the bytes itself (`signPartUrl`). Else the store has an
   * upload, too; one that it knows and we do not, after a crash between the two, is swept.
   */
  function fitsOnePart(size: number | undefined, partSize: number): boolean {
    return size !== undefined && size <= partSize && store.signPartUrl === undefined;
  }
}
