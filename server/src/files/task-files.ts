import { type BlobStore, hashBlob, newBlobKey } from "@causeway/storage";
import { sql } from "kysely";
import type { Database, Sql, Tx } from "../db/database.ts";
import { anyOf, PLAN_KEPT } from "../db/kept-plans.ts";
import type { LocalCopies } from "./local-copies.ts";
import { keepLogs } from "./log-files.ts";
import { prefixed } from "./names.ts";
import { placeFile } from "./placing.ts";
import { findChild, holdFolder, insertBlob, takenNames } from "./queries.ts";
import type { Metadata, Origin } from "./tables.ts";

/** A file or folder that a task mentions. */
export interface MentionedFile {
  id: string;
  name: string;
  type: "file" | "folder";
  parent: string | null;
  projectId: string;
  /** Whether its project can be read by everybody. */
  isPublic: boolean;
  blobKey: string | null;
  size: number | null;
  metadata: Metadata;
}

/** Bytes that are stored but that no file names yet. */
export interface StoredBytes {
  key: string;
  size: number;
  sha256: string | null;
}

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

export type TaskFiles = ReturnType<typeof createTaskFiles>;

/** What tasks need of files: their inputs' bytes, a place for their outputs and logs. */
export function createTaskFiles(db: Database, blobs: BlobStore, copies: LocalCopies) {
  return {
    /** The living files and folders of these ids, by id. */
    async find(ids: readonly string[], on: Sql = db): Promise<Map<string, MentionedFile>> {
      if (ids.length === 0) return new Map();
      const rows = await mentioned(on)
        .where(sql<boolean>`files.id = ${anyOf([...new Set(ids)], "text")}`)
        .modifyEnd(PLAN_KEPT)
        .execute();
      return new Map(rows.map((row) => [row.id, row]));
    },

    /** Which of those names there are in those folders: by folder, then by name. One query for all of them. */
    async companions(wanted: readonly { folder: string; name: string }[]): Promise<Map<string, Map<string, MentionedFile>>> {
      if (wanted.length === 0) return new Map();
      const folders = wanted.map(({ folder }) => folder);
      const names = wanted.map(({ name }) => name);
      const rows = await mentioned(db)
        .where(sql<boolean>`(files.parent, files.name) in (select * from unnest(${folders}::text[], ${names}::text[]))`)
        .execute();
      return byFolder(rows);
    },

    /** Everything in those folders and the folders in them: by folder, in the order of names. One query for all of them. */
    async contents(folders: readonly string[]): Promise<Map<string, MentionedFile[]>> {
      if (folders.length === 0) return new Map();
      const rows = await mentioned(db)
        .where(
          sql<boolean>`files.id in (
            with recursive below as (
              select id from files where parent = any(${folders}::text[]) and deleted_at is null
              union
              select files.id from files join below on files.parent = below.id where files.deleted_at is null)
            select id from below)`,
        )
        .orderBy("files.name")
        .execute();
      return new Map([...byFolder(rows)].map(([folder, content]) => [folder, [...content.values()]]));
    },

    /** A path of this machine with the bytes of a blob, for staging; never write to it. */
    pathOf: (blobKey: string): Promise<string> => copies.pathOf(blobKey),

    /** Makes a file that a job wrote a blob, without copying where that is possible. The file must not change any more. */
    async adopt(path: string): Promise<StoredBytes> {
      const key = newBlobKey();
      return { key, ...(await blobs.adopt(key, path)) };
    },

    /** See `keepLogs`. */
    keepLogs,

    /** What is stored under these keys, in no order; a key that is not known is left out. */
    async stored(keys: readonly string[]): Promise<StoredBytes[]> {
      if (keys.length === 0) return [];
      const { rows } = await sql<StoredBytes>`
        select key, size, sha256 from blobs where key = any(${keys}::text[])`.execute(db);
      return rows;
    },

    /** The SHA-256 of stored bytes. Those that came in parts are read once more for it, once. Throws `BlobMissing`. */
    async contentOf({ key, sha256: known }: StoredBytes): Promise<string> {
      if (known !== null) return known;
      const { sha256 } = await hashBlob(blobs, key);
      await sql`update blobs set sha256 = ${sha256} where key = ${key} and sha256 is null`.execute(db);
      return sha256;
    },

    /** Makes bytes known that no file names; whoever needs them must say so to the sweep of files. */
    async keepBytes(tx: Tx, bytes: readonly StoredBytes[]): Promise<void> {
      await sql`
        insert into blobs (key, size, sha256)
        select * from unnest(${bytes.map(({ key }) => key)}::text[], ${bytes.map(({ size }) => size)}::bigint[],
          ${bytes.map(({ sha256 }) => sha256)}::text[])
        on conflict do nothing`.execute(tx);
    },

    /**
     * Puts what a task made into folders below a project's root, each entry into its own; folders that are not there are
     * made. A taken name gets a prefix, and its companions the same one. The bytes must be stored by now; the rows appear
     * when the transaction commits.
     */
    async place(
      tx: Tx,
      entries: readonly (NewEntry & { folders: readonly string[] })[],
      into: { projectId: string; root: string; origin: Origin },
    ): Promise<PlacedEntry[]> {
      await holdFolder(tx, into.root);
      const known = new Map<string, string>([["", into.root]]);
      // Always in the same order, so that two tasks that make the same folders do not wait for each other.
      const paths = new Map(entries.map(({ folders }) => [folders.join("/"), folders]));
      for (const path of [...paths.keys()].sort()) await makeFolders(tx, paths.get(path)!, into, known);
      const placed: PlacedEntry[] = [];
      for (const { folders, ...entry } of entries) {
        const place = { ...into, folder: known.get(folders.join("/"))! };
        placed.push(entry.bytes ? await placeWithCompanions(tx, entry, place) : await placeFolder(tx, entry, place));
      }
      return placed;
    },
  };
}

function mentioned(on: Sql) {
  return on
    .selectFrom("files")
    .innerJoin("projects", "projects.id", "files.project_id")
    .where("files.deleted_at", "is", null)
    .where("projects.deleted_at", "is", null)
    .select([
      "files.id",
      "files.name",
      "files.type",
      "files.parent",
      "files.project_id as projectId",
      sql<boolean>`projects.category = 'PUBLIC'`.as("isPublic"),
      "files.blob_key as blobKey",
      "files.size",
      "files.metadata",
    ]);
}

/** Things by the folder that they are in and their names, which no two of a folder share. */
function byFolder(rows: readonly MentionedFile[]): Map<string, Map<string, MentionedFile>> {
  const folders = new Map<string, Map<string, MentionedFile>>();
  for (const row of rows) {
    const content = folders.get(row.parent!) ?? new Map<string, MentionedFile>();
    folders.set(row.parent!, content.set(row.name, row));
  }
  return folders;
}

interface Place {
  projectId: string;
  folder: string;
  origin: Origin;
}

/** Finds or makes folders, one in the other, and notes their ids under their paths in `known`. */
async function makeFolders(
  tx: Tx,
  folders: readonly string[],
  { projectId, root }: { projectId: string; root: string },
  known: Map<string, string>,
): Promise<void> {
  let parent = root;
  for (const [depth, name] of folders.entries()) {
    const path = folders.slice(0, depth + 1).join("/");
    parent = known.get(path) ?? (await folderNamed(tx, { projectId, parent, name }));
    known.set(path, parent);
  }
}

/** The folder of that name, made if it is not there; where a file has the name, one beside it. */
async function folderNamed(tx: Tx, folder: { projectId: string; parent: string; name: string }): Promise<string> {
  const made = await placeFile(tx, folder, "refuse");
  if (made !== undefined) return made;
  const taken = await findChild(tx, folder.parent, folder.name);
  if (taken?.type === "folder" && (await holdFolder(tx, taken.id))) return taken.id;
  return (await placeFile(tx, folder, "rename"))!;
}

async function placeWithCompanions(tx: Tx, entry: NewEntry, into: Place): Promise<PlacedEntry> {
  const companions = entry.children ?? [];
  const names = [entry.name, ...companions.map(({ name }) => name)];
  for (let prefix = 0; ; prefix++) {
    const taken = await takenNames(
      tx,
      into.folder,
      names.map((name) => prefixed(name, prefix)),
    );
    if (taken.size > 0) continue;
    const id = await placeBytes(tx, { ...entry, name: prefixed(entry.name, prefix) }, into);
    if (id === undefined) continue;
    const children: PlacedEntry[] = [];
    for (const companion of companions) {
      const named = { ...companion, name: prefixed(companion.name, prefix) };
      const [placed] = companion.bytes
        ? [{ id: (await placeBytes(tx, named, into))!, name: named.name, children: [] }]
        : [await placeFolder(tx, named, into)];
      children.push(placed!);
    }
    return { id, name: prefixed(entry.name, prefix), children };
  }
}

async function placeBytes(
  tx: Tx,
  { name, bytes, metadata }: NewEntry,
  { projectId, folder, origin }: Place,
): Promise<string | undefined> {
  await insertBlob(tx, bytes!);
  const file = {
    projectId,
    parent: folder,
    name,
    blob: { key: bytes!.key, size: bytes!.size },
    origin,
    ...(metadata ? { metadata } : {}),
  };
  return placeFile(tx, file, "refuse");
}

async function placeFolder(tx: Tx, entry: NewEntry, into: Place): Promise<PlacedEntry> {
  const id = (await placeFile(tx, { projectId: into.projectId, parent: into.folder, name: entry.name }, "rename"))!;
  const { rows } = await sql<{ name: string }>`select name from files where id = ${id}`.execute(tx);
  const children: PlacedEntry[] = [];
  for (const child of entry.children ?? []) {
    const inside = { ...into, folder: id };
    children.push(child.bytes ? await placeWithCompanions(tx, child, inside) : await placeFolder(tx, child, inside));
  }
  return { id, name: rows[0]!.name, children };
}
