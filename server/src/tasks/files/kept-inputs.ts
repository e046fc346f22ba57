import { sql } from "kysely";
import type { Database } from "../../db/database.ts";

/**
 * Answers which of these blobs are inputs of tasks that have not ended: a file that is exported meanwhile lies on a volume,
 * and no file may have its bytes in the platform's store any more. A `KeepsBlobs` of the sweep.
 */
export const createInputKeeper =
  (db: Database) =>
  async (keys: readonly string[]): Promise<string[]> => {
    const { rows } = await sql<{ blob: string }>`
      select distinct input ->> 'blob' as blob from tasks, json_array_elements(engine_inputs::json -> 'ids') as input
      where status in ('CREATING', 'QUEUED', 'RUNNING', 'ABORTING') and engine_inputs is not null and input ->> 'blob' = any(${keys}::text[])`.execute(
      db,
    );
    return rows.map(({ blob }) => blob);
  };
