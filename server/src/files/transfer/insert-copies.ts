import { sql } from "kysely";
import type { Tx } from "../../db/database.ts";
import { BYTES_COLUMNS } from "../aliases.ts";
import { freeNames } from "../names/free-names.ts";

/** A file to copy, and the name it shall have. */
export interface CopySource {
  id: string;
  name: string;
}

/** A folder that the transaction holds (`lockFolderShared`). */
export interface CopyTarget {
  folder: string;
  projectId: string;
}

/**
 * Copies living files into a folder: bytes are shared, metadata and tags come along, the origin does not, taken names get
 * a prefix. Answers the copies by the ids of their sources; a source that is gone meanwhile has none. A few statements
 * whatever the number.
 */
export async function copyFilesInto(
  tx: Tx,
  { folder, projectId }: CopyTarget,
  sources: readonly CopySource[],
): Promise<Map<string, CopySource>> {
  const copies = new Map<string, CopySource>();
  for (let waiting = sources; waiting.length > 0; ) {
    const names = await freeNames(
      tx,
      folder,
      waiting.map(({ name }) => name),
    );
    const { rows } = await sql<{ source: string; copy: string | null; name: string }>`
      with wanted as materialized (
        select files.*, given.new_name, new_file_id() as new_id
        from unnest(${waiting.map(({ id }) => id)}::text[], ${names}::text[]) as given (source, new_name)
        join files on files.id = given.source and files.type = 'file' and files.deleted_at is null
      ), inserted as (
        insert into files (id, project_id, parent, name, type, ${BYTES_COLUMNS}, metadata, tags)
        select new_id, ${projectId}, ${folder}, new_name, 'file', ${BYTES_COLUMNS}, metadata, tags from wanted
        on conflict (parent, name) where deleted_at is null do nothing returning id
      )
      select wanted.id as source, inserted.id as copy, wanted.new_name as name
      from wanted left join inserted on inserted.id = wanted.new_id`.execute(tx);
    for (const { source, copy, name } of rows) if (copy !== null) copies.set(source, { id: copy, name });
    // Somebody took a name since it was found free: look again.
    const refused = new Set(rows.filter(({ copy }) => copy === null).map(({ source }) => source));
    waiting = waiting.filter(({ id }) => refused.has(id));
  }
  return copies;
}
