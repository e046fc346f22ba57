import { isFault, type ListedObject, type VolumeStore } from "@causeway/storage";
import { sql } from "kysely";
import type { Database } from "../db/database.ts";
import { fittingName } from "../files/names/name-rules.ts";
import { ApiError } from "../http/errors.ts";
import { SETTINGS } from "../settings.ts";
import { GoOnLater, JobEnded } from "../volumes/jobs/job-work.ts";
import type { ImportRow } from "./queries.ts";

interface ListingOptions {
  objectsAtMost: number;
  signal: AbortSignal;
}

/** The work item is given back after so long, so that nobody takes it for dead. */
const TURN_MS = 30 * 60_000;

/**
 * Notes every object below the folder that a job imports. A page and the token of the next are one transaction: after a
 * crash the listing goes on where it was.
 *
 * @throws ApiError `volumeObjectNotFound` of an empty folder; `volumeRequestInvalid` of more than `objectsAtMost`
 */
export async function listFolder(db: Database, store: VolumeStore, job: ImportRow, options: ListingOptions): Promise<void> {
  if (job.listed) return;
  const prefix = job.location.replace(/^\/+|\/+$/g, "");
  const from = prefix === "" ? "" : `${prefix}/`;
  const until = Date.now() + TURN_MS;
  let token = job.listed_until ?? undefined;
  let count = await countListed(db, job.id);
  for (;;) {
    const page = await pageOf(store, from, token, options.signal);
    if (page === "again") {
      await dropListing(db, job.id);
      [token, count] = [undefined, 0];
      continue;
    }
    count += page.objects.length;
    if (count > options.objectsAtMost)
      throw new ApiError(
        "volumeRequestInvalid",
        `The folder has more than ${options.objectsAtMost} objects: ${SETTINGS.importObjects.variable} says how many one import may have.`,
      );
    await notePage(db, job, from, page.objects, page.next);
    if (page.next === undefined) break;
    token = page.next;
    if (Date.now() > until) throw new GoOnLater();
  }
  if (count === 0) throw new ApiError("volumeObjectNotFound", "There is nothing in this folder.");
}

async function pageOf(store: VolumeStore, prefix: string, token: string | undefined, signal: AbortSignal) {
  try {
    return await store.list({ prefix, token }, { signal });
  } catch (error) {
    if (isFault(error, "NoSuchObject")) return { objects: [], prefixes: [], skipped: 0 };
    // A service may forget its tokens while the platform is away.
    if (token !== undefined && isFault(error, "BadToken")) return "again";
    throw error;
  }
}

async function countListed(db: Database, id: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from import_objects where import_id = ${id}`.execute(db);
  return rows[0]!.count;
}

async function notePage(
  db: Database,
  { id }: ImportRow,
  from: string,
  objects: readonly ListedObject[],
  next: string | undefined,
): Promise<void> {
  const rows = objects.map(({ location, size, etag, modifiedAt }) => ({
    location,
    size,
    etag,
    modified_at: modifiedAt.toISOString(),
    ...placeOf(location.slice(from.length)),
  }));
  await db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable("imports")
      .set({ listed_until: next ?? null, listed: next === undefined, faults: 0, fault: null })
      .where("id", "=", id)
      .where("finished_at", "is", null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new JobEnded();
    await sql`
      insert into import_objects (import_id, location, size, etag, modified_at, folder, name)
      select ${id}, location, size, etag, modified_at, folder, name from json_to_recordset(${JSON.stringify(rows)}::json)
        as given (location text, size bigint, etag text, modified_at timestamptz, folder text, name text)
      on conflict do nothing`.execute(tx);
  });
}

/** Where an object goes, by its path below the folder. A key that ends in a slash stands for a folder. */
function placeOf(path: string): { folder: string; name: string } {
  const segments = path.split("/");
  const last = segments.pop()!;
  return {
    folder: segments.map((segment) => fittingName(segment, "folder")).join("/"),
    name: last === "" ? "" : fittingName(last, "file"),
  };
}

/** Forgets what was listed for a job: it has ended, or begins anew. */
export async function dropListing(db: Database, id: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx.deleteFrom("import_objects").where("import_id", "=", id).execute();
    await tx.updateTable("imports").set({ listed: false, listed_until: null }).where("id", "=", id).execute();
  });
}
