import type { ColumnType } from "kysely";
import type { Defaulted, Timestamp } from "../db/database.ts";
import type { Metadata } from "../files/tables.ts";

export interface DrsImportsTable {
  /** 18 digits. */
  id: Defaulted<string>;
  user_id: string;
  state: Defaulted<"SUBMITTED" | "RESOLVING" | "RUNNING" | "FINISHED">;
  conflict_resolution: "SKIP" | "OVERWRITE" | "RENAME";
  tags: string[];
  created_at: Timestamp;
  finished_at: Timestamp | null;
}

export interface DrsImportItemsTable {
  import_id: string;
  number: number;
  drs_uri: string;
  /** `owner/short-name`. */
  project: string | null;
  /** A folder. */
  parent: string | null;
  /** As the caller wished; once the item is resolved, what it will be called. */
  name: string | null;
  metadata: ColumnType<Metadata, string, string>;
  /** What it is, once that is known. */
  kind: "blob" | "bundle" | null;
  faults: Defaulted<number>;
  fault: string | null;
  /** The file or folder that came of it. */
  result: string | null;
  /** An `ErrorKind`. */
  error: string | null;
  error_detail: string | null;
}

export interface DrsImportFilesTable {
  import_id: string;
  item: number;
  number: number;
  /** Below the item's own folder: `runs/s1`, or `""`. */
  folder: string;
  name: string;
  /** Null for a folder. */
  host: string | null;
  object_id: string | null;
  blob_key: string | null;
  /** Bytes. */
  stored_size: number | null;
  sha256: string | null;
  fetched_at: Date | null;
}

declare module "../db/database.ts" {
  interface Tables {
    drs_imports: DrsImportsTable;
    drs_import_items: DrsImportItemsTable;
    drs_import_files: DrsImportFilesTable;
  }
}
