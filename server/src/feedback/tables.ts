import type { Defaulted, Timestamp } from "../db/database.ts";

export interface FeedbackTable {
  id: Defaulted<number>;
  user_id: string;
  kind: "idea" | "thought" | "problem";
  text: string;
  referrer: string | null;
  sent_at: Timestamp;
}

declare module "../db/database.ts" {
  interface Tables {
    feedback: FeedbackTable;
  }
}
