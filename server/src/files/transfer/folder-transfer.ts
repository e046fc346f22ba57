import { sql } from "kysely";
import type { Tx } from "../../db/database.ts";
import { freeNames } from "../names/free-names.ts";
import type { CopySource, CopyTarget } from "./insert-copies.ts";

/** How the files of a folder get into another one: as copies, or themselves. Each answers how many. */
export interface TransferMode {
  /** Into folders that this transaction made: no name is taken there. */
  intoNew(pairs: readonly FolderPair[], projectId: string): Promise<number>;
  /** Into a folder that has things already: taken names get a prefix. */
  intoMerged(target: CopyTarget, files: readonly CopySource[]): Promise<number>;
  /** What becomes of folders before their content is transferred, and after. */
  before(folders: readonly string[]): Promise<void>;
  after(folders: readonly string[]): Promise<void>;
}

/** One folder whose content goes into another. */
export interface FolderPair {
  source: string;
  target: string;
  /** Whether the target was there before. */
  merged: boolean;
}

/** Names of a merged folder that are looked at together. */
const CHUNK = 5000;

/**
 * Transfers a folder with all below it into `target`, under `name`. Folders of the same name are merged, at every level; a
 * folder whose name a file has gets a prefix. A level at a time, in a few statements however wide it is. Answers the id of
 * the folder it became and how many files were transferred.
 */
export async function transferFolder(
  tx: Tx,
  source: CopySource,
  target: CopyTarget,
  mode: TransferMode,
): Promise<{ id: string; files: number }> {
  const { projectId } = target;
  const [top] = await folderPairs(tx, projectId, [{ source: source.id, name: source.name, target: target.folder, merged: true }]);
  let files = 0;
  for (let level: readonly FolderPair[] = [top!]; level.length > 0; ) {
    const sources = level.map((pair) => pair.source);
    await mode.before(sources);
    files += await mode.intoNew(
      level.filter(({ merged }) => !merged),
      projectId,
    );
    for (const pair of level) if (pair.merged) files += await transferMerged(tx, pair, projectId, mode);
    const below = await subfolders(tx, level);
    // Before folders are looked for: what was moved away is not there to be merged with.
    await mode.after(sources);
    level = await folderPairs(tx, projectId, below);
  }
  return { id: top!.target, files };
}

async function transferMerged(tx: Tx, { source, target }: FolderPair, projectId: string, mode: TransferMode): Promise<number> {
  let transferred = 0;
  for (let after = ""; ; ) {
    const { rows } = await sql<CopySource>`
      select id, name from files
      where parent = ${source} and type = 'file' and deleted_at is null and name > ${after} order by name limit ${CHUNK}`.execute(
      tx,
    );
    if (rows.length === 0) return transferred;
    after = rows.at(-1)!.name;
    transferred += await mode.intoMerged({ folder: target, projectId }, rows);
  }
}

/** A folder to be transferred: `target` is the folder that will hold it. */
interface Wanted extends FolderPair {
  name: string;
}

async function subfolders(tx: Tx, level: readonly FolderPair[]): Promise<Wanted[]> {
  const { rows } = await sql<Wanted>`
    select files.id as source, files.name, pair.target, pair.merged
    from ${folderPairRows(level)} join files on files.parent = pair.source
    where files.type = 'folder' and files.deleted_at is null order by files.name`.execute(tx);
  return rows;
}

/** Finds or makes the folder that each becomes. */
async function folderPairs(tx: Tx, projectId: string, wanted: readonly Wanted[]): Promise<FolderPair[]> {
  const existing = await existingFolders(tx, wanted);
  const pairs: FolderPair[] = [];
  const toMake: Wanted[] = [];
  for (const folder of wanted) {
    const id = existing.get(`${folder.target}/${folder.name}`);
    if (id === undefined) toMake.push(folder);
    else pairs.push({ source: folder.source, target: id, merged: true });
  }
  return [...pairs, ...(await makeFolders(tx, projectId, toMake))];
}

/** The folders that are there already, held, by `target/name`. */
async function existingFolders(tx: Tx, wanted: readonly Wanted[]): Promise<Map<string, string>> {
  const merged = wanted.filter((folder) => folder.merged);
  if (merged.length === 0) return new Map();
  const { rows } = await sql<{ id: string; parent: string; name: string }>`
    select files.id, files.parent, files.name
    from unnest(${merged.map(({ target }) => target)}::text[], ${merged.map(({ name }) => name)}::text[]) as wanted (target, name)
    join files on files.parent = wanted.target and files.name = wanted.name and files.type = 'folder' and files.deleted_at is null
    order by files.id for key share of files`.execute(tx);
  return new Map(rows.map(({ id, parent, name }) => [`${parent}/${name}`, id]));
}

async function makeFolders(tx: Tx, projectId: string, wanted: readonly Wanted[]): Promise<FolderPair[]> {
  if (wanted.length === 0) return [];
  const names = await namesToMake(tx, wanted);
  const { rows } = await sql<{ source: string; target: string }>`
    with wanted as materialized (
      select *, new_file_id() as id from unnest(
        ${wanted.map(({ source }) => source)}::text[], ${wanted.map(({ target }) => target)}::text[], ${names}::text[]
      ) as given (source, parent, name)
    ), made as (
      insert into files (id, project_id, parent, name, type) select id, ${projectId}, parent, name, 'folder' from wanted
    )
    select source, id as target from wanted`.execute(tx);
  return rows.map((row) => ({ ...row, merged: false }));
}

/** Where things are already, a file may have the name. */
async function namesToMake(tx: Tx, wanted: readonly Wanted[]): Promise<string[]> {
  const names = wanted.map(({ name }) => name);
  const merged = Map.groupBy(
    wanted.map((folder, index) => ({ ...folder, index })).filter((folder) => folder.merged),
    ({ target }) => target,
  );
  for (const [target, folders] of merged) {
    const free = await freeNames(
      tx,
      target,
      folders.map(({ name }) => name),
    );
    for (const [position, { index }] of folders.entries()) names[index] = free[position]!;
  }
  return names;
}

/** `pair (source, target, merged)` for a `from`. */
export const folderPairRows = (pairs: readonly FolderPair[]) => sql`
  unnest(${pairs.map(({ source }) => source)}::text[], ${pairs.map(({ target }) => target)}::text[],
    ${pairs.map(({ merged }) => merged)}::boolean[]) as pair (source, target, merged)`;
