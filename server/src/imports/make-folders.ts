import { sql } from "kysely";
import type { Tx } from "../db/database.ts";
import { ApiError } from "../http/errors.ts";

/** The folder that an import puts things into; the transaction holds it. */
export interface ImportTarget {
  folder: string;
  projectId: string;
}

/**
 * Finds or makes folders below one that the transaction holds, a level a statement; those that are there are held, too.
 * `paths` have those above first. Answers all of them with their ids, the first being the target, `""`.
 *
 * @throws ApiError `volumeItemExists` where a file has the name of a folder
 */
export async function makeFolders(
  tx: Tx,
  paths: readonly string[],
  { folder, projectId }: ImportTarget,
): Promise<{ paths: string[]; ids: string[] }> {
  const ids = new Map([["", folder]]);
  const levels = Map.groupBy(paths, (path) => path.split("/").length);
  for (const depth of [...levels.keys()].sort((a, b) => a - b)) {
    const level = levels.get(depth)!.map((path) => ({ path, ...split(path, ids) }));
    for (const { path, id } of await foldersAt(tx, projectId, level)) ids.set(path, id);
  }
  return { paths: [...ids.keys()], ids: [...ids.values()] };
}

function split(path: string, ids: ReadonlyMap<string, string>): { parent: string; name: string } {
  const slash = path.lastIndexOf("/");
  return { parent: ids.get(path.slice(0, Math.max(slash, 0)))!, name: path.slice(slash + 1) };
}

async function foldersAt(
  tx: Tx,
  projectId: string,
  level: readonly { path: string; parent: string; name: string }[],
): Promise<{ path: string; id: string }[]> {
  const given = sql`json_to_recordset(${JSON.stringify(level)}::json) as given (path text, parent text, name text)`;
  await sql`
    insert into files (project_id, parent, name, type)
    select ${projectId}, parent, name, 'folder' from ${given} order by parent, name
    on conflict (parent, name) where deleted_at is null do nothing`.execute(tx);
  const { rows } = await sql<{ path: string; id: string; type: "file" | "folder" }>`
    select given.path, files.id, files.type from ${given}
    join files on files.parent = given.parent and files.name = given.name and files.deleted_at is null
    order by files.id for key share of files`.execute(tx);
  const file = rows.find(({ type }) => type === "file");
  if (file) throw new ApiError("volumeItemExists", `A file has the name of the folder ${file.path}.`);
  if (rows.length < level.length) throw new ApiError("volumeJobFileGone", "A folder was deleted while it was imported into.");
  return rows;
}
