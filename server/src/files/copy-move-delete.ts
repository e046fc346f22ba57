import type { BodyOf, Operations } from "@causeway/contract";
import { BlobMissing, type BlobStore } from "@causeway/storage";
import { type Database, violates } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { FileAccess, SeenFile } from "./access.ts";
import { findChild, lockFolderShared } from "./folder-locks.ts";
import type { File, FileReading } from "./get-and-list.ts";
import { isFileName, isFolderName } from "./names/name-rules.ts";
import { freeName, placeFile } from "./names/put-in-folder.ts";
import { isEmptyFolder, lockFile, markFileDeleted, updateFile } from "./queries.ts";

export interface FileArrangingDeps {
  db: Database;
  access: FileAccess;
  reading: FileReading;
  store: Pick<BlobStore, "stat">;
}

/** Where files and folders are: making folders, copying, moving and deleting one thing at a time. */
export function createFileArranging({ db, access, reading, store }: FileArrangingDeps) {
  return {
    /**
     * Makes a folder in one that is there; folders between are not made.
     *
     * @throws ApiError of the destination; `fileForbidden`, `fileNameInvalid`, `fileExists`, `folderExists`
     */
    async createFolder(actor: Actor, body: () => BodyOf<Operations["createFolder"]>): Promise<File> {
      const { name, parent, project } = body();
      if (parent !== undefined && project !== undefined) throw new ApiError("destinationAmbiguous");
      const folder = await access.destination(actor, placeOf(parent, project));
      if (!folder.permissions.write) throw new ApiError("fileForbidden");
      if (!isFolderName(name)) throw new ApiError("fileNameInvalid");
      return db.transaction().execute(async (tx) => {
        if (!(await lockFolderShared(tx, folder.folder))) throw new ApiError("destinationFolderNotFound");
        const made = await placeFile(tx, { projectId: folder.projectId, parent: folder.folder, name }, "refuse");
        if (made !== undefined) return reading.getWithin(tx, actor, made);
        const taken = await findChild(tx, folder.folder, name);
        throw new ApiError(taken?.type === "file" ? "fileExists" : "folderExists");
      });
    },

    /**
     * A copy in another folder or project: the bytes are shared, metadata and tags come along, its origin does not. A
     * taken name gets a prefix.
     *
     * @throws ApiError `fileNotFound`, `fileForbidden`, `fileCopyForbidden`, `folderCopy`; of the destination;
     *   `projectForbidden`, `fileNameInvalid`; `fileCopyFailed` when the file's bytes are lost
     */
    async copy(actor: Actor, id: string, body: () => BodyOf<Operations["copyFile"]>): Promise<File> {
      const file = await access.see(actor, id);
      if (!file.permissions.copy) throw new ApiError("fileCopyForbidden");
      if (file.type === "folder") throw new ApiError("folderCopy");
      const { project, parent, name = file.name } = body();
      const folder = await access.destination(actor, placeOf(parent, project));
      if (project !== undefined && folder.project !== project.replace(/\/$/, "")) throw new ApiError("destinationAmbiguous");
      if (!folder.permissions.write) throw new ApiError("projectForbidden");
      await access.requireMayTransfer(file, folder, "fileCopyForbidden");
      if (!isFileName(name)) throw new ApiError("fileNameInvalid");
      if (file.blob_key !== null) await refuseLost(file.blob_key);
      return db.transaction().execute(async (tx) => {
        if (!(await lockFolderShared(tx, folder.folder))) throw new ApiError("destinationFolderNotFound");
        const { metadata, tags } = file;
        const copy = { projectId: folder.projectId, parent: folder.folder, name, ...bytesOf(file), metadata, tags };
        return reading.getWithin(tx, actor, (await placeFile(tx, copy, "rename"))!);
      });
    },

    /**
     * Moves a file within its project; a taken name gets a prefix. To where it is already, nothing changes.
     *
     * @throws ApiError `fileNotFound`, `fileForbidden`, `fileMoveForbidden`; `fileRequestInvalid` of a folder; of the
     *   destination; `fileMoveBetweenProjects`, `fileNameInvalid`
     */
    async move(actor: Actor, id: string, body: () => BodyOf<Operations["moveFile"]>): Promise<File> {
      const file = await access.see(actor, id);
      if (!file.permissions.write) throw new ApiError("fileMoveForbidden");
      if (file.type === "folder") throw new ApiError("fileRequestInvalid", "Folders cannot be moved by this call.");
      const { parent, name = file.name } = body();
      const folder = await access.destination(actor, { parent });
      if (folder.projectId !== file.project_id) throw new ApiError("fileMoveBetweenProjects");
      if (!isFileName(name)) throw new ApiError("fileNameInvalid");
      if (folder.folder === file.parent && name === file.name) return reading.get(actor, id);
      await moveRenaming(id, folder.folder, name);
      return reading.get(actor, id);
    },
    /**
     * Deletes a file, or a folder in which nothing is. An operator can restore it for a while.
     *
     * @throws ApiError `fileNotFound`, also the second time; `fileForbidden`, `folderNotEmpty`; `fileRequestInvalid` of a root folder
     */
    async delete(actor: Actor, id: string): Promise<void> {
      const seen = await access.see(actor, id);
      if (!seen.permissions.write) throw new ApiError("fileForbidden");
      if (seen.parent === null) throw new ApiError("fileRequestInvalid", "The root folder of a project stays.");
      await db.transaction().execute(async (tx) => {
        const file = await lockFile(tx, id);
        if (!file) throw new ApiError("fileNotFound");
        if (file.type === "folder" && !(await isEmptyFolder(tx, id))) throw new ApiError("folderNotEmpty");
        await markFileDeleted(tx, id);
      });
    },
  };

  async function moveRenaming(id: string, parent: string, name: string): Promise<void> {
    for (;;) {
      try {
        return await db.transaction().execute(async (tx) => {
          if (!(await lockFolderShared(tx, parent))) throw new ApiError("destinationFolderNotFound");
          if (!(await updateFile(tx, id, { parent, name: await freeName(tx, parent, name) }))) throw new ApiError("fileNotFound");
        });
      } catch (error) {
        // Somebody took the name since it was found free: look again.
        if (!violates(error, "files_name")) throw error;
      }
    }
  }

  /** A copy shares the bytes: it would be as broken as the file. */
  async function refuseLost(blobKey: string): Promise<void> {
    try {
      await store.stat(blobKey);
    } catch (error) {
      if (!(error instanceof BlobMissing)) throw error;
      throw new ApiError("fileCopyFailed", "The bytes of the file are not in the store any more.", { cause: error });
    }
  }
}

/** What a copy has in common with the file: its blob, or the object that it is an alias of. */
function bytesOf({
  blob_key: key,
  volume_id: volumeId,
  location,
  size,
  object_etag: etag,
  object_modified_at: modifiedAt,
}: SeenFile) {
  if (key !== null) return { blob: { key, size: size! } };
  return { object: { volumeId: volumeId!, location: location!, size: size!, etag: etag!, modifiedAt: modifiedAt! } };
}

function placeOf(parent: string | undefined, project: string | undefined): { parent: string } | { project: string } {
  if (parent !== undefined) return { parent };
  if (project !== undefined) return { project };
  throw new ApiError("destinationMissing");
}
