import type { Readable } from "node:stream";
import type { BodyOf, Operations, Page, QueryOf } from "@causeway/contract";
import { type BlobStore, type StoredPart, UploadMissing } from "@causeway/storage";
import type { Database } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import type { Listed } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import { createUploadAccess } from "./access.ts";
import { createUploadCompletion, type UploadNeighbours } from "./completing.ts";
import { inStore, storedParts } from "./in-store.ts";
import { matchReports, type ReportedPart, readReport } from "./parts.ts";
import {
  countReports,
  deleteUpload,
  type FoundUpload,
  isUploadFree,
  listReports,
  listUploads,
  lockUpload,
  type PartRow,
  saveReports,
  shareUpload,
  touchUpload,
} from "./queries.ts";
import { createUploadStart, type StartedUpload } from "./starting.ts";

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
  neighbours: UploadNeighbours,
  settings: UploadSettings,
  signPart: SignPart,
) {
  const access = createUploadAccess(db, settings);

  return {
    start: createUploadStart(db, store, access, neighbours.fileAccess),
    complete: createUploadCompletion(db, store, access, neighbours),

    /** The actor's own uploads that are going on, newest first. */
    list: (actor: Actor, page: () => Page): Promise<Listed<StartedUpload>> =>
      listUploads(db, actor.id, access.activeSince(), page()),

    /** The upload and its reported parts; all of them only with `listParts`. @throws ApiError `uploadNotFound`, `uploadForbidden` */
    async get(
      actor: Actor,
      id: string,
      query: () => QueryOf<Operations["getUpload"]>,
    ): Promise<{ upload: FoundUpload; reported: { count: number; parts?: PartRow[] } }> {
      const upload = await access.own(actor, id);
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
      const upload = await access.own(actor, id);
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
      const upload = await access.open(id);
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
      await access.own(actor, id);
      const reports = body().map(readReport);
      return db.transaction().execute(async (tx) => {
        await shareUpload(tx, id);
        const upload = await access.own(actor, id, tx);
        await saveReports(tx, id, matchReports(reports, (await storedParts(store, upload)) ?? new Map()));
        await touchUpload(tx, id);
        return reports;
      });
    },

    /**
     * Gives up an upload and frees its parts. Waits for reports that are under way: a client that stops has workers that
     * still send some.
     *
     * @throws ApiError `uploadNotFound`, `uploadForbidden`; `uploadAbortFailed` while it is being completed
     */
    async abort(actor: Actor, id: string): Promise<void> {
      await access.own(actor, id);
      if (!(await isUploadFree(db, id))) throw new ApiError("uploadAbortFailed");
      const upload = await db.transaction().execute(async (tx) => {
        await lockUpload(tx, id);
        const found = await access.own(actor, id, tx);
        await deleteUpload(tx, id);
        return found;
      });
      await store.removeUpload(inStore(upload));
      // A completion that was killed just before its end may have made the blob already.
      await store.remove(upload.blob_key);
    },
  };
}
