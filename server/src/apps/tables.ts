import type { ColumnType } from "kysely";
import type { Defaulted, Timestamp } from "../db/database.ts";
import type { CwlObject } from "./document.ts";

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
  document: ColumnType<CwlObject, string, string>;
  notes: string | null;
  label: string;
  words: string;
  content_hash: string;
  cwl_versions: string[];
  validation_errors: string[];
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
