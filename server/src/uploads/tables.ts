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
  /** The blob store's id of the upload. */
  store_id: string;
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

declare module "../db/database.ts" {
  interface Tables {
    uploads: UploadsTable;
    upload_parts: UploadPartsTable;
  }
}
