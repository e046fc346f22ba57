import type { Readable } from "node:stream";
import type { BodyOf, Operations, Page, QueryOf } from "@causeway/contract";
import { type BlobStore, type StoredPart, UploadMissing } from "@causeway/storage";
import { type Database, isOrphan } from "../db/database.ts";
import type { FileAccess } from "../files/access.ts";
import type { Actor } from "../http/actor.ts";
import type { Listed } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import { createUploadAccess } from "./access.ts";
import { createUploadCompletion } from "./completing.ts";
import type { CompletionDeps } from "./completion-rules.ts";
import { deleteWithBlobs } from "./part-blob-queries.ts";
import { createPartBlobs, hasPartBlobs } from "./part-blobs.ts";
import { matchReports, type ReportedPart, readReport } from "./parts.ts";
import { createPartsInStore, inStore } from "./parts-in-store.ts";
import {
  countReports,
  deleteUpload,
  type FoundUpload,
  listReports,
  listUploads,
  lockUpload,
  lockUploadShared,
  type PartRow,
  saveReports,
  touchUpload,
  type UploadRow,
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

export interface UploadDeps {
  db: Database;
  store: BlobStore;
  fileAccess: FileAccess;
  features: CompletionDeps;
  signPart: SignPart;
}

export function createUploadService({ db, store, fileAccess, features, signPart }: UploadDeps, settings: UploadSettings) {
  const access = createUploadAccess(db, settings);
  const [inStoreParts, partBlobs] = [createPartsInStore(store), createPartBlobs(db, store)];
  const partsOf = (upload: UploadRow) => (hasPartBlobs(upload) ? partBlobs : inStoreParts);

  return {
    start: createUploadStart({ db, store, access, fileAccess }),
    complete: createUploadCompletion({ db, store, access, features }),

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
     * @throws ApiError `uploadNotFound`, `uploadForbidden`; `uploadFileForbidden` when the actor may not write to the
     * project any more; `uploadPartReserveFailed` while the upload is being completed
     */
    async partLink(actor: Actor, id: string, number: number): Promise<{ url: string; expires: Date }> {
      const upload = await access.ownWritable(actor, id);
      if (!upload.is_free) throw new ApiError("uploadPartReserveFailed");
      await touchUpload(db, upload);
      const expires = new Date(Date.now() + settings.partLinkMs);
      const signed = hasPartBlobs(upload)
        ? undefined
        : await store.signPartUrl?.(inStore(upload), number, settings.partLinkMs / 1000);
      return { url: signed?.href ?? signPart(id, number, expires), expires };
    },

    /** The address of the first part of an upload that needs no other; undefined of one that takes parts in the store. */
    onlyPartLink: (upload: UploadRow): string | undefined =>
      hasPartBlobs(upload) ? signPart(upload.id, 1, new Date(Date.now() + settings.partLinkMs)) : undefined,

    /**
     * Stores the bytes of a part, sent to its address: whoever has that needs no permission but that of the user who
     * started the upload. `length` is that of the whole body, where it is known.
     *
     * @throws ApiError `uploadNotFound`, `uploadFileForbidden`; errors of the blob store
     */
    async writePart(id: string, number: number, bytes: Readable, length: number | undefined): Promise<StoredPart> {
      const upload = await access.writable(id);
      try {
        const part = await partsOf(upload).write(upload, number, bytes, length);
        await touchUpload(db, upload);
        return part;
      } catch (error) {
        throw error instanceof UploadMissing ? new ApiError("uploadNotFound", undefined, { cause: error }) : error;
      }
    },

    /**
     * Notes that parts were sent: all of the reports or none. Reporting again is fine, the last report of a part stands.
     *
     * @throws ApiError `uploadNotFound`, `uploadForbidden`, `uploadFileForbidden`, `uploadPartReportInvalid`
     */
    async report(
      actor: Actor,
      id: string,
      body: () => readonly BodyOf<Operations["reportUploadPart"]>[],
    ): Promise<ReportedPart[]> {
      const found = await access.ownWritable(actor, id);
      const reports = body().map(readReport);
      if (hasPartBlobs(found)) {
        const stored = await partBlobs.stored(found);
        await saveReports(db, id, matchReports(reports, stored ?? new Map())).catch((error: unknown) => {
          throw isOrphan(error, "upload_parts_upload_id_fkey") ? new ApiError("uploadNotFound") : error;
        });
        await touchUpload(db, found);
        return reports;
      }
      return db.transaction().execute(async (tx) => {
        await lockUploadShared(tx, id);
        const upload = await access.ownWritable(actor, id, tx);
        await saveReports(tx, id, matchReports(reports, (await inStoreParts.stored(upload)) ?? new Map()));
        await touchUpload(tx, upload);
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
      const found = await access.own(actor, id);
      if (hasPartBlobs(found)) {
        const keys = await deleteWithBlobs(db, id);
        if (!keys) throw new ApiError("uploadNotFound");
        for (const key of keys) await store.remove(key);
        return;
      }
      if (!found.is_free) throw new ApiError("uploadAbortFailed");
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
