import type { ColumnType } from "kysely";
import type { Defaulted, Timestamp } from "../db/database.ts";
import type { ShownService } from "./services/service-shape.ts";

export interface VolumesTable {
  id: Defaulted<string>;
  owner: string;
  division_id: string | null;
  created_by: string;
  name: string;
  description: string | null;
  access_mode: "RO" | "RW";
  /** Nothing of it is secret. */
  service: ColumnType<ShownService, string, string>;
  /** Sealed by `SecretBox`. */
  secrets: Buffer | null;
  active: Defaulted<boolean>;
  revision: Defaulted<number>;
  created_at: Timestamp;
  modified_at: Timestamp;
  deleted_at: Timestamp | null;
}

/** One of `user_id`, `team_id` and `division_id` is set. */
export interface VolumeMembersTable {
  volume_id: string;
  user_id: string | null;
  team_id: string | null;
  division_id: string | null;
  read: boolean;
  copy: boolean;
  write: boolean;
  admin: boolean;
  added_at: Timestamp;
}

interface VolumeJobColumns {
  /** 32 hex digits. */
  id: Defaulted<string>;
  user_id: string;
  state: Defaulted<"PENDING" | "RUNNING" | "COMPLETED" | "FAILED">;
  volume_id: string;
  /** `owner/name`. */
  volume: string;
  location: string;
  overwrite: boolean;
  /** An `ErrorKind`. */
  error: string | null;
  error_detail: string | null;
  /** Faults in a row while it was done, and the last in words. */
  faults: Defaulted<number>;
  fault: string | null;
  created_at: Timestamp;
  finished_at: Timestamp | null;
}

export interface ImportsTable extends VolumeJobColumns {
  project_id: string;
  parent: string | null;
  name: string;
  autorename: boolean;
  preserve_folder_structure: boolean | null;
  listed_until: string | null;
  /** Whether all objects of the folder are in `import_objects`. */
  listed: Defaulted<boolean>;
  result: string | null;
}

export interface ImportObjectsTable {
  import_id: string;
  location: string;
  size: number;
  etag: string;
  modified_at: Date;
  /** Below the import's own folder: `runs/s1`, or `""`. */
  folder: string;
  /** `""` of an object that stands for the folder. */
  name: string;
}

export interface ExportsTable extends VolumeJobColumns {
  file_id: string;
  copy_only: boolean;
  properties: ColumnType<Record<string, unknown>, string, string>;
  upload: Buffer | null;
  /** The bytes, since the job began. */
  blob_key: string | null;
  /** Whether something may have been written. */
  writing: Defaulted<boolean>;
  /** Of the object that was written and verified. */
  written_etag: string | null;
  written_at: Date | null;
}

export interface ExportPartsTable {
  export_id: string;
  number: number;
  etag: string;
  /** Whether the service said of its bytes that they are those that were sent. */
  verified: boolean;
}

declare module "../db/database.ts" {
  interface Tables {
    volumes: VolumesTable;
    volume_members: VolumeMembersTable;
    imports: ImportsTable;
    import_objects: ImportObjectsTable;
    exports: ExportsTable;
    export_parts: ExportPartsTable;
  }
}
