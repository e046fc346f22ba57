import { sql } from "kysely";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { Database } from "../../db/database.ts";
import { FaultCounts, faultText, OUTAGE_PAUSE_MS, pauseAfter } from "../../queue/faults.ts";
import type { TryAgain } from "../../queue/queue.ts";
import { blameFor } from "../platform-fault.ts";
import { moveTask } from "../states.ts";

export interface FaultsDeps {
  db: Database;
  log: Logger;
}

/** What becomes of a task whose driving failed through no fault of its own. */
export type Verdict = { retryInMs: number } | { giveUp: string };

export type Faults = ReturnType<typeof createFaults>;

/**
 * Keeps count, in the tasks' rows, of what went wrong on the platform's side while they were driven. A fault is tried
 * again after pauses that grow fourfold, `tries` times in all; an outage is waited for and not counted.
 */
export function createFaults({ db, log }: FaultsDeps, tries: number) {
  const counts = new FaultCounts();

  return {
    /** Notes the fault, lets go of the task, and says what becomes of it. To be repeated it must come from the database. */
    async note(taskId: string, worker: number, error: unknown): Promise<Verdict> {
      const isOutage = blameFor(error) === "outage";
      counts.add(isOutage ? "outage" : "platform");
      const message = faultText(error);
      const { rows } = await sql<{ faults: number }>`
        update tasks set fault = ${message}, faults = faults + ${isOutage ? 0 : 1}
        where id = ${taskId} and driver = ${worker} returning faults`.execute(db);
      const faults = rows[0]?.faults ?? 0;
      log.error({ err: error, task: taskId, faults }, `a task could not be driven${isOutage ? ", for an outage" : ""}`);
      if (!isOutage && faults >= tries) return { giveUp: gaveUp(faults, message) };
      const retryInMs = isOutage ? OUTAGE_PAUSE_MS : pauseAfter(faults);
      await sql`
        update tasks set driver = null, not_before = now() + ${retryInMs} * interval '1 millisecond'
        where id = ${taskId} and driver = ${worker}`.execute(db);
      return { retryInMs };
    },

    /**
     * Notes a fault of making a batch's children, and says when they are tried again. After `tries` faults, or at once when
     * the document is to blame, the batch FAILS.
     */
    async noteBatch(taskId: string, error: unknown): Promise<TryAgain | undefined> {
      const blame = blameFor(error);
      if (blame !== "task") counts.add(blame);
      const message = faultText(error);
      const { rows } = await sql<{ faults: number }>`
        update tasks set fault = ${message}, faults = faults + ${blame === "outage" ? 0 : 1}
        where id = ${taskId} and status = 'CREATING' returning faults`.execute(db);
      if (rows.length === 0) return undefined; // it was aborted meanwhile
      const { faults } = rows[0]!;
      log.error({ err: error, task: taskId, faults }, "the children of a batch could not be made");
      if (blame === "outage" || (blame === "platform" && faults < tries)) {
        const againInMs = blame === "outage" ? OUTAGE_PAUSE_MS : pauseAfter(faults);
        await sql`
          update tasks set not_before = now() + ${againInMs} * interval '1 millisecond' where id = ${taskId}`.execute(db);
        return { againInMs };
      }
      const failure = blame === "task" ? message : gaveUp(faults, message);
      await moveTask(db, taskId, "FAILED", { ended_at: new Date(), failure }, { from: "CREATING" });
      return undefined;
    },

    /** What ended well since shows that the platform works: the next fault is the first again. */
    async forget(taskId: string): Promise<void> {
      await sql`update tasks set faults = 0, fault = null where id = ${taskId} and fault is not null`.execute(db);
    },

    /** Shows operators how often tasks met a fault, in `/metrics`. */
    measure(registry: Registry): void {
      counts.measure(registry, "causeway_task_faults_total", "a task could not be driven");
    },
  };
}

const gaveUp = (faults: number, message: string) =>
  `The platform failed ${faults} times in a row to run this task, through no fault of the task's own. Its operator finds more in the log. The last time: ${message}`;
