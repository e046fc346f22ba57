import type { Timestamp } from "../db/database.ts";

export interface DivisionsTable {
  id: string;
  name: string;
  created_at: Timestamp;
}

declare module "../db/database.ts" {
  interface Tables {
    divisions: DivisionsTable;
  }
}
