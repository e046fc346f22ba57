import { sql } from "kysely";
import type { Sql } from "../db/database.ts";

/** What says where a file's bytes are: a copy of it has the same. */
export const BYTES_COLUMNS = sql.raw("blob_key, volume_id, location, object_etag, object_modified_at, size");

/** Whether a file that is not deleted, in a project that is not, lies on the volume. */
export async function hasAliases(db: Sql, volumeId: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from files join projects on projects.id = files.project_id and projects.deleted_at is null
    where files.volume_id = ${volumeId} and files.deleted_at is null limit 1`.execute(db);
  return rows.length > 0;
}
