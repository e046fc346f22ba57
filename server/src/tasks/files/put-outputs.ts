import type { StoredBytes } from "@causeway/storage";
import { sql } from "kysely";
import type { Tx } from "../../db/database.ts";
import { insertBlobs } from "../../files/blob-rows.ts";
import { findChild, lockFolderShared } from "../../files/folder-locks.ts";
import { freePrefixes } from "../../files/names/free-names.ts";
import { prefixed } from "../../files/names/name-rules.ts";
import { placeFile } from "../../files/names/put-in-folder.ts";
import type { Metadata, Origin } from "../../files/tables.ts";

/** What a finished task leaves: files with their companions, and folders with what is in them. */
export interface NewEntry {
  name: string;
  /** None makes a folder. */
  bytes?: StoredBytes;
  metadata?: Metadata;
  /** Beside a file: companions, which keep its prefix when its name is taken. In a folder: its content. */
  children?: NewEntry[];
}

/** The ids that a `NewEntry` got, in its shape. */
export interface PlacedEntry {
  id: string;
  name: string;
  children: PlacedEntry[];
}

/** Whose outputs they are. */
export interface OutputLocation {
  projectId: string;
  /** The project's root folder. */
  root: string;
  origin: Origin;
}

/**
 * Puts what a task made into folders below a project's root, each entry into its own; folders that are not there are
 * made. A taken name gets a prefix, and its companions the same one. The bytes must be stored by now; the rows appear
 * when the transaction commits. A few statements a folder, whatever the number of entries.
 */
export async function putOutputs(
  tx: Tx,
  entries: readonly (NewEntry & { folders: readonly string[] })[],
  into: OutputLocation,
): Promise<PlacedEntry[]> {
  await lockFolderShared(tx, into.root);
  const byPath = Map.groupBy(entries, ({ folders }) => folders.join("/"));
  const ids = new Map([["", into.root]]);
  const placed = new Map<NewEntry, PlacedEntry>();
  // Always in the same order, so that two tasks that make the same folders do not wait for each other.
  for (const path of [...byPath.keys()].sort()) {
    const some = byPath.get(path)!;
    const folder = await makeFolders(tx, some[0]!.folders, into, ids);
    for (const [index, entry] of (await placeInto(tx, folder, some, into)).entries()) placed.set(some[index]!, entry);
  }
  return entries.map((entry) => placed.get(entry)!);
}

/** Finds or makes folders, one in the other, notes their ids under their paths in `known`, and answers the last one's. */
async function makeFolders(
  tx: Tx,
  folders: readonly string[],
  { projectId, root }: OutputLocation,
  known: Map<string, string>,
): Promise<string> {
  let parent = root;
  for (const [depth, name] of folders.entries()) {
    const path = folders.slice(0, depth + 1).join("/");
    parent = known.get(path) ?? (await folderNamed(tx, { projectId, parent, name }));
    known.set(path, parent);
  }
  return parent;
}

/** The folder of that name, made if it is not there; where a file has the name, one beside it. */
async function folderNamed(tx: Tx, folder: { projectId: string; parent: string; name: string }): Promise<string> {
  const made = await placeFile(tx, folder, "refuse");
  if (made !== undefined) return made;
  const taken = await findChild(tx, folder.parent, folder.name);
  if (taken?.type === "folder" && (await lockFolderShared(tx, taken.id))) return taken.id;
  return (await placeFile(tx, folder, "rename"))!;
}

/** Entries and their companions in one folder, then what is in those of them that are folders. */
async function placeInto(tx: Tx, folder: string, entries: readonly NewEntry[], into: OutputLocation): Promise<PlacedEntry[]> {
  const groups = entries.map((entry) => (entry.bytes ? [entry, ...(entry.children ?? [])] : [entry]));
  const named = await insertGroups(tx, folder, groups, into);
  const placed: PlacedEntry[] = [];
  for (const [index, group] of groups.entries()) {
    const members: PlacedEntry[] = [];
    for (const [position, entry] of group.entries()) {
      const { id, name } = named[index]![position]!;
      const content = entry.bytes ? [] : await placeInto(tx, id, entry.children ?? [], into);
      members.push({ id, name, children: content });
    }
    const [first, ...companions] = members;
    placed.push(companions.length > 0 ? { ...first!, children: companions } : first!);
  }
  return placed;
}

/** Adds rows for groups of entries whose names share one prefix; answers the id and name of each. */
async function insertGroups(
  tx: Tx,
  folder: string,
  groups: readonly (readonly NewEntry[])[],
  { projectId, origin }: OutputLocation,
): Promise<{ id: string; name: string }[][]> {
  await insertBlobs(
    tx,
    groups.flat().flatMap(({ bytes }) => bytes ?? []),
  );
  const done = new Array<{ id: string; name: string }[]>(groups.length);
  for (let waiting = [...groups.keys()]; waiting.length > 0; ) {
    const prefixes = await freePrefixes(
      tx,
      folder,
      waiting.map((index) => groups[index]!.map(({ name }) => name)),
    );
    const rows = waiting.flatMap((index, turn) =>
      groups[index]!.map((entry) => ({ ...entry, name: prefixed(entry.name, prefixes[turn]!) })),
    );
    const ids = await insertEntries(tx, rows, { projectId, folder, origin });
    const lost: string[] = [];
    waiting = waiting.filter((index, turn) => {
      const names = groups[index]!.map(({ name }) => prefixed(name, prefixes[turn]!));
      const got = names.map((name) => ({ name, id: ids.get(name)! }));
      if (names.every((name) => ids.has(name))) {
        done[index] = got;
        return false;
      }
      // Somebody took one of the names since they were found free: the others are given back, and all looked for again.
      lost.push(...got.flatMap(({ id }) => id ?? []));
      return true;
    });
    if (lost.length > 0) await sql`delete from files where id = any(${lost}::text[])`.execute(tx);
  }
  return done;
}

/** One statement for all rows; answers the ids by name, without those whose name is taken. */
async function insertEntries(
  tx: Tx,
  entries: readonly NewEntry[],
  { projectId, folder, origin }: { projectId: string; folder: string; origin: Origin },
): Promise<Map<string, string>> {
  // A file may name the same companion twice.
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const columns = [...byName.values()].map(({ name, bytes, metadata }) => ({
    name,
    type: bytes ? "file" : "folder",
    blob_key: bytes?.key ?? null,
    size: bytes?.size ?? null,
    metadata: metadata ?? {},
  }));
  const { rows } = await sql<{ id: string; name: string }>`
    insert into files (project_id, parent, name, type, blob_key, size, metadata, origin)
    select ${projectId}, ${folder}, name, type, blob_key, size, metadata,
      case when type = 'file' then ${JSON.stringify(origin)}::jsonb else '{}' end
    from jsonb_to_recordset(${JSON.stringify(columns)}::jsonb)
      as given (name text, type text, blob_key text, size bigint, metadata jsonb)
    on conflict (parent, name) where deleted_at is null do nothing returning id, name`.execute(tx);
  return new Map(rows.map(({ id, name }) => [name, id]));
}
