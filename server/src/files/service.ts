import type { BodyOf, FieldSelector, Operations, Page, QueryOf, ReplyOf } from "@causeway/contract";
import { BlobMissing, type BlobStore } from "@causeway/storage";
import { type OpenDatabase, type Sql, violates } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import type { Listed, ListedText } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import type { Links } from "../http/links.ts";
import { permissionsOf } from "../projects/joined.ts";
import type { Destination, FileAccess, SeenFile } from "./access.ts";
import { listedPlace } from "./list-place.ts";
import { createFolderLists, type FileFilter } from "./listing.ts";
import { cleanTags, type MetadataGiven, withMetadata } from "./metadata.ts";
import { isFileName, isFolderName } from "./names.ts";
import { freeName, placeFile } from "./placing.ts";
import {
  findChild,
  findFilesJson,
  holdFolder,
  isEmptyFolder,
  lockFile,
  markFileDeleted,
  prepareFindFileJson,
  updateFile,
} from "./queries.ts";
import type { Metadata } from "./tables.ts";

/** A file as the API shows it. */
export type File = ReplyOf<Operations["getFile"]>;

/** One page of files, narrowed to the fields asked for as far as it is text. */
type FileList = Listed<File> | ListedText;

export type FileService = ReturnType<typeof createFileService>;

export function createFileService(
  database: OpenDatabase,
  access: FileAccess,
  links: Links,
  metadataIsClosed: () => boolean,
  signDownload: (file: SeenFile, username: string) => Promise<string>,
  store: Pick<BlobStore, "stat">,
) {
  const { db, pool } = database;
  const findFileJson = prepareFindFileJson<File>(db, pool);
  const present = async (actor: Actor, id: string): Promise<File> => {
    const [found] = await findFileJson([links.to("/files"), actor.id, id]);
    if (!found) throw new ApiError("fileNotFound");
    if (!permissionsOf(found).read) throw new ApiError("fileForbidden");
    return found.json;
  };

  const listFolder = createFolderLists(database);
  const list = async (of: Destination, filter: FileFilter, page: Page, fields: FieldSelector): Promise<FileList> => {
    const folder = { folder: of.folder, project: of.project, filesUrl: links.to("/files") };
    const listed = await listFolder(folder, filter, page, (key) => fields.wants(key));
    // Parts of a key are picked later, from what the database gives.
    return fields.isShallow ? listed : { items: JSON.parse(listed.itemsText), total: listed.total };
  };

  return {
    /** @throws ApiError `fileNotFound`, `fileForbidden` */
    get: (actor: Actor, id: string): Promise<File> => present(actor, id),

    /** The files of these ids, or why the actor may not have one; what is not there is left out. */
    async getMany(actor: Actor, ids: readonly string[]): Promise<Map<string, File | ApiError>> {
      const rows = await findFilesJson<File>(db, ids, links.to("/files"), actor.id);
      return new Map(rows.map((row) => [row.id, permissionsOf(row).read ? row.json : new ApiError("fileForbidden")]));
    },

    /**
     * One page of a project's root or of a folder, and how many match in all.
     *
     * @throws ApiError `fileProjectQueryMalformed` without a place, `destinationAmbiguous` with more than one;
     *   `projectNotFound`, `projectForbidden`, `fileNotFound`, `fileForbidden`, `parentNotFolder`
     */
    async list(
      actor: Actor,
      query: () => QueryOf<Operations["listFiles"]>,
      page: () => Page,
      fields: FieldSelector,
    ): Promise<FileList> {
      const { folder, filter } = await listedPlace(access, actor, query());
      return list(folder, filter, page(), fields);
    },

    /** One page of a folder. @throws ApiError `fileNotFound`, `fileForbidden`, `parentNotFolder` */
    async listFolder(actor: Actor, id: string, page: () => Page, fields: FieldSelector): Promise<FileList> {
      const folder = await access.destination(actor, { parent: id }, { missing: "fileNotFound", hidden: "fileForbidden" });
      return list(folder, {}, page(), fields);
    },

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
      const id = await db.transaction().execute(async (tx) => {
        if (!(await holdFolder(tx, folder.folder))) throw new ApiError("destinationFolderNotFound");
        const made = await placeFile(tx, { projectId: folder.projectId, parent: folder.folder, name }, "refuse");
        if (made !== undefined) return made;
        const taken = await findChild(tx, folder.folder, name);
        throw new ApiError(taken?.type === "file" ? "fileExists" : "folderExists");
      });
      return present(actor, id);
    },

    /**
     * Renames a file, or replaces all of its metadata or tags: all that is given, or nothing. With `mergeMetadata`, keys
     * that are not given stay, and null removes one.
     *
     * @throws ApiError `fileNotFound`, `fileForbidden`; `fileRenameForbidden`, `metadataForbidden`, `tagsForbidden`;
     *   of a folder `folderDetailsFixed`, `folderMetadata`, `folderTags`; `fileNameInvalid`, `fileExists`, `metadataInvalid`
     */
    async update(
      actor: Actor,
      id: string,
      body: () => BodyOf<Operations["updateFile"]>,
      { mergeMetadata }: { mergeMetadata: boolean } = { mergeMetadata: false },
    ): Promise<File> {
      const file = await access.see(actor, id);
      const { name, metadata, tags } = body();
      const isFolder = file.type === "folder";
      if (!file.permissions.write) {
        if (name !== undefined) throw new ApiError("fileRenameForbidden");
        if (metadata !== undefined) throw new ApiError("metadataForbidden");
        if (tags !== undefined) throw new ApiError("tagsForbidden");
      }
      if (name !== undefined && isFolder) throw new ApiError("folderDetailsFixed");
      if (metadata !== undefined && isFolder) throw new ApiError("folderMetadata");
      if (tags !== undefined && isFolder) throw new ApiError("folderTags");
      if (name !== undefined && !isFileName(name)) throw new ApiError("fileNameInvalid");
      const change = {
        ...(name === undefined ? {} : { name }),
        ...(metadata === undefined || mergeMetadata ? {} : { metadata: withMetadata({}, metadata) }),
        ...(tags === undefined ? {} : { tags: cleanTags(tags) }),
      };
      if (metadata !== undefined) refuseClosedMetadata();
      const merged = mergeMetadata ? metadata : undefined;
      if (merged !== undefined || Object.keys(change).length > 0) {
        try {
          await (merged === undefined ? changeFile(db, id, change) : changeMerging(id, change, merged));
        } catch (error) {
          throw violates(error, "files_name") ? new ApiError("fileExists") : error;
        }
      }
      return present(actor, id);
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

    /** An address from which anybody can read the file for a while. @throws ApiError `fileNotFound`, `fileForbidden`, `folderDownload` */
    async downloadInfo(actor: Actor, id: string): Promise<{ url: string }> {
      const file = await access.see(actor, id);
      if (!file.permissions.copy) throw new ApiError("fileForbidden");
      if (file.type === "folder") throw new ApiError("folderDownload");
      return { url: await signDownload(file, actor.username) };
    },

    /** @throws ApiError `fileNotFound`, `fileForbidden`, `metadataServiceUnavailable` */
    async getMetadata(actor: Actor, id: string): Promise<Metadata> {
      const file = await access.see(actor, id);
      refuseClosedMetadata();
      return file.metadata;
    },

    /**
     * Sets the keys given and removes those given as null; with `replace`, all others go, too. Answers all there are then.
     *
     * @throws ApiError `fileNotFound`, `fileForbidden`, `metadataForbidden`, `folderMetadata`, `metadataInvalid`,
     *   `metadataKeyEmpty`, `metadataServiceUnavailable`
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
      refuseClosedMetadata();
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
      await access.refuseTaking(file, folder, "fileCopyForbidden");
      if (!isFileName(name)) throw new ApiError("fileNameInvalid");
      await refuseLost(file.blob_key!);
      const copy = await db.transaction().execute(async (tx) => {
        if (!(await holdFolder(tx, folder.folder))) throw new ApiError("destinationFolderNotFound");
        const { metadata, tags } = file;
        const blob = { key: file.blob_key!, size: file.size! };
        return placeFile(tx, { projectId: folder.projectId, parent: folder.folder, name, blob, metadata, tags }, "rename");
      });
      return present(actor, copy!);
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
      if (folder.folder === file.parent && name === file.name) return present(actor, id);
      await moveRenaming(id, folder.folder, name);
      return present(actor, id);
    },
  };

  async function changeFile(sql: Sql, id: string, change: Parameters<typeof updateFile>[2]): Promise<void> {
    if (!(await updateFile(sql, id, change))) throw new ApiError("fileNotFound");
  }

  /** Two who change different keys at once both succeed: the second sees what the first has written. */
  async function changeMerging(id: string, change: Parameters<typeof updateFile>[2], given: MetadataGiven): Promise<void> {
    await db.transaction().execute(async (tx) => {
      const file = await lockFile(tx, id);
      if (!file) throw new ApiError("fileNotFound");
      await changeFile(tx, id, { ...change, metadata: withMetadata(file.metadata, given) });
    });
  }

  async function moveRenaming(id: string, parent: string, name: string): Promise<void> {
    for (;;) {
      try {
        return await db.transaction().execute(async (tx) => {
          if (!(await holdFolder(tx, parent))) throw new ApiError("destinationFolderNotFound");
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

  function refuseClosedMetadata(): void {
    if (metadataIsClosed()) throw new ApiError("metadataServiceUnavailable");
  }
}

function placeOf(parent: string | undefined, project: string | undefined): { parent: string } | { project: string } {
  if (parent !== undefined) return { parent };
  if (project !== undefined) return { project };
  throw new ApiError("destinationMissing");
}
