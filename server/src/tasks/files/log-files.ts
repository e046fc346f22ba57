import type { StoredLog } from "@causeway/agent";
import { sql } from "kysely";
import type { Tx } from "../../db/database.ts";
import { insertBlobs } from "../../files/blob-rows.ts";
import { fittingName, prefixed } from "../../files/names/name-rules.ts";

/**
 * Keeps the logs of one job of a task where no listing shows them: in a folder that hangs in no other. Their ids answer
 * like those of any file of the project. A log that has an id in `known` gets these bytes in the place of those it had.
 *
 * @returns the id of each log, by its name
 */
export async function keepLogs(
  tx: Tx,
  task: { id: string; projectId: string },
  logs: readonly StoredLog[],
  known: { readonly [name: string]: string },
): Promise<{ [name: string]: string }> {
  if (logs.length === 0) return { ...known };
  await insertBlobs(
    tx,
    logs.map(({ bytes }) => bytes),
  );
  const [old, fresh] = [logs.filter(({ name }) => name in known), logs.filter(({ name }) => !(name in known))];
  if (old.length > 0)
    await sql`
      update files set blob_key = given.key, size = given.size, modified_at = now()
      from unnest(${old.map(({ name }) => known[name]!)}::text[], ${old.map(({ bytes }) => bytes.key)}::text[],
        ${old.map(({ bytes }) => bytes.size)}::bigint[]) as given (id, key, size)
      where files.id = given.id`.execute(tx);
  return fresh.length > 0 ? { ...known, ...(await insertLogs(tx, task, fresh)) } : { ...known };
}

/** Adds files for logs, in a folder of their own; answers the id of each by its name. Those that have ids get these. */
export async function insertLogs(
  tx: Tx,
  task: { id: string; projectId: string },
  logs: readonly (StoredLog & { id?: string })[],
): Promise<{ [name: string]: string }> {
  const names = new Map<string, StoredLog & { id?: string }>();
  for (const log of logs) names.set(freeAmong(names, fittingName(log.name, "file")), log);
  const given = [...names].map(([name, { id = null, bytes }]) => ({ id, name, key: bytes.key, size: bytes.size }));
  const { rows } = await sql<{ id: string; name: string }>`
    with folder as (
      insert into files (project_id, parent, name, type)
      values (${task.projectId}, null, ${`logs of task ${task.id}`}, 'folder') returning id)
    insert into files (id, project_id, parent, name, type, blob_key, size, origin)
    select coalesce(given.id, new_file_id()), ${task.projectId}, folder.id, given.name, 'file', given.key, given.size,
      ${JSON.stringify({ task: task.id })}::jsonb
    from folder, json_to_recordset(${JSON.stringify(given)}::json) as given (id text, name text, key text, size bigint)
    returning id, name`.execute(tx);
  return Object.fromEntries(rows.map(({ id, name }) => [names.get(name)!.name, id]));
}

/** What lies in one folder has different names. */
function freeAmong(taken: ReadonlyMap<string, unknown>, name: string): string {
  let attempt = 0;
  while (taken.has(prefixed(name, attempt))) attempt++;
  return prefixed(name, attempt);
}
