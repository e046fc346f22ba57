import pg from "pg";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { Database, Sql, Tx } from "../db/database.ts";
import type { FileTrees, TransferResult, TransferTarget } from "../files/transfer/folder-operations.ts";
import { ApiError } from "../http/errors.ts";
import { isOutage } from "../http/outages.ts";
import { FaultCounts, faultText, OUTAGE_PAUSE_MS, pauseAfter } from "../queue/faults.ts";
import { enqueue, type TryAgain, type WorkItemContext } from "../queue/queue.ts";
import {
  beginFileOperation,
  type FileOperationRow,
  finishFileOperation,
  type ItemRow,
  listItems,
  lockNextItem,
  noteDone,
  noteFailed,
  noteFault,
  noteResolved,
} from "./queries.ts";

/** The work item that does a file operation to its end. */
export const RUN_FILE_OPERATION = "run-file-job";

/** Puts the file operation into the queue, once. */
export const enqueueFileOperation = (db: Sql, jobId: string): Promise<void> =>
  enqueue(db, RUN_FILE_OPERATION, { jobId }, { key: `file job ${jobId}` });

export interface FileOperationDeps {
  db: Database;
  trees: FileTrees;
  log: Logger;
}

/**
 * Does file operations, one item after the other. An item is done in one transaction with the note that it is: killed at
 * any moment, or run by two at once, each item is done once and wholly, or refused and nothing of it stays. After
 * `faultTries` faults of ours in a row, with growing pauses, the item at hand fails and the others go on; an outage of
 * the database is waited for, however long.
 */
export function createFileOperationWork({ db, trees, log }: FileOperationDeps, faultTries: number) {
  const counts = new FaultCounts();

  return {
    /**
     * Does the file operation to its end; told to stop, it puts the rest back into the queue. After a fault it answers when
     * the rest is to be tried again.
     */
    async run({ jobId }: { jobId: string }, { stopping }: Pick<WorkItemContext, "stopping">): Promise<TryAgain | undefined> {
      const job = await beginFileOperation(db, jobId);
      if (!job) return undefined;
      try {
        if (job.state === "RESOLVING") await resolve(job);
        while (await doNext(job)) {
          if (stopping.aborted) return { againInMs: 0 };
        }
        return undefined;
      } catch (error) {
        const faults = await countFault(job, error);
        return { againInMs: isOutage(error) ? OUTAGE_PAUSE_MS : pauseAfter(faults) };
      }
    },

    /** Shows operators how often file operations met a fault, in `/metrics`. */
    measure: (registry: Registry): void =>
      counts.measure(registry, "causeway_file_operation_faults_total", "a background copy, move or deletion could not go on"),
  };

  /** Answers how many faults in a row there were. To be repeated they come from the database. */
  async function countFault(job: FileOperationRow, error: unknown): Promise<number> {
    const kind = isOutage(error) ? "outage" : "platform";
    counts.add(kind);
    log.error({ err: error, job: job.id, faults: job.faults }, `a file operation could not go on: ${kind}`);
    return noteFault(db, job.id, faultText(error), kind === "platform");
  }

  /** Whether another fault of ours is one too many. */
  function isLastTry({ faults }: FileOperationRow): boolean {
    return faults + 1 >= faultTries;
  }

  /** Counts what each item has, so far as the user may know; anything else counts for one. */
  async function resolve(job: FileOperationRow): Promise<void> {
    const items = (await listItems(db, [job.id])).get(job.id) ?? [];
    const ids = items.map(({ file }) => file.toLowerCase());
    const visible = await trees.look({ id: job.user_id }, ids);
    const files = await trees.count([...visible.keys()]).catch(async (error) => {
      if (isOutage(error) || !isLastTry(job)) throw error;
      job.faults = await countFault(job, error);
      return new Map<string, number>();
    });
    await noteResolved(
      db,
      job.id,
      ids.map((id) => files.get(id) ?? 1),
    );
  }

  /** Does one item; false when there was none, and the file operation has ended. */
  async function doNext(job: FileOperationRow): Promise<boolean> {
    let item: ItemRow | undefined;
    try {
      const isMore = await db.transaction().execute(async (tx) => {
        item = await lockNextItem(tx, job.id);
        if (!item) {
          await finishFileOperation(tx, job.id);
          return false;
        }
        const { id, files } = await carry(tx, job, item);
        await noteDone(tx, item, id, files);
        return true;
      });
      job.faults = 0;
      return isMore;
    } catch (error) {
      // Somebody was quicker, or it is Postgres that is gone: in the first case at once, in the second the queue tries again.
      if (isContention(error)) return true;
      const isRefused = error instanceof ApiError || isRefusedValue(error);
      if (!item || (!isRefused && (isOutage(error) || !isLastTry(job)))) throw error;
      if (!isRefused) job.faults = await countFault(job, error);
      if (!(error instanceof ApiError)) log.error({ err: error, job: job.id, item: item.number }, "an item of a job failed");
      const { kind, detail } = error instanceof ApiError ? error : new ApiError("asyncUnexpected");
      await noteFailed(db, item, kind, detail);
      return true;
    }
  }

  function carry(tx: Tx, job: FileOperationRow, item: ItemRow): Promise<TransferResult> {
    const actor = { id: job.user_id };
    if (job.type === "DELETE") return trees.delete(tx, actor, item.file);
    const to: TransferTarget = {
      ...(item.parent === null ? {} : { parent: item.parent }),
      ...(item.project === null ? {} : { project: item.project }),
      ...(item.name === null ? {} : { name: item.name }),
    };
    return job.type === "COPY" ? trees.copy(tx, actor, item.file, to) : trees.move(tx, actor, item.file, to);
  }
}

/** Another transaction took the name meanwhile, or each waited for the other. */
function isContention(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false;
  return error.code === "40P01" || error.code === "40001" || (error.code === "23505" && error.constraint === "files_name");
}

/** Postgres refuses the values themselves: it would again. */
function isRefusedValue(error: unknown): boolean {
  return error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? "");
}
