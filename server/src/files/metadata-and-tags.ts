import type { BodyOf, Operations } from "@causeway/contract";
import { type Database, type Sql, violates } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { FileAccess } from "./access.ts";
import { type ChangeGiven, changeOf, isEmptyChange, refuseChange } from "./changes.ts";
import type { File, FileReading } from "./get-and-list.ts";
import { cleanTags, type MetadataGiven, withMetadata } from "./metadata.ts";
import { lockFile, updateFile } from "./queries.ts";
import type { Metadata } from "./tables.ts";

export interface FileDescribingDeps {
  db: Database;
  access: FileAccess;
  reading: FileReading;
  metadataIsClosed: () => boolean;
}

/** Names, metadata and tags of files: folders have none that could be changed (files.md §3.5, §3.8 to §3.10). */
export function createFileDescribing({ db, access, reading, metadataIsClosed }: FileDescribingDeps) {
  return {
    /**
     * Renames a file, or replaces all of its metadata or tags: all that is given, or nothing. With `mergeMetadata`, keys
     * that are not given stay, and null removes one.
     *
     * @throws ApiError `fileNotFound`, `fileForbidden`; `fileRenameForbidden`, `metadataForbidden`, `tagsForbidden`;
     *   of a folder `folderDetailsFixed`, `folderMetadata`, `folderTags`; `fileNameInvalid`, `fileExists`, `metadataInvalid`;
     *   `metadataServiceUnavailable`, before all that is said of rights and values
     */
    async update(
      actor: Actor,
      id: string,
      body: () => BodyOf<Operations["updateFile"]>,
      { mergeMetadata }: { mergeMetadata: boolean } = { mergeMetadata: false },
    ): Promise<File> {
      const file = await access.see(actor, id);
      const given = body();
      if (given.metadata !== undefined && metadataIsClosed()) throw new ApiError("metadataServiceUnavailable");
      refuseChange(file, given);
      if (!isEmptyChange(given)) {
        try {
          await (mergeMetadata && given.metadata !== undefined
            ? changeMerging(id, given)
            : changeFile(db, id, changeOf({}, given)));
        } catch (error) {
          throw violates(error, "files_name") ? new ApiError("fileExists") : error;
        }
      }
      return reading.get(actor, id);
    },

    /** @throws ApiError `fileNotFound`, `fileForbidden` */
    getMetadata: async (actor: Actor, id: string): Promise<Metadata> => (await access.see(actor, id)).metadata,

    /**
     * Sets the keys given and removes those given as null; with `replace`, all others go, too. Answers all there are then.
     *
     * @throws ApiError `fileNotFound`, `fileForbidden`, `metadataForbidden`, `folderMetadata`, `metadataInvalid`,
     *   `metadataKeyEmpty`
     */
    async changeMetadata(
      actor: Actor,
      id: string,
      body: () => MetadataGiven,
      { replace }: { replace: boolean },
    ): Promise<Metadata> {
      const seen = await access.see(actor, id);
      if (!seen.permissions.write) throw new ApiError("metadataForbidden");
      if (seen.type === "folder") throw new ApiError("folderMetadata");
      const given = body();
      return db.transaction().execute(async (tx) => {
        // Two who change different keys at once both succeed: the second sees what the first has written.
        const file = await lockFile(tx, id);
        if (!file) throw new ApiError("fileNotFound");
        const metadata = withMetadata(replace ? {} : file.metadata, given);
        await updateFile(tx, id, { metadata });
        return metadata;
      });
    },

    /** The file's tags; a folder has none. @throws ApiError `fileNotFound`, `fileForbidden` */
    getTags: async (actor: Actor, id: string): Promise<string[]> => (await access.see(actor, id)).tags,

    /** Replaces all tags. @throws ApiError `fileNotFound`, `fileForbidden`, `tagsForbidden`, `folderTags`, `badRequest` */
    async replaceTags(actor: Actor, id: string, body: () => readonly string[]): Promise<string[]> {
      const file = await access.see(actor, id);
      if (!file.permissions.write) throw new ApiError("tagsForbidden");
      if (file.type === "folder") throw new ApiError("folderTags");
      const tags = cleanTags(body());
      if (!(await updateFile(db, id, { tags }))) throw new ApiError("fileNotFound");
      return tags;
    },
  };

  async function changeFile(sql: Sql, id: string, change: Parameters<typeof updateFile>[2]): Promise<void> {
    if (!(await updateFile(sql, id, change))) throw new ApiError("fileNotFound");
  }

  /** Two who change different keys at once both succeed: the second sees what the first has written. */
  async function changeMerging(id: string, given: ChangeGiven): Promise<void> {
    await db.transaction().execute(async (tx) => {
      const file = await lockFile(tx, id);
      if (!file) throw new ApiError("fileNotFound");
      await changeFile(tx, id, changeOf(file.metadata, given));
    });
  }
}
