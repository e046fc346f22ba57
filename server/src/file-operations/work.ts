import pg from "pg";
import type { Logger } from "pino";
import type { Database, Sql, Tx } from "../db/database.ts";
import type { FileTrees, TransferResult, TransferTarget } from "../files/transfer/folder-operations.ts";
import { ApiError } from "../http/errors.ts";
import { isOutage } from "../http/outages.ts";
import { enqueue, type WorkItemAttempt } from "../queue/queue.ts";
import {
  beginFileOperation,
  type FileOperationRow,
  finishFileOperation,
  type ItemRow,
  listItems,
  lockNextItem,
  noteDone,
  noteFailed,
  noteResolved,
} from "./queries.ts";

/** The work item that does a file operation to its end. */
export const RUN_FILE_OPERATION = "run-file-job";

/** Puts the file operation into the queue, once. */
export const enqueueFileOperation = (db: Sql, jobId: string): Promise<void> =>
  enqueue(db, RUN_FILE_OPERATION, { jobId }, { key: `file job ${jobId}` });

/**
 * Does file operations, one item after the other. An item is done in one transaction with the note that it is: killed at
 * any moment, or run by two at once, each item is done once and wholly, or refused and nothing of it stays. After
 * `faultTries` faults of ours, with the queue's growing pauses, the item at hand fails and the others go on; an outage of
 * the database is waited for, however long.
 */
export function createFileOperationWork(db: Database, trees: FileTrees, log: Logger, faultTries: number) {
  return {
    /** Does the file operation to its end; told to stop, it puts the rest back into the queue. */
    async run({ jobId }: { jobId: string }, { stopping, attempt }: WorkItemAttempt): Promise<void> {
      const job = await beginFileOperation(db, jobId);
      if (!job) return;
      const isLast = attempt >= faultTries;
      if (job.state === "RESOLVING") await resolve(job, isLast);
      while (await doNext(job, isLast)) {
        if (stopping.aborted) return enqueueFileOperation(db, jobId);
      }
    },
  };

  /** Counts what each item has, so far as the user may know; anything else counts for one. */
  async function resolve(job: FileOperationRow, isLast: boolean): Promise<void> {
    const items = (await listItems(db, [job.id])).get(job.id) ?? [];
    const ids = items.map(({ file }) => file.toLowerCase());
    const visible = await trees.look({ id: job.user_id }, ids);
    const counts = await trees.count([...visible.keys()]).catch((error) => {
      if (!isLast || isOutage(error)) throw error;
      log.error({ err: error, job: job.id }, "the files of a job could not be counted");
      return new Map<string, number>();
    });
    await noteResolved(
      db,
      job.id,
      ids.map((id) => counts.get(id) ?? 1),
    );
  }

  /** Does one item; false when there was none, and the file operation has ended. `isLast`: a fault of ours is not tried again. */
  async function doNext(job: FileOperationRow, isLast: boolean): Promise<boolean> {
    let item: ItemRow | undefined;
    try {
      return await db.transaction().execute(async (tx) => {
        item = await lockNextItem(tx, job.id);
        if (!item) {
          await finishFileOperation(tx, job.id);
          return false;
        }
        const { id, files } = await carry(tx, job, item);
        await noteDone(tx, item, id, files);
        return true;
      });
    } catch (error) {
      // Somebody was quicker, or it is Postgres that is gone: in the first case at once, in the second the queue tries again.
      if (isContention(error)) return true;
      const gaveUp = isLast && !isOutage(error);
      if (!item || !(error instanceof ApiError || isRefusedValue(error) || gaveUp)) throw error;
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
