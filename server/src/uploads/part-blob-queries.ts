import { sql } from "kysely";
import type { Sql, Tx } from "../db/database.ts";
import { anyOf, PREPARED } from "../db/prepared-plans.ts";
import type { PartBlob } from "./queries.ts";

export type NewPartBlob = PartBlob & { uploadId: string };

/**
 * Notes blobs that are parts. Answers for each the key of the blob that was this part before, if any; undefined when its
 * upload is gone or completed.
 */
export async function insertPartBlobs(
  db: Sql,
  parts: readonly NewPartBlob[],
): Promise<({ replaced: string | null } | undefined)[]> {
  const { rows } = await sql<{ key: string; replaced: string | null }>`
    with given as (
      select * from json_to_recordset(${JSON.stringify(parts)}::json)
        as given ("uploadId" text, number integer, key text, size bigint, sha256 text)
    ), locked as materialized (
      -- Waits for a completion: after it the upload is none of these, and what is read below as replaced is a file's bytes.
      select id from uploads where id in (select "uploadId" from given) and completed_at is null order by id for key share
    ), before as (
      select upload_id, part_blobs.number, blob_key from part_blobs
      join given on upload_id = "uploadId" and part_blobs.number = given.number
    ), noted as (
      insert into part_blobs (upload_id, number, blob_key, size, sha256)
      select "uploadId", number, key, given.size, sha256 from given join locked on locked.id = "uploadId"
      order by "uploadId", number
      on conflict (upload_id, number) do update set
        blob_key = excluded.blob_key, size = excluded.size, sha256 = excluded.sha256
      returning upload_id, number, blob_key
    )
    select noted.blob_key as key, before.blob_key as replaced from noted left join before using (upload_id, number)
    ${PREPARED}`.execute(db);
  const byKey = new Map(rows.map((row) => [row.key, row]));
  return parts.map(({ key }) => byKey.get(key));
}

export async function listPartBlobs(db: Sql, uploadId: string): Promise<PartBlob[]> {
  const { rows } = await sql<PartBlob>`
    select number, blob_key as key, size, sha256 from part_blobs where upload_id = ${uploadId} ${PREPARED}`.execute(db);
  return rows;
}

/** Takes uploads for their completion: the others wait. Answers which file each became already; those that are gone are left out. */
export async function lockUploads(tx: Tx, ids: readonly string[]): Promise<Map<string, string | null>> {
  const { rows } = await sql<{ id: string; file_id: string | null }>`
    select id, file_id from uploads where id = ${anyOf(ids, "text")} order by id for update ${PREPARED}`.execute(tx);
  return new Map(rows.map(({ id, file_id }) => [id, file_id]));
}

/** The keys of all blobs that are parts of these uploads. */
export async function partKeysOf(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ key: string }>`
    select blob_key as key from part_blobs where upload_id = ${anyOf(ids, "text")} ${PREPARED}`.execute(tx);
  return new Set(rows.map(({ key }) => key));
}

/** Notes which files uploads became, and forgets their parts: answers the blobs that those were. */
export async function markUploadsCompleted(
  tx: Tx,
  completed: readonly { id: string; file: string }[],
): Promise<{ uploadId: string; key: string }[]> {
  if (completed.length === 0) return [];
  const ids = completed.map(({ id }) => id);
  const files = completed.map(({ file }) => file);
  const { rows } = await sql<{ uploadId: string; key: string }>`
    with done as (
      update uploads set completed_at = now(), file_id = file
      from unnest(${ids}::text[], ${files}::text[]) as completed (upload, file) where id = upload returning id
    ), reports as (
      delete from upload_parts where upload_id in (select id from done)
    )
    delete from part_blobs where upload_id in (select id from done)
    returning upload_id as "uploadId", blob_key as key ${PREPARED}`.execute(tx);
  return rows;
}

/** Removes an upload that is going on, with its parts; answers the keys of their blobs, or undefined when there is none. */
export async function deleteWithBlobs(db: Sql, id: string): Promise<string[] | undefined> {
  const { rows } = await sql<{ keys: string[] }>`
    with gone as (delete from uploads where id = ${id} and completed_at is null returning id)
    select array(select blob_key from part_blobs where upload_id = gone.id) as keys from gone`.execute(db);
  return rows[0]?.keys;
}
