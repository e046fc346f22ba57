import { sql } from "kysely";
import type { Tx } from "../db/database.ts";
import { ApiError } from "../http/errors.ts";
import { type Placing, placeUnderFreeNames, type Refused } from "./free-object-names.ts";
import { type ImportTarget, makeFolders } from "./make-folders.ts";
import type { ImportRow } from "./queries.ts";

/**
 * Makes files of all objects that were listed for a job, and the folders they are in: a statement a level for the folders
 * and one for the files. Folders that are there are merged into. Answers the id of the folder that the job's user sees as
 * its result.
 *
 * Without a flag the first taken name ends it; with `overwrite` the file that was there gives way, a folder never does.
 * Two objects that get the same name are a conflict, unless `autorename` tells them apart.
 *
 * @param foldersAtMost folders that may be made or found
 * @throws ApiError `volumeItemExists`: nothing may stay of the transaction then; as `makeFolders`
 */
export async function placeFolder(tx: Tx, job: ImportRow, target: ImportTarget, foldersAtMost: number): Promise<string> {
  await makeFolders(tx, job, target, foldersAtMost);
  const isFlat = job.preserve_folder_structure === false;
  const into = { job, projectId: target.projectId, isFlat };
  if (job.overwrite) await removeTaken(tx, into);
  const refused = await insertAll(tx, into);
  if (refused.length > 0) {
    if (job.overwrite || !job.autorename) throw new ApiError("volumeItemExists", namedIn(refused));
    await placeUnderFreeNames(tx, into, refused);
  }
  return isFlat ? target.folder : folderOf(tx, job.name);
}

async function folderOf(tx: Tx, path: string): Promise<string> {
  const { rows } = await sql<{ id: string }>`select id from import_folders where path = ${path}`.execute(tx);
  return rows[0]!.id;
}

/** `given (location, size, etag, modified_at, name, parent)` for a `from`: what is to be a file, and in which folder. */
const placedObjects = ({ job, isFlat }: Placing) => sql`(
  select o.location, o.size, o.etag, o.modified_at, o.name, folder.id as parent, o.folder
  from import_objects o
  join import_folders folder on folder.path = ${
    isFlat ? sql`''` : sql`case o.folder when '' then ${job.name} else ${job.name} || '/' || o.folder end`
  }
  where o.import_id = ${job.id} and o.name <> '') as given`;

/** Removes the files whose names are taken by what comes. */
async function removeTaken(tx: Tx, placing: Placing): Promise<void> {
  await sql`
    update files set deleted_at = now() from ${placedObjects(placing)}
    where files.parent = given.parent and files.name = given.name and files.type = 'file' and files.deleted_at is null`.execute(
    tx,
  );
}

/** Adds every object under its name that is free; answers the others, in the order of their locations. */
async function insertAll(tx: Tx, placing: Placing): Promise<Refused[]> {
  const { job, projectId } = placing;
  const { rows } = await sql<Refused>`
    with added as (
      insert into files (project_id, parent, name, type, volume_id, location, object_etag, object_modified_at, size)
      select ${projectId}, parent, name, 'file', ${job.volume_id}, location, etag, modified_at, size
      from ${placedObjects(placing)} order by parent, name, location
      on conflict (parent, name) where deleted_at is null do nothing returning location
    )
    select given.location, given.parent as folder, given.name from ${placedObjects(placing)}
    where not exists (select from added where added.location = given.location)
    order by given.location`.execute(tx);
  return rows;
}

function namedIn(refused: readonly Refused[]): string {
  const more = refused.length > 1 ? `, and ${refused.length - 1} more` : "";
  return `${refused[0]!.location} has no room under the name ${refused[0]!.name}${more}.`;
}
