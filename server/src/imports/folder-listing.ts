import { isFault, type ListedObject, type ObjectPage, VolumeError, type VolumeStore } from "@causeway/storage";
import { sql } from "kysely";
import type { Database } from "../db/database.ts";
import { fittingName } from "../files/names/name-rules.ts";
import { ApiError } from "../http/errors.ts";
import { SETTINGS } from "../settings.ts";
import { GoOnLater, JobEnded } from "../volumes/jobs/job-work.ts";
import { pageOf } from "../volumes/objects/page-of.ts";
import type { ImportRow } from "./queries.ts";

interface ListingOptions {
  objectsAtMost: number;
  signal: AbortSignal;
}

/** The work item is given back after so long, so that nobody takes it for dead. */
const TURN_MS = 30 * 60_000;
/** Pages without an object, one after the other, after which a list counts as one that does not end. */
const EMPTY_PAGES = 1000;

/**
 * Notes every object below the folder that a job imports. A page and the token of the next are one transaction: after a
 * crash the listing goes on where it was, or begins anew where the service has forgotten the token meanwhile.
 *
 * @throws ApiError `volumeObjectNotFound` of an empty folder; `volumeRequestInvalid` of more than `objectsAtMost`;
 * VolumeError
 */
export async function listFolder(db: Database, store: VolumeStore, job: ImportRow, options: ListingOptions): Promise<void> {
  if (job.listed) return;
  const prefix = job.location.replace(/^\/+|\/+$/g, "");
  const from = prefix === "" ? "" : `${prefix}/`;
  const until = Date.now() + TURN_MS;
  let { page, count } = await firstPage(db, store, job, from, options.signal);
  for (let empty = 0; ; ) {
    count += page.objects.length;
    empty = page.objects.length === 0 ? empty + 1 : 0;
    if (empty > EMPTY_PAGES) throw new VolumeError("BadAnswer", { action: "list", detail: "the list does not end" });
    if (count > options.objectsAtMost)
      throw new ApiError(
        "volumeRequestInvalid",
        `The folder has more than ${options.objectsAtMost} objects: ${SETTINGS.importObjects.variable} says how many one import may have.`,
      );
    await notePage(db, job, from, page.objects, page.next);
    if (page.next === undefined) break;
    if (Date.now() > until) throw new GoOnLater();
    page = await pageOf(store, { prefix: from, token: page.next }, options.signal);
  }
  if (count === 0) throw new ApiError("volumeObjectNotFound", "There is nothing in this folder.");
}

/** The page that the listing goes on with, and how many objects were noted before. */
async function firstPage(
  db: Database,
  store: VolumeStore,
  job: ImportRow,
  prefix: string,
  signal: AbortSignal,
): Promise<{ page: ObjectPage; count: number }> {
  const token = job.listed_until ?? undefined;
  try {
    return { page: await pageOf(store, { prefix, token }, signal), count: await countListed(db, job.id) };
  } catch (error) {
    if (token === undefined || !isFault(error, "BadToken")) throw error;
    // A service may forget its tokens while the platform is away.
    await dropListing(db, job.id);
    return { page: await pageOf(store, { prefix }, signal), count: 0 };
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
