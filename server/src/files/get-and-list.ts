import type { FieldSelector, Operations, Page, QueryOf, ReplyOf } from "@causeway/contract";
import type { OpenDatabase, Tx } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import type { Listed, ListedText } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import type { Links } from "../http/links.ts";
import { permissionsOf } from "../projects/project-rights.ts";
import type { Destination, FileAccess, SeenFile } from "./access.ts";
import { createFolderLists, type FileFilter } from "./listing/list-query.ts";
import { listedPlace } from "./listing/list-scope.ts";
import { type FoundFileJson, findFilesJson, prepareFindFileJson } from "./queries.ts";

/** A file as the API shows it. */
export type File = ReplyOf<Operations["getFile"]>;

/** One page of files, narrowed to the fields asked for as far as it is text. */
type FileList = Listed<File> | ListedText;

export type FileReading = ReturnType<typeof createFileReading>;

export interface FileReadingDeps {
  database: OpenDatabase;
  access: FileAccess;
  links: Links;
  signDownload: (file: SeenFile, username: string) => Promise<string>;
}

/** What can be seen of files and folders. */
export function createFileReading({ database, access, links, signDownload }: FileReadingDeps) {
  const { db, pool } = database;
  const findFileJson = prepareFindFileJson<File>(db, pool);

  const listFolder = createFolderLists(database);
  const list = async (of: Destination, filter: FileFilter, page: Page, fields: FieldSelector): Promise<FileList> => {
    const folder = { folder: of.folder, project: of.project, filesUrl: links.to("/files") };
    const listed = await listFolder(folder, filter, page, (key) => fields.wants(key));
    // Parts of a key are picked later, from what the database gives.
    return fields.isShallow ? listed : { items: JSON.parse(listed.itemsText), total: listed.total };
  };

  return {
    /** @throws ApiError `fileNotFound`, `fileForbidden` */
    get: async (actor: Actor, id: string): Promise<File> => readable((await findFileJson([links.to("/files"), actor.id, id]))[0]),

    /**
     * The same in the transaction that made or changed the file: what others do to it afterwards is not this caller's.
     *
     * @throws ApiError `fileNotFound`, `fileForbidden`
     */
    getWithin: async (tx: Tx, actor: Actor, id: string): Promise<File> =>
      readable((await findFilesJson<File>(tx, [id], links.to("/files"), actor.id))[0]),

    /** The same of several files. What is not there, or not the actor's to see, is left out. */
    async getManyWithin(tx: Tx, actor: Actor, ids: readonly string[]): Promise<Map<string, File>> {
      if (ids.length === 0) return new Map();
      const rows = await findFilesJson<File>(tx, ids, links.to("/files"), actor.id);
      return new Map(rows.filter((row) => permissionsOf(row).read).map((row) => [row.id, row.json]));
    },

    /** The files of these ids that there are and that the actor may read. */
    async getMany(actor: Actor, ids: readonly string[]): Promise<Map<string, File>> {
      const rows = await findFilesJson<File>(db, ids, links.to("/files"), actor.id);
      return new Map(rows.filter((row) => permissionsOf(row).read).map((row) => [row.id, row.json]));
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
      const folder = await access.listed(actor, { parent: id });
      return list(folder, {}, page(), fields);
    },

    /** An address from which anybody can read the file for a while. @throws ApiError `fileNotFound`, `fileForbidden`, `folderDownload` */
    async downloadInfo(actor: Actor, id: string): Promise<{ url: string }> {
      const file = await access.see(actor, id);
      if (!file.permissions.copy) throw new ApiError("fileForbidden");
      if (file.type === "folder") throw new ApiError("folderDownload");
      return { url: await signDownload(file, actor.username) };
    },
  };
}

function readable(found: FoundFileJson<File> | undefined): File {
  if (!found) throw new ApiError("fileNotFound");
  if (!permissionsOf(found).read) throw new ApiError("fileForbidden");
  return found.json;
}
