import { sql } from "kysely";
import type { Tx } from "../db/database.ts";
import { ApiError } from "../http/errors.ts";
import { SETTINGS } from "../settings.ts";
import type { ImportRow } from "./queries.ts";

/** The folder that an import puts things into; the transaction holds it. */
export interface ImportTarget {
  folder: string;
  projectId: string;
}

/**
 * Finds or makes the folders of what was listed for a job, a level a statement; those that are there are held, too. They
 * are in the temporary table `import_folders (path, depth, id)` until the transaction ends, by their paths below the target,
 * which itself is `''`: a few objects can lie in millions of folders, which are not for this process to hold.
 *
 * @throws ApiError `volumeItemExists` where a file has the name of a folder; `volumeRequestInvalid` for more than `atMost`
 */
export async function makeFolders(tx: Tx, job: ImportRow, target: ImportTarget, atMost: number): Promise<void> {
  await sql`create temporary table import_folders (
    path text collate "C" primary key, above text collate "C" not null, name text collate "C" not null,
    depth int not null, id text collate "C"
  ) on commit drop`.execute(tx);
  await sql`insert into import_folders (path, above, name, depth, id) values ('', '', '', 0, ${target.folder})`.execute(tx);
  if (job.preserve_folder_structure === false) return;
  await namePaths(tx, job, atMost);
  await sql`create index on import_folders (depth)`.execute(tx);
  // Of a temporary table nothing is known otherwise.
  await sql`analyze import_folders`.execute(tx);
  const { rows } = await sql<{ depth: number }>`select max(depth) as depth from import_folders`.execute(tx);
  for (let depth = 1; depth <= rows[0]!.depth; depth += 1) await makeLevel(tx, target, depth);
}

/** The path of the import's own folder, and those of all folders on the way to its objects. */
async function namePaths(tx: Tx, { id, name }: ImportRow, atMost: number): Promise<void> {
  // No more than one too many of them: a limit ends the recursion.
  const { numAffectedRows: count = 0n } = await sql`
    with recursive paths (path) as (
      select distinct case folder when '' then ${name} else ${name} || '/' || folder end from import_objects where import_id = ${id}
      union
      select left(path, -strpos(reverse(path), '/')) from paths where strpos(path, '/') > 0
    ), needed (path) as (select path from paths limit ${atMost + 1})
    insert into import_folders (path, above, name, depth)
    select path, left(path, -strpos(reverse(path), '/')),
      case strpos(path, '/') when 0 then path else right(path, strpos(reverse(path), '/') - 1) end,
      length(path) - length(replace(path, '/', '')) + 1
    from needed`.execute(tx);
  if (count > atMost)
    throw new ApiError(
      "volumeRequestInvalid",
      `The folder has more than ${atMost} folders: ${SETTINGS.importObjects.variable} says how many one import may have.`,
    );
}

async function makeLevel(tx: Tx, { projectId }: ImportTarget, depth: number): Promise<void> {
  const level = sql`(
    select given.path, above.id as parent, given.name from import_folders given
    join import_folders above on above.path = given.above where given.depth = ${depth}) as given`;
  await sql`
    insert into files (project_id, parent, name, type)
    select ${projectId}, parent, name, 'folder' from ${level} order by parent, name
    on conflict (parent, name) where deleted_at is null do nothing`.execute(tx);
  await sql`
    update import_folders set id = held.id from (
      select given.path, files.id from ${level}
      join files on files.parent = given.parent and files.name = given.name and files.deleted_at is null and files.type = 'folder'
      order by files.id for key share of files
    ) as held where held.path = import_folders.path`.execute(tx);
  const { rows } = await sql<{ path: string; isFile: boolean }>`
    select path, exists (select from files
      where files.parent = given.parent and files.name = given.name and files.deleted_at is null) as "isFile"
    from ${level} where exists (select from import_folders f where f.path = given.path and f.id is null)
    order by path limit 1`.execute(tx);
  const missing = rows[0];
  if (missing?.isFile) throw new ApiError("volumeItemExists", `A file has the name of the folder ${missing.path}.`);
  if (missing) throw new ApiError("volumeJobFileGone", "A folder was deleted while it was imported into.");
}
