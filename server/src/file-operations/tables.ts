import type { ErrorKind } from "@causeway/contract";
import type { Defaulted, Timestamp } from "../db/database.ts";

export type FileOperationType = "COPY" | "MOVE" | "DELETE";

export interface FileOperationsTable {
  /** 17 decimal digits; of two file operations the younger one has the greater id. */
  id: Defaulted<string>;
  user_id: string;
  type: FileOperationType;
  state: Defaulted<"SUBMITTED" | "RESOLVING" | "RUNNING" | "FINISHED">;
  /** Files, folders not counted. */
  total_files: Defaulted<number>;
  completed_files: Defaulted<number>;
  failed_files: Defaulted<number>;
  /** Faults of the platform in a row while it was done, and the last in words. */
  faults: Defaulted<number>;
  fault: string | null;
  created_at: Timestamp;
  started_at: Timestamp | null;
  finished_at: Timestamp | null;
}

export interface FileOperationItemsTable {
  job_id: string;
  /** From 0, in the order given. */
  number: number;
  file: string;
  parent: string | null;
  project: string | null;
  name: string | null;
  /** Files in it when the file operation began. */
  files: Defaulted<number>;
  /** The id of what it became; this or an error, when its turn has come. */
  resource: string | null;
  error: ErrorKind | null;
  error_detail: string | null;
}

declare module "../db/database.ts" {
  interface Tables {
    file_jobs: FileOperationsTable;
    file_job_items: FileOperationItemsTable;
  }
}
