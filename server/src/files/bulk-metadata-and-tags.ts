import pg from "pg";
import { type Database, type Tx, violates } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import { MENTIONED, type SeenFile, seenFile } from "./access.ts";
import { type ChangeGiven, changeOf, type FileChange, isEmptyChange, refuseChange } from "./changes.ts";
import type { File, FileReading } from "./get-and-list.ts";
import { findFiles, findNamed, type LockedFile, lockFiles, updateFiles } from "./queries.ts";

/** A file's id, well-formed, and what becomes of it. */
export interface ManyChange {
  id: string;
  given: ChangeGiven;
}

export interface ManyOptions {
  mergeMetadata: boolean;
}

export interface DescribingManyDeps {
  db: Database;
  reading: FileReading;
  metadataIsClosed: () => boolean;
  updateOne: (actor: Actor, change: ManyChange, options: ManyOptions) => Promise<File>;
}

/**
 * Changes of many files at once: the same as one after the other, each wholly or not at all and answered by itself, in a
 * handful of statements.
 */
export function createDescribingMany({ db, reading, metadataIsClosed, updateOne }: DescribingManyDeps) {
  /**
   * Answers what each file is then, or why it was not changed, in the order given. What can only be told one after the
   * other is done so: a file that is named twice, and names that somebody takes at this moment.
   */
  return async (actor: Actor, changes: readonly ManyChange[], options: ManyOptions): Promise<(File | ApiError)[]> => {
    if (new Set(changes.map(({ id }) => id)).size < changes.length) return oneByOne(actor, changes, options);
    try {
      return await together(actor, changes, options);
    } catch (error) {
      if (violates(error, "files_name") || isDeadlock(error)) return oneByOne(actor, changes, options);
      throw error;
    }
  };

  async function oneByOne(actor: Actor, changes: readonly ManyChange[], options: ManyOptions): Promise<(File | ApiError)[]> {
    const ids = changes.map(({ id }) => id);
    const found = await findFiles(db, ids, actor.id);
    const results = [];
    for (const change of changes) {
      const work = () => {
        seenFile(found.get(change.id), MENTIONED);
        return updateOne(actor, change, options);
      };
      results.push(await verdict(async () => work()));
    }
    return results;
  }

  async function together(actor: Actor, changes: readonly ManyChange[], { mergeMetadata }: ManyOptions) {
    const ids = changes.map(({ id }) => id);
    const found = await findFiles(db, ids, actor.id);
    const refusals = new Map<string, ApiError>();
    const keep = (id: string, check: () => void) => {
      const refusal = refusalOf(check);
      if (refusal) refusals.set(id, refusal);
    };
    for (const { id, given } of changes) {
      keep(id, () => {
        const file: SeenFile = seenFile(found.get(id), MENTIONED);
        if (given.metadata !== undefined && metadataIsClosed()) throw new ApiError("metadataServiceUnavailable");
        refuseChange(file, given);
      });
    }
    const wanted = changes.filter(({ id, given }) => !refusals.has(id) && !isEmptyChange(given));
    return db.transaction().execute(async (tx) => {
      const locked = await lockFiles(
        tx,
        wanted.map(({ id }) => id),
      );
      const names = await namesFor(tx, wanted, locked);
      const made = new Map<string, FileChange>();
      for (const { id, given } of wanted) {
        keep(id, () => {
          const file = locked.get(id);
          if (!file) throw new ApiError("fileNotFound");
          const change = changeOf(mergeMetadata ? file.metadata : {}, given);
          if (change.name !== undefined) names.take(file, change.name);
          made.set(id, change);
        });
      }
      await updateFiles(tx, made);
      const files = await reading.getManyWithin(
        tx,
        actor,
        ids.filter((id) => !refusals.has(id)),
      );
      return ids.map((id) => refusals.get(id) ?? files.get(id) ?? new ApiError("fileNotFound"));
    });
  }

  /** Who has the names that files are to get, kept up as one after the other gets its own. */
  async function namesFor(tx: Tx, wanted: readonly ManyChange[], locked: ReadonlyMap<string, LockedFile>) {
    const places = wanted.flatMap(({ id, given: { name } }) => {
      const file = locked.get(id);
      return name === undefined || !file ? [] : [{ parent: file.parent!, name }];
    });
    const key = (parent: string | null, name: string) => `${parent}/${name}`;
    const holders = new Map((await findNamed(tx, places)).map(({ id, parent, name }) => [key(parent, name), id]));
    return {
      /** @throws ApiError `fileExists` */
      take({ id, parent, name: before }: LockedFile, name: string): void {
        const holder = holders.get(key(parent, name));
        if (holder !== undefined && holder !== id) throw new ApiError("fileExists");
        holders.delete(key(parent, before));
        holders.set(key(parent, name), id);
      },
    };
  }
}

function refusalOf(check: () => void): ApiError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

async function verdict(work: () => Promise<File>): Promise<File | ApiError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

const isDeadlock = (error: unknown) => error instanceof pg.DatabaseError && error.code === "40P01";
