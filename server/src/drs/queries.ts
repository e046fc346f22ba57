import { sql } from "kysely";
import type { Database } from "../db/database.ts";

/** What is known of the bytes of a file. */
export interface Bytes {
  /** Of the blob; null for an alias, and until somebody has read a blob of many parts. */
  sha256: string | null;
  blob_key: string | null;
  /** Of an alias. */
  object_etag: string | null;
}

/** A file or folder somewhere below a folder. */
export interface Member extends Bytes {
  id: string;
  parent: string;
  name: string;
  type: "file" | "folder";
  /** Bytes; null for folders. */
  size: number | null;
  /** 1 for what lies in the folder itself. */
  depth: number;
}

/** What a file's `DrsObject` says beside the file itself. */
export interface FileFacts {
  sha256: string | null;
  /** Whether the volume of an alias is active; true for other files. */
  active: boolean;
}

/** Everything living at any depth of a folder, in no order, but no more than `atMost`. */
export async function listMembers(db: Database, folder: string, atMost: number): Promise<Member[]> {
  const { rows } = await sql<Member>`
    with recursive tree as (
      select id, 1 as depth from files where parent = ${folder} and deleted_at is null
      union all
      select files.id, depth + 1 from tree join files on files.parent = tree.id and files.deleted_at is null
    ), taken as materialized (select * from tree limit ${atMost})
    select files.id, parent, name, type, files.size, blob_key, object_etag, depth, sha256
    from taken join files using (id) left join blobs on blobs.key = blob_key`.execute(db);
  return rows;
}

/** The facts of these files, by id. */
export async function findFacts(db: Database, ids: readonly string[]): Promise<Map<string, FileFacts>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<FileFacts & { id: string }>`
    select files.id, sha256, coalesce(volumes.active, true) as active from files
    left join blobs on blobs.key = files.blob_key left join volumes on volumes.id = files.volume_id
    where files.id = any(${[...ids]}::text[])`.execute(db);
  return new Map(rows.map(({ id, ...facts }) => [id, facts]));
}
