import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import type { BodyOf, Operations, Page, QueryOf } from "@causeway/contract";
import {
  BlobMissing,
  type BlobStore,
  type BlobUpload,
  newBlobKey,
  PartsRefused,
  type StoredPart,
  UploadMissing,
} from "@causeway/storage";
import type { Database, Tx } from "../db/database.ts";
import type { FileAccess } from "../files/access.ts";
import type { FileContents } from "../files/contents.ts";
import { isFileName } from "../files/names.ts";
import type { File, FileService } from "../files/service.ts";
import type { Actor } from "../http/actor.ts";
import type { Listed } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import type { ProjectAccess } from "../projects/access.ts";
import { choosePartSize, matchReports, type ReportedPart, readReport, refuseIncomplete } from "./parts.ts";
import {
  countReports,
  deleteUpload,
  type FoundUpload,
  findUpload,
  insertUpload,
  isUploadFree,
  listReports,
  listUploads,
  lockUpload,
  markUploadCompleted,
  othersUpload,
  type PartRow,
  saveReports,
  shareUpload,
  touchUpload,
} from "./queries.ts";

/** A completed upload can be completed again for this long, with the same answer. */
export const REMEMBERED_MS = 24 * 60 * 60 * 1000;

export interface UploadSettings {
  /** After so long without a sign of life an upload is gone. */
  readonly idleMs: number;
  /** How long a part's address works. */
  readonly partLinkMs: number;
}

export type UploadService = ReturnType<typeof createUploadService>;

/** The part's own address on this server, for stores that cannot sign one. */
export type SignPart = (uploadId: string, number: number, expires: Date) => string;

export function createUploadService(
  db: Database,
  store: BlobStore,
  services: { projects: ProjectAccess; fileAccess: FileAccess; fileContents: FileContents; files: FileService },
  settings: UploadSettings,
  signPart: SignPart,
) {
  const { projects, fileAccess, fileContents, files } = services;
  const activeSince = () => new Date(Date.now() - settings.idleMs);
  const isExpired = (upload: FoundUpload) => upload.active_at <= activeSince();

  return {
    /**
     * Opens an upload to a folder or to a project's root. Nothing is visible there until it is completed.
     *
     * @throws ApiError `uploadInitInvalid`; of the target `projectNotFound`, `projectForbidden`, `uploadFileNotFound`,
     *   `parentNotFolder`, `uploadFileForbidden`; `uploadFileExists`, `uploadExists`
     */
    async start(
      actor: Actor,
      query: () => QueryOf<Operations["startUpload"]>,
      body: () => BodyOf<Operations["startUpload"]>,
    ): Promise<FoundUpload> {
      const { project, parent, name, size, part_size, md5 } = body();
      if ((project === undefined) === (parent === undefined)) {
        throw new ApiError("uploadInitInvalid", "Give either `project` or `parent`.");
      }
      const errors = { missing: "uploadFileNotFound", hidden: "uploadFileForbidden" } as const;
      const target = await fileAccess.destination(actor, parent === undefined ? { project: project! } : { parent }, errors);
      if (!target.permissions.write) throw new ApiError("uploadFileForbidden");
      if (!isFileName(name)) throw new ApiError("uploadInitInvalid", "`name` is no file name.");
      const { overwrite = false } = query();
      await refuseTaken({ parent: target.folder, name, overwrite });
      const others = { parent: target.folder, name, userId: actor.id, activeSince: activeSince() };
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
    },

    /** The actor's own uploads that are going on, newest first. */
    list: (actor: Actor, page: () => Page): Promise<Listed<FoundUpload>> => listUploads(db, actor.id, activeSince(), page()),

    /** The upload and its reported parts; all of them only with `listParts`. @throws ApiError `uploadNotFound`, `uploadForbidden` */
    async get(
      actor: Actor,
      id: string,
      query: () => QueryOf<Operations["getUpload"]>,
    ): Promise<{ upload: FoundUpload; reported: { count: number; parts?: PartRow[] } }> {
      const upload = await own(actor, id);
      if (!query().list_parts) return { upload, reported: { count: await countReports(db, id) } };
      const parts = await listReports(db, id);
      return { upload, reported: { count: parts.length, parts } };
    },

    /**
     * A fresh address for the bytes of a part; may be asked for again at any time.
     *
     * @throws ApiError `uploadNotFound`, `uploadForbidden`; `uploadPartReserveFailed` while the upload is being completed
     */
    async partLink(actor: Actor, id: string, number: number): Promise<{ url: string; expires: Date }> {
      const upload = await own(actor, id);
      if (!(await isUploadFree(db, id))) throw new ApiError("uploadPartReserveFailed");
      await touchUpload(db, id);
      const expires = new Date(Date.now() + settings.partLinkMs);
      const signed = await store.signPartUrl?.(inStore(upload), number, settings.partLinkMs / 1000);
      return { url: signed?.href ?? signPart(id, number, expires), expires };
    },

    /**
     * Stores the bytes of a part, sent to its address: whoever has that needs no other permission. `length` is that of
     * the whole body, where it is known.
     *
     * @throws ApiError `uploadNotFound`; errors of the blob store
     */
    async writePart(id: string, number: number, bytes: Readable, length: number | undefined): Promise<StoredPart> {
      const upload = await findUpload(db, id);
      if (!upload || upload.completed_at || isExpired(upload)) throw new ApiError("uploadNotFound");
      try {
        const part = await store.writePart(inStore(upload), number, bytes, length === undefined ? {} : { length });
        await touchUpload(db, id);
        return part;
      } catch (error) {
        throw error instanceof UploadMissing ? new ApiError("uploadNotFound", undefined, { cause: error }) : error;
      }
    },

    /**
     * Notes that parts were sent: all of the reports or none. Reporting again is fine, the last report of a part stands.
     *
     * @throws ApiError `uploadNotFound`, `uploadForbidden`, `uploadPartReportInvalid`
     */
    async report(
      actor: Actor,
      id: string,
      body: () => readonly BodyOf<Operations["reportUploadPart"]>[],
    ): Promise<ReportedPart[]> {
      await own(actor, id);
      const reports = body().map(readReport);
      return db.transaction().execute(async (tx) => {
        await shareUpload(tx, id);
        const upload = await own(actor, id, tx);
        await saveReports(tx, id, matchReports(reports, (await storedParts(upload)) ?? new Map()));
        await touchUpload(tx, id);
        return reports;
      });
    },

    /**
     * Makes the parts one file of the project. Completing again within a day gives the same file. After a refusal the
     * upload stays open.
     *
     * @throws ApiError `uploadNotFound`, `uploadForbidden`; `projectNotFound`, `uploadFileNotFound`, `uploadFileForbidden`
     *   when the target is gone or may not be written any more; `uploadPartReportInvalid`, `uploadCompleteFailed`,
     *   `uploadFileExists`
     */
    async complete(actor: Actor, id: string, body: () => BodyOf<Operations["completeUpload"]>): Promise<File> {
      const fileId = await db.transaction().execute(async (tx) => {
        await lockUpload(tx, id);
        const upload = await findUpload(tx, id);
        const isForgotten = upload?.completed_at && upload.completed_at.getTime() + REMEMBERED_MS < Date.now();
        if (!upload || isForgotten || (!upload.completed_at && isExpired(upload))) throw new ApiError("uploadNotFound");
        if (upload.user_id !== actor.id) throw new ApiError("uploadForbidden");
        if (upload.file_id !== null) return upload.file_id;

        await requireTarget(tx, actor, upload);
        const reports = (body().parts ?? []).map(readReport);
        await refuseTaken(upload, tx);
        const blob = await joinParts(tx, upload, reports);
        // The bytes are safe now; the row makes them a file. Killed in between, the upload can be completed again.
        const added = await fileContents.add(
          tx,
          { projectId: upload.project_id, parent: upload.parent, name: upload.name, blob },
          upload.overwrite ? "replace" : "refuse",
        );
        if ("refused" in added) throw new ApiError(added.refused === "nameTaken" ? "uploadFileExists" : "uploadFileNotFound");
        await markUploadCompleted(tx, id, added.id);
        return added.id;
      });
      return files.get(actor, fileId);
    },

    /**
     * Gives up an upload and frees its parts. Waits for reports that are under way: a client that stops has workers that
     * still send some.
     *
     * @throws ApiError `uploadNotFound`, `uploadForbidden`; `uploadAbortFailed` while it is being completed
     */
    async abort(actor: Actor, id: string): Promise<void> {
      await own(actor, id);
      if (!(await isUploadFree(db, id))) throw new ApiError("uploadAbortFailed");
      const upload = await db.transaction().execute(async (tx) => {
        await lockUpload(tx, id);
        const found = await own(actor, id, tx);
        await deleteUpload(tx, id);
        return found;
      });
      await store.removeUpload(inStore(upload));
      // A completion that was killed just before its end may have made the blob already.
      await store.remove(upload.blob_key);
    },
  };

  async function own(actor: Actor, id: string, sql: Database | Tx = db): Promise<FoundUpload> {
    const upload = await findUpload(sql, id);
    if (!upload || upload.completed_at || isExpired(upload)) throw new ApiError("uploadNotFound");
    if (upload.user_id !== actor.id) throw new ApiError("uploadForbidden");
    return upload;
  }

  async function refuseTaken(
    target: { parent: string; name: string; overwrite: boolean },
    sql: Database | Tx = db,
  ): Promise<void> {
    const there = await fileAccess.child(target.parent, target.name, sql);
    if (there && (!target.overwrite || there.type === "folder")) throw new ApiError("uploadFileExists");
  }

  async function requireTarget(tx: Tx, actor: Actor, upload: FoundUpload): Promise<void> {
    const project = await projects.see(actor, { id: upload.project_id }, tx);
    if (!project) throw new ApiError("projectNotFound");
    if (!project.permissions?.write) throw new ApiError("uploadFileForbidden");
    await fileAccess.see(actor, upload.parent, { missing: "uploadFileNotFound", hidden: "uploadFileForbidden" }, tx);
  }

  /** Makes the parts reported before and now one blob. */
  async function joinParts(tx: Tx, upload: FoundUpload, reports: readonly ReportedPart[]) {
    const stored = await storedParts(upload);
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

  /** By number; undefined when the store has no such upload any more. */
  async function storedParts(upload: FoundUpload): Promise<Map<number, StoredPart> | undefined> {
    try {
      const parts = await store.listParts(inStore(upload));
      return new Map(parts.map((part) => [part.number, part]));
    } catch (error) {
      if (error instanceof UploadMissing) return undefined;
      throw error;
    }
  }
}

const inStore = (upload: FoundUpload): BlobUpload => ({
  key: upload.blob_key,
  id: upload.store_id,
  partSize: upload.part_size,
});

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** 64 letters and digits, more than 370 random bits: clients put it into paths as it is. */
function newUploadId(): string {
  let id = "";
  while (id.length < 64) {
    // Beyond 247 the remainder would favour some letters.
    for (const byte of randomBytes(64)) if (byte < 248 && id.length < 64) id += ALPHABET[byte % ALPHABET.length];
  }
  return id;
}
