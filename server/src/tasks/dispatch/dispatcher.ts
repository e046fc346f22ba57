import type { Logger } from "pino";
import type { Database } from "../../db/database.ts";
import { sendNotice } from "../../db/notices.ts";
import type { Worker, WorkItemContext } from "../../queue/queue.ts";
import type { DispatchSettings } from "./choice.ts";
import { abortedOf, claimTasks, freeUndriven, hasUndriven, postponeTask } from "./queries.ts";

/** The notice that a task waits to be driven. */
export const TASK_NOTICE = "task_waiting";

/** Tells every worker, when the transaction commits, that there is a task to drive. The task's row says which. */
export const announceTask = (db: Parameters<typeof sendNotice>[0]): Promise<void> => sendNotice(db, TASK_NOTICE);

export interface DispatcherDeps {
  db: Database;
  log: Logger;
  driver: {
    drive(taskId: string, worker: number, stopping: AbortSignal): Promise<void>;
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
/** The pause after driving failed through no fault of the task; doubled each time, up to the longest. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

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
  const faults = new Map<string, number>();
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
      await driver.drive(id, worker, stopping);
      faults.delete(id);
    } catch (error) {
      const failed = (faults.get(id) ?? 0) + 1;
      faults.set(id, failed);
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (failed - 1), LONGEST_PAUSE_MS);
      log.error({ err: error, task: id, failed }, `a task could not be driven; it is tried again in ${pauseMs / 1000} s`);
      await postponeTask(db, id, worker, pauseMs).catch((err) => log.error({ err, task: id }, "a task was not let go of"));
      const timer = setTimeout(() => {
        timers.delete(timer);
        wake();
      }, pauseMs);
      timers.add(timer);
    } finally {
      driving.delete(id);
      wake();
    }
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
