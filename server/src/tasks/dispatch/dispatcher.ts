import type { Logger } from "pino";
import type { Database } from "../../db/database.ts";
import { sendNotice } from "../../db/pg-notifications.ts";
import type { Worker, WorkItemContext } from "../../queue/queue.ts";
import type { DispatchSettings } from "./choice.ts";
import { abortedOf, claimTasks, freeUndriven, hasUndriven } from "./queries.ts";

/** The notice that a task waits to be driven. */
export const TASK_NOTICE = "task_waiting";

/** Tells every worker, when the transaction commits, that there is a task to drive. The task's row says which. */
export const announceTask = (db: Parameters<typeof sendNotice>[0]): Promise<void> => sendNotice(db, TASK_NOTICE);

export interface DispatcherDeps {
  db: Database;
  log: Logger;
  driver: {
    /** Answers in how many milliseconds the task is to be driven again, if it is. */
    drive(taskId: string, worker: number, stopping: AbortSignal): Promise<number | undefined>;
    abort(taskId: string): void;
  };
}

/** Gives one worker the tasks whose turn it is. */
export interface Dispatcher extends Worker {
  /** Something has changed: there may be a task to drive. */
  wake(): void;
  /** Mends what a crash, or a statement that failed, has left. */
  reconcile(): Promise<void>;
}

/** Tasks that are claimed in one transaction: others wait for its end. */
const CLAIMED_AT_ONCE = 20;
const UNSAID_PAUSE_MS = 10_000;

/**
 * Starts to drive waiting tasks, in the order that `nextTasks` decides. The queue is the tasks' own rows: what waits, who
 * drives what, and so whose turn it is, is in the database, and several workers choose one after the other.
 */
export function startDispatcher(
  { db, log, driver }: DispatcherDeps,
  settings: DispatchSettings,
  { worker, stopping }: WorkItemContext,
): Dispatcher {
  const driving = new Map<string, Promise<void>>();
  const timers = new Set<NodeJS.Timeout>();
  let isAsked = false;
  let round: Promise<void> | undefined;

  function wake(): void {
    isAsked = true;
    if (stopping.aborted) return;
    round ??= claimRounds().finally(() => {
      round = undefined;
      if (isAsked) wake();
    });
  }

  async function claimRounds(): Promise<void> {
    while (isAsked && !stopping.aborted) {
      isAsked = false;
      try {
        if (!(await hasUndriven(db))) continue;
        const ids = await claimTasks(db, worker, settings, CLAIMED_AT_ONCE);
        for (const id of ids) driving.set(id, drive(id));
        if (ids.length >= CLAIMED_AT_ONCE) isAsked = true;
      } catch (error) {
        // The reconciling asks again.
        if (!stopping.aborted) log.error({ err: error }, "waiting tasks could not be claimed");
      }
    }
  }

  async function drive(id: string): Promise<void> {
    try {
      const retryInMs = await driver.drive(id, worker, stopping);
      if (retryInMs !== undefined) wakeIn(retryInMs);
    } catch (error) {
      // Not even that can be said to the database: the reconciling lets go of the task when it can.
      log.error({ err: error, task: id }, "a task could not be driven, nor be let go of");
      wakeIn(UNSAID_PAUSE_MS);
    } finally {
      driving.delete(id);
      wake();
    }
  }

  function wakeIn(ms: number): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      wake();
    }, ms);
    timers.add(timer);
  }

  return {
    wake,
    async reconcile() {
      // Not while a round claims: what it has claimed is not among those driven yet.
      while (round) await round;
      const mending = (async () => {
        await freeUndriven(db, worker, [...driving.keys()]);
        for (const id of await abortedOf(db, worker)) driver.abort(id);
      })();
      round = mending.then(
        () => {},
        () => {},
      );
      await round;
      round = undefined;
      wake();
      await mending;
    },
    async stop() {
      for (const timer of timers) clearTimeout(timer);
      await round;
      await Promise.allSettled([...driving.values()]);
    },
  };
}
