import { Readable } from "node:stream";
import { type BlobStore, hashBlob, newBlobKey, type StoredBytes } from "@causeway/storage";
import { sql } from "kysely";
import type { ObjectCopies, ObjectCopy } from "../../aliases/object-copies.ts";
import { BYTES_KEY, parseObjectKey } from "../../aliases/object-key.ts";
import type { Database, Sql, Tx } from "../../db/database.ts";
import { anyOf, PREPARED } from "../../db/prepared-plans.ts";
import { insertBlobs } from "../../files/blob-rows.ts";
import type { Metadata } from "../../files/tables.ts";
import type { ActorId } from "../../http/actor.ts";
import { joinProject, PROJECT_RIGHTS, type ProjectRights, permissionsOf } from "../../projects/project-rights.ts";
import type { InputCheck } from "../../scrub/input-check.ts";
import type { BlobCache } from "./blob-cache.ts";
import { keepLogs } from "./log-files.ts";
import { putOutputs } from "./put-outputs.ts";

/** A file or folder that a task mentions. */
export interface MentionedFile {
  id: string;
  name: string;
  type: "file" | "folder";
  parent: string | null;
  projectId: string;
  /** Whether its project can be read by everybody. */
  isPublic: boolean;
  /** Of a file: what its bytes are called, which lie in the platform's store or on a volume (`BYTES_KEY`). */
  bytesKey: string | null;
  /** Of a file on a volume: whether that is active. */
  isVolumeActive: boolean | null;
  size: number | null;
  metadata: Metadata;
}

export type TaskFiles = ReturnType<typeof createTaskFiles>;

export interface TaskFilesDeps {
  db: Database;
  blobs: BlobStore;
  copies: BlobCache;
  check: InputCheck;
  objects: ObjectCopies;
}

/** What tasks need of files: their inputs' bytes, a place for their outputs and logs. */
export function createTaskFiles({ db, blobs, copies, check, objects }: TaskFilesDeps) {
  return {
    /**
     * The living files and folders of these ids that the actor may read, by id. Others are as if they were not there:
     * ids come from whoever wrote a task's values.
     */
    async find(actor: ActorId, ids: readonly string[]): Promise<Map<string, MentionedFile>> {
      if (ids.length === 0) return new Map();
      const rows = await mentioned(db)
        .where(sql<boolean>`files.id = ${anyOf([...new Set(ids)], "text")}`)
        .modifyEnd(PREPARED)
        .execute();
      const places = await readableOf(db, actor, new Set(rows.map(({ projectId }) => projectId)));
      return new Map(rows.filter(({ projectId }) => places.has(projectId)).map((row) => [row.id, row]));
    },

    /** The living file or folder of the project that an id, or a path in it, names: whoever runs tasks there may read it. */
    async inProject(projectId: string, named: string): Promise<MentionedFile | undefined> {
      const ofProject = () => mentioned(db).where("files.project_id", "=", projectId);
      if (/^[0-9a-f]{24}$/.test(named)) return ofProject().where("files.id", "=", named).executeTakeFirst();
      const names = named.split("/");
      if (names.length > DEEPEST_PATH) return undefined;
      let found = await ofProject().where("files.parent", "is", null).executeTakeFirst();
      for (const name of names) {
        if (found === undefined) return undefined;
        found = await ofProject().where("files.parent", "=", found.id).where("files.name", "=", name).executeTakeFirst();
      }
      return found;
    },

    /**
     * Which of these ids are of files and folders that have gone to where the members of a project cannot read them: to
     * another project that is not public. What was deleted meanwhile is none of them.
     */
    async takenFrom(projectId: string, ids: readonly string[]): Promise<string[]> {
      if (ids.length === 0) return [];
      const rows = await mentioned(db)
        .where(sql<boolean>`files.id = ${anyOf([...new Set(ids)], "text")}`)
        .modifyEnd(PREPARED)
        .execute();
      return rows.filter((row) => row.projectId !== projectId && !row.isPublic).map(({ id }) => id);
    },

    /**
     * Which of those names there are beside files that were found: by folder, then by name. One query for all of them. Who
     * may read a file may read what is beside it.
     */
    async companions(
      wanted: readonly { beside: MentionedFile; name: string }[],
    ): Promise<Map<string, Map<string, MentionedFile>>> {
      const inFolders = wanted.filter(({ beside }) => beside.parent !== null);
      if (inFolders.length === 0) return new Map();
      const folders = inFolders.map(({ beside }) => beside.parent!);
      const names = inFolders.map(({ name }) => name);
      const rows = await mentioned(db)
        .where(sql<boolean>`(files.parent, files.name) in (select * from unnest(${folders}::text[], ${names}::text[]))`)
        .execute();
      return byFolder(rows);
    },

    /**
     * Everything in folders that were found, and in the folders in them: by folder, in the order of names. One query for all
     * of them. Who may read a folder may read what is in it.
     */
    async contents(found: readonly MentionedFile[]): Promise<Map<string, MentionedFile[]>> {
      if (found.length === 0) return new Map();
      const folders = found.map(({ id }) => id);
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

    /** A path of this machine with the bytes of a blob, as they are; never write to it. */
    pathOf: (blobKey: string): Promise<string> => copies.pathOf(blobKey),

    /** Copies of objects on volumes, by their `BYTES_KEY`. See `ObjectCopies.copyOf`. */
    async objectOf(key: string, signal?: AbortSignal): Promise<ObjectCopy> {
      const { volumeId, location } = parseObjectKey(key)!;
      const { rows } = await sql<{ etag: string | null }>`
        select object_etag as etag from files where volume_id = ${volumeId} and location = ${location}
        order by deleted_at is null desc limit 1`.execute(db);
      return objects.copyOf(key, rows[0] ?? { etag: null }, signal);
    },

    /** The same for staging: all bytes were read, and are those that were stored. @throws DamagedBytes */
    async checkedPathOf(bytes: StoredBytes, signal?: AbortSignal): Promise<string> {
      return check.pathOf({ ...bytes, sha256: await contentOf(bytes, signal) }, signal);
    },

    /**
     * Makes a file that a job wrote a blob, without copying where that is possible. The file must not change any more.
     * Rejects with the signal's reason within moments of its abort.
     */
    async adopt(path: string, signal?: AbortSignal): Promise<StoredBytes> {
      const key = newBlobKey();
      return { key, ...(await blobs.adopt(key, path, { signal })) };
    },

    /** Stores bytes that are here. */
    async put(bytes: Buffer): Promise<StoredBytes> {
      const key = newBlobKey();
      return { key, ...(await blobs.put(key, Readable.from([bytes], { objectMode: false }))) };
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
    contentOf,

    /** Makes bytes known that no file names; whoever needs them must say so to the sweep of files. */
    keepBytes: (tx: Tx, bytes: readonly StoredBytes[]): Promise<void> => insertBlobs(tx, bytes),

    /** See `placeOutputs`. */
    place: putOutputs,
  };

  async function contentOf({ key, sha256: known }: StoredBytes, signal?: AbortSignal): Promise<string> {
    if (known !== null) return known;
    const { sha256 } = await hashBlob(blobs, key, signal ? { signal } : {});
    await sql`update blobs set sha256 = ${sha256} where key = ${key} and sha256 is null`.execute(db);
    return sha256;
  }
}

/** Those of the projects that the actor may read. */
async function readableOf(on: Sql, actor: ActorId, ids: ReadonlySet<string>): Promise<Set<string>> {
  if (ids.size === 0) return new Set();
  const { rows } = await sql<ProjectRights & { id: string }>`
    select named.id, ${PROJECT_RIGHTS} from projects as named ${joinProject(sql`named.id`, actor.id)}
    where named.id = ${anyOf([...ids], "uuid")} ${PREPARED}`.execute(on);
  return new Set(rows.filter((row) => permissionsOf(row).read).map(({ id }) => id));
}

/** Folders in a path: what is deeper is named by its id. */
const DEEPEST_PATH = 64;

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
      BYTES_KEY.as("bytesKey"),
      sql<boolean | null>`(select v.active from volumes v where v.id = files.volume_id)`.as("isVolumeActive"),
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
