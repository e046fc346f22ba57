import type { ColumnType } from "kysely";
import type { Defaulted, Timestamp } from "../db/database.ts";

export interface AppsTable {
  id: Defaulted<string>;
  project_id: string;
  name: string;
  latest_revision: Defaulted<number>;
  copied_from: string | null;
  copied_revision: number | null;
  upstream: string | null;
  created_at: Timestamp;
  deleted_at: Timestamp | null;
}

export interface AppRevisionsTable {
  id: Defaulted<string>;
  app_id: string;
  revision: number;
  /** Text: nobody but a thread of its own parses it. */
  document: ColumnType<never, string, string>;
  document_bytes: number;
  /** These follow from the document. */
  class: ColumnType<string | null, never, never>;
  batch_input: ColumnType<unknown, never, never>;
  batch_by: ColumnType<unknown, never, never>;
  notes: string | null;
  label: string;
  words: string;
  content_hash: string;
  cwl_versions: string[];
  validation_errors: string[];
  validation_warnings: Defaulted<string[]>;
  created_by: string;
  created_at: Timestamp;
  upstream_revision: Defaulted<number | null>;
}

declare module "../db/database.ts" {
  interface Tables {
    apps: AppsTable;
    app_revisions: AppRevisionsTable;
  }
}
