import { type BlobStore, isFault, PASSING_FAULTS, VolumeError } from "@causeway/storage";
import type { Logger } from "pino";
import type { Database, Sql, Tx } from "../db/database.ts";
import type { Destination, FileAccess } from "../files/access.ts";
import { insertBlobs } from "../files/blob-rows.ts";
import type { FileContents } from "../files/file-creation.ts";
import { isFileName, isFolderName, NAME_RULE } from "../files/names/name-rules.ts";
import { ApiError } from "../http/errors.ts";
import { isOutage } from "../http/outages.ts";
import { faultText, OUTAGE_PAUSE_MS, pauseAfter } from "../queue/faults.ts";
import { enqueue, type TryAgain, type WorkItemContext } from "../queue/queue.ts";
import { entriesOf } from "./bundle-entries.ts";
import { destinationOf } from "./destination.ts";
import { fetchObject } from "./fetching.ts";
import { type DrsAddress, type DrsHost, type DrsHosts, hostFor, parseDrsUri } from "./hosts.ts";
import { placeItem } from "./placing.ts";
import {
  beginDrsImport,
  countFetched,
  type DrsFileRow,
  type DrsItemRow,
  type DrsJob,
  endItem,
  failItem,
  finishDrsImport,
  listFiles,
  listItems,
  lockItem,
  noteFetched,
  noteItemFault,
  noteResolved,
  noteRunning,
} from "./queries.ts";
import { describeObject } from "./remote-objects.ts";

/** The work item that does an import of DRS objects to its end. */
export const RUN_DRS_IMPORT = "run-drs-import";

/** Puts the import into the queue, once. */
export const enqueueDrsImport = (db: Sql, jobId: string): Promise<void> =>
  enqueue(db, RUN_DRS_IMPORT, { jobId }, { key: `drs import ${jobId}` });

export interface DrsImportWorkDeps {
  db: Database;
  store: BlobStore;
  access: FileAccess;
  contents: FileContents;
  hosts: DrsHosts;
  log: Logger;
}

export interface DrsImportLimits {
  /** Files of one user within `WINDOW_MS`. */
  files: number;
  /** Files and folders of a bundle. */
  bundleObjects: number;
  /** Faults of the platform in a row after which an item fails. */
  faultTries: number;
}

/** The quota is counted over so long (volumes.md §2.15). */
const WINDOW_MS = 5 * 60_000;
/** How often a service is tried again that could not be reached. */
const SERVICE_TRIES = 3;

/** The rest of the job is for later. */
class GoOnLater extends Error {
  override name = "GoOnLater";
  readonly inMs: number;

  constructor(inMs: number) {
    super();
    this.inMs = inMs;
  }
}

/**
 * Does imports of DRS objects, one item after the other: what it is, then its bytes, file by file, each noted when it is
 * stored; then the file, or the folder with all that is in it, is made in one transaction with the note that the item has
 * ended. Killed at any moment, it goes on after the last note; an item has made all of its files or none.
 */
export function createDrsImportWork({ db, store, access, contents, hosts, log }: DrsImportWorkDeps, limits: DrsImportLimits) {
  return {
    async run({ jobId }: { jobId: string }, { stopping }: Pick<WorkItemContext, "stopping">): Promise<TryAgain | undefined> {
      const job = await beginDrsImport(db, jobId);
      if (!job) return undefined;
      for (const step of [resolve, bring]) {
        if (step === bring) await noteRunning(db, jobId);
        for (const item of await listItems(db, jobId)) {
          if (item.result !== null || item.error !== null) continue;
          const later = await attempt(item, stopping, () => step(job, item, stopping));
          if (later) return later;
        }
      }
      await finishDrsImport(db, jobId);
      return undefined;
    },
  };

  /** Does a step of one item; what goes wrong ends the item, or is tried again. */
  async function attempt(item: DrsItemRow, stopping: AbortSignal, step: () => Promise<void>): Promise<TryAgain | undefined> {
    try {
      if (stopping.aborted) return { againInMs: 0 };
      await step();
      return undefined;
    } catch (error) {
      if (stopping.aborted) return { againInMs: 0 };
      if (error instanceof GoOnLater) return { againInMs: error.inMs };
      if (error instanceof ApiError) return fail(item, error);
      if (error instanceof VolumeError && !isFault(error, ...PASSING_FAULTS)) return fail(item, failed(error));
      const isRemote = error instanceof VolumeError;
      if (!isRemote && isOutage(error)) return { againInMs: OUTAGE_PAUSE_MS };
      const faults = await noteItemFault(db, item, faultText(error));
      if (!isRemote) log.error({ err: error, job: item.import_id, faults }, "an item of an import by DRS could not go on");
      const tries = isRemote ? Math.min(SERVICE_TRIES, limits.faultTries) : limits.faultTries;
      if (faults < tries) return { againInMs: pauseAfter(faults) };
      return fail(item, isRemote ? failed(error) : new ApiError("unexpected"));
    }
  }

  async function fail(item: DrsItemRow, { kind, detail }: ApiError): Promise<undefined> {
    await failItem(db, item, kind, detail);
  }

  /** Asks what the item is. */
  async function resolve(job: DrsJob, item: DrsItemRow, signal: AbortSignal): Promise<void> {
    if (item.kind !== null) return;
    const address = parseDrsUri(item.drs_uri)!;
    const object = await describeObject(serviceOf(job, address), address.id, signal);
    const isBundle = object.contents !== undefined;
    const name = item.name ?? object.name ?? address.id;
    if (!(isBundle ? isFolderName(name) : isFileName(name))) throw new ApiError("drsNameInvalid", `${NAME_RULE}.`);
    const entries = isBundle ? entriesOf(address.host, object.contents!, limits.bundleObjects) : [{ folder: "", name, address }];
    await db.transaction().execute((tx) => noteResolved(tx, item, { kind: isBundle ? "bundle" : "blob", name, entries }));
  }

  /** Brings the bytes that are not here yet, then makes the files. */
  async function bring(job: DrsJob, item: DrsItemRow, signal: AbortSignal): Promise<void> {
    if (job.conflict_resolution === "SKIP" && (await isTaken(job, item))) return place(job, item);
    for (const file of await listFiles(db, item)) {
      if (file.object_id === null || file.fetched_at !== null) continue;
      await requireQuota(job.user_id);
      await fetch(job, file, signal);
    }
    return place(job, item);
  }

  async function fetch(job: DrsJob, file: DrsFileRow, signal: AbortSignal): Promise<void> {
    const address = { host: file.host!, id: file.object_id! };
    const host = serviceOf(job, address);
    const object = await describeObject(host, address.id, signal);
    if (object.contents !== undefined)
      throw new ApiError("drsBundleEntryInvalid", `${file.name} is a bundle, and its service does not tell what is in it.`);
    const blob = await fetchObject(store, { host, id: address.id, object }, signal);
    await db.transaction().execute(async (tx) => {
      await insertBlobs(tx, [blob]);
      await noteFetched(tx, file, blob);
    });
  }

  function serviceOf({ username }: DrsJob, address: DrsAddress): DrsHost {
    const host = hostFor(hosts, address, { username });
    if (!host) throw new ApiError("drsUriInvalid", `Objects of ${address.host} cannot be imported here (CAUSEWAY_DRS_HOSTS).`);
    return host;
  }

  async function isTaken(job: DrsJob, item: DrsItemRow): Promise<boolean> {
    const { folder } = await destination(job, item);
    return (await access.child(folder, item.name!)) !== undefined;
  }

  function destination(job: DrsJob, item: DrsItemRow, tx?: Tx): Promise<Destination> {
    return destinationOf(access, { id: job.user_id }, item, tx);
  }

  async function place(job: DrsJob, item: DrsItemRow): Promise<void> {
    await db.transaction().execute(async (tx) => {
      if (!(await lockItem(tx, item))) return;
      const target = await destination(job, item, tx);
      const files = await listFiles(tx, item);
      await endItem(tx, item, await placeItem(tx, { contents, access }, { job, item, target, files }));
    });
  }

  /** @throws GoOnLater when the user's quota is used up */
  async function requireQuota(userId: string): Promise<void> {
    const { files, first } = await countFetched(db, userId, new Date(Date.now() - WINDOW_MS));
    if (files >= limits.files) throw new GoOnLater(Math.max(1000, first!.getTime() + WINDOW_MS - Date.now()));
  }
}

const failed = (error: VolumeError) => new ApiError("importFailed", `${error.message}.`, { cause: error });
