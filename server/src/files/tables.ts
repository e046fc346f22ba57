import type { ColumnType } from "kysely";
import type { Defaulted, Timestamp } from "../db/database.ts";

export interface BlobsTable {
  key: string;
  /** Bytes. */
  size: number;
  /** 64 hex digits; null until the sweep has read the blob. */
  sha256: string | null;
  created_at: Timestamp;
}

/** Text by key. */
export type Metadata = Record<string, string>;

/** Where a file came from; `{}` if a user brought it. */
export interface Origin {
  task?: string;
  dataset?: string;
}

export interface FilesTable {
  /** 24 hex digits. */
  id: Defaulted<string>;
  project_id: string;
  /** The folder it lies in; null for a root folder. */
  parent: string | null;
  name: string;
  type: "file" | "folder";
  /** Null for folders and for aliases, which have `volume_id` and `location` instead. */
  blob_key: string | null;
  volume_id: string | null;
  /** Of an alias: relative to the volume. */
  location: string | null;
  /** Of an alias: the object's when it was last looked at. */
  object_etag: string | null;
  object_modified_at: Date | null;
  /** Bytes; null for folders. */
  size: number | null;
  metadata: ColumnType<Metadata, string | undefined, string>;
  tags: Defaulted<string[]>;
  origin: ColumnType<Origin, string | undefined, string>;
  created_at: Timestamp;
  modified_at: Timestamp;
  deleted_at: Timestamp | null;
}

/** How many living things lie in a folder: the sum over its slots. Kept by triggers of `files`. */
export interface FolderCountsTable {
  folder: string;
  slot: number;
  things: number;
}

declare module "../db/database.ts" {
  interface Tables {
    blobs: BlobsTable;
    files: FilesTable;
    folder_counts: FolderCountsTable;
  }
}

/** The object that an alias stands for, as it was when it was last looked at. */
export interface AliasedObject {
  volumeId: string;
  /** Relative to the volume. */
  location: string;
  /** Bytes. */
  size: number;
  etag: string;
  modifiedAt: Date;
}
