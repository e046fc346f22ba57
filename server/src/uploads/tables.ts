import type { Timestamp } from "../db/database.ts";

export interface UploadsTable {
  /** 64 letters and digits. */
  id: string;
  user_id: string;
  project_id: string;
  /** The target folder. */
  parent: string;
  name: string;
  /** Bytes, as announced. */
  size: number | null;
  /** Bytes. */
  part_size: number;
  md5: string | null;
  overwrite: boolean;
  blob_key: string;
  /** The blob store's id of the upload; null when its parts are blobs of their own (`part_blobs`). */
  store_id: string | null;
  initiated_at: Timestamp;
  active_at: Timestamp;
  completed_at: Timestamp | null;
  file_id: string | null;
}

export interface UploadPartsTable {
  upload_id: string;
  number: number;
  etag: string;
  /** Bytes. */
  size: number;
}

/** The parts, sent and maybe not reported, of uploads without a `store_id`. */
export interface PartBlobsTable {
  upload_id: string;
  number: number;
  blob_key: string;
  /** Bytes. */
  size: number;
  /** 64 hex digits. */
  sha256: string;
}

declare module "../db/database.ts" {
  interface Tables {
    uploads: UploadsTable;
    upload_parts: UploadPartsTable;
    part_blobs: PartBlobsTable;
  }
}
