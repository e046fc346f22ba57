import type { Defaulted, Timestamp } from "../db/database.ts";

export interface MarkersTable {
  id: Defaulted<string>;
  file_id: string;
  name: string;
  chromosome: string;
  /** First and last base, counted from 1. */
  starts_at: number;
  ends_at: number;
  /** Only its creator sees it. */
  private: boolean;
  created_by: string;
  created_at: Timestamp;
}

declare module "../db/database.ts" {
  interface Tables {
    markers: MarkersTable;
  }
}
