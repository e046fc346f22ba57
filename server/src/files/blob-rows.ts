import type { StoredBytes } from "@causeway/storage";
import { sql } from "kysely";
import type { Sql } from "../db/database.ts";
import { PREPARED } from "../db/prepared-plans.ts";

/** Says that these bytes are stored. Saying it again is fine. */
export async function insertBlobs(db: Sql, bytes: readonly StoredBytes[]): Promise<void> {
  await sql`
    insert into blobs (key, size, sha256)
    select * from unnest(${bytes.map(({ key }) => key)}::text[], ${bytes.map(({ size }) => size)}::bigint[],
      ${bytes.map(({ sha256 }) => sha256)}::text[])
    on conflict do nothing ${PREPARED}`.execute(db);
}
