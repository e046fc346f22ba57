import type { StoredBytes } from "@causeway/storage";
import type { Database, Tx } from "../db/database.ts";
import { ApiError } from "../http/errors.ts";
import { permissionsOf } from "../projects/project-rights.ts";
import type { Damage } from "../scrub/damage.ts";
import { insertBlobs } from "./blob-rows.ts";
import { lockFolderShared, lockFoldersShared } from "./folder-locks.ts";
import { placeFile, type WhenTaken } from "./names/put-in-folder.ts";
import { findBytesFor, insertFile, insertFiles, type NewFile } from "./queries.ts";

/** A file that another feature puts into a project: an upload, a task's output, a folder of outputs. */
export type AddedFile = Omit<NewFile, "parent" | "blob" | "object" | "id"> & {
  /** The folder it goes to. */
  parent: string;
  /** Stored bytes; none makes a folder. `sha256` is null where it is not known yet. */
  blob?: { key: string; size: number; sha256: string | null };
};

/** Why a file could not be put there. */
export type NotAdded = "folderMissing" | "nameTaken";

/** A file's bytes in the platform's store, and the name to save them under. */
export interface StoredFile {
  projectId: string;
  name: string;
  blob: StoredBytes & { damage: Damage | null };
}

/** A file whose bytes lie on a user's volume. */
export interface AliasFile {
  projectId: string;
  name: string;
  object: { volumeId: string; location: string; etag: string | null };
}

export type FileContents = ReturnType<typeof createFileContents>;

/** What features that bring files, or read their bytes, use. Of who brings files no permission is asked here. */
export function createFileContents(db: Database) {
  return {
    /**
     * The bytes of a living file for the user of that name, who was given an address of them: asked again at every use,
     * because an address outlives rights. None of a folder, and for who is no user any more.
     *
     * @throws ApiError `fileNotFound`; `forbidden` when the user may not take the file any more
     */
    async find(id: string, username: string): Promise<StoredFile | AliasFile> {
      const found = await findBytesFor(db, id, username);
      if (!found) throw new ApiError("fileNotFound");
      if (!permissionsOf(found).copy) throw new ApiError("forbidden", `${username} may not take this file any more.`);
      const { project_id: projectId, name, key, size, sha256, damage } = found;
      if (key !== null) return { projectId, name, blob: { key, size, sha256, damage } };
      return { projectId, name, object: { volumeId: found.volume_id!, location: found.location!, etag: found.object_etag } };
    },

    /**
     * Puts a file into a folder and answers its id, or why not. The bytes are in the blob store already: a blob that
     * never gets a file is swept later, a file without its bytes must not be.
     */
    async add(tx: Tx, { blob, ...file }: AddedFile, whenTaken: WhenTaken): Promise<{ id: string } | { refused: NotAdded }> {
      if (!(await lockFolderShared(tx, file.parent))) return { refused: "folderMissing" };
      if (blob) await insertBlobs(tx, [blob]);
      const id = await placeFile(tx, { ...file, ...(blob ? { blob } : {}) }, whenTaken);
      return id === undefined ? { refused: "nameTaken" } : { id };
    },

    /**
     * The same of many files, in a few statements as long as they refuse. Answers one result for each, in their order; of
     * files with the same name in the same folder, the first gets it.
     */
    async addMany(
      tx: Tx,
      files: readonly (AddedFile & { blob: StoredBytes })[],
      whenTaken: WhenTaken,
    ): Promise<({ id: string } | { refused: NotAdded })[]> {
      if (whenTaken !== "refuse" || files.length === 1) {
        const results = [];
        for (const file of files) results.push(await this.add(tx, file, whenTaken));
        return results;
      }
      if (files.length === 0) return [];
      const folders = await lockFoldersShared(
        tx,
        files.map(({ parent }) => parent),
      );
      const there = files.filter(({ parent }) => folders.has(parent));
      await insertBlobs(
        tx,
        there.map(({ blob }) => blob),
      );
      const ids = await insertFiles(tx, there);
      return files.map((file) => {
        if (!folders.has(file.parent)) return { refused: "folderMissing" };
        const id = ids[there.indexOf(file)];
        return id === undefined ? { refused: "nameTaken" } : { id };
      });
    },

    /** Makes the root folder of a new project. Its name is internal. */
    async addRoot(tx: Tx, project: { id: string; root_folder: string }): Promise<void> {
      await insertFile(tx, { id: project.root_folder, projectId: project.id, parent: null, name: project.id });
    },
  };
}
