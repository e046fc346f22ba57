import type { BodyOf, Operations, Page, ReplyOf } from "@causeway/contract";
import type { Database } from "../db/database.ts";
import type { FileTrees } from "../files/transfer/folder-operations.ts";
import type { Actor } from "../http/actor.ts";
import type { Listed } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import type { Links } from "../http/links.ts";
import { itemsToKeep, refuseImpossible } from "./checks.ts";
import { presentFileOperation } from "./present.ts";
import { findFileOperation, insertFileOperation, listFileOperations, listItems, removeFileOperations } from "./queries.ts";
import type { FileOperationType } from "./tables.ts";
import { enqueueFileOperation } from "./work.ts";

type FileJob = ReplyOf<Operations["getCopy"]>;

const MONTH_MS = 31 * 24 * 60 * 60 * 1000;

export type FileOperationService = ReturnType<typeof createFileOperationService>;

/** Copies, moves and deletions of files and folders in the background (files.md §5). File operations are known to their creator alone. */
export function createFileOperationService(db: Database, trees: FileTrees, links: Links) {
  return {
    /**
     * Takes a file operation and answers it at once. Whether its files are there, and whether the actor may, is seen while it runs.
     *
     * @throws ApiError as `itemsToKeep` and `refuseImpossible` say: then nothing is started
     */
    async submit(
      actor: Actor,
      type: FileOperationType,
      body: () => BodyOf<Operations["startCopy" | "startDelete"]>,
    ): Promise<FileJob> {
      const items = itemsToKeep(type, body().items);
      if (type !== "DELETE") await refuseImpossible(actor, type, items, trees);
      const job = await db.transaction().execute(async (tx) => {
        const inserted = await insertFileOperation(tx, actor.id, type, items);
        await enqueueFileOperation(tx, inserted.id);
        return inserted;
      });
      return presentFileOperation(job, [], links);
    },

    /** @throws ApiError `asyncJobNotFound`, also of another kind of file operation and of somebody else's */
    async get(actor: Actor, type: FileOperationType, id: string): Promise<FileJob> {
      const job = await findFileOperation(db, actor.id, type, id);
      if (!job) throw new ApiError("asyncJobNotFound");
      return presentFileOperation(job, (await listItems(db, [id])).get(id) ?? [], links);
    },

    /** The actor's file operations, newest first. */
    async list(actor: Actor, page: () => Page): Promise<Listed<FileJob>> {
      const { jobs, total } = await listFileOperations(db, actor.id, page());
      const finished = jobs.filter(({ state }) => state === "FINISHED").map(({ id }) => id);
      const items = await listItems(db, finished);
      return { items: jobs.map((job) => presentFileOperation(job, items.get(job.id) ?? [], links)), total };
    },

    /** Removes file operations that ended a month ago. Answers how many. */
    removeOld: (now: Date): Promise<number> => removeFileOperations(db, new Date(now.getTime() - MONTH_MS)),
  };
}
