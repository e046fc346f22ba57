import { sql } from "kysely";
import type { Logger } from "pino";
import { Counter, type Registry } from "prom-client";
import type { Database } from "../../db/database.ts";
import { blameFor } from "../platform-fault.ts";
import { moveTask } from "../states.ts";

export interface FaultsDeps {
  db: Database;
  log: Logger;
}

/** What becomes of a task whose driving failed through no fault of its own. */
export type Verdict = { retryInMs: number } | { giveUp: string };

const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** An outage is not counted, and asked about again so often. */
const OUTAGE_PAUSE_MS = 10_000;

export type Faults = ReturnType<typeof createFaults>;

/**
 * Keeps count, in the tasks' rows, of what went wrong on the platform's side while they were driven. A fault is tried
 * again after pauses that grow fourfold, `tries` times in all; an outage is waited for and not counted.
 */
export function createFaults({ db, log }: FaultsDeps, tries: number) {
  const counts = { outage: 0, platform: 0 };

  return {
    /** Notes the fault, lets go of the task, and says what becomes of it. To be repeated it must come from the database. */
    async note(taskId: string, worker: number, error: unknown): Promise<Verdict> {
      const isOutage = blameFor(error) === "outage";
      counts[isOutage ? "outage" : "platform"]++;
      const message = messageOf(error);
      const { rows } = await sql<{ faults: number }>`
        update tasks set fault = ${message}, faults = faults + ${isOutage ? 0 : 1}
        where id = ${taskId} and driver = ${worker} returning faults`.execute(db);
      const faults = rows[0]?.faults ?? 0;
      log.error({ err: error, task: taskId, faults }, `a task could not be driven${isOutage ? ", for an outage" : ""}`);
      if (!isOutage && faults >= tries) return { giveUp: gaveUp(faults, message) };
      const retryInMs = isOutage ? OUTAGE_PAUSE_MS : Math.min(FIRST_PAUSE_MS * 4 ** (faults - 1), LONGEST_PAUSE_MS);
      await sql`
        update tasks set driver = null, not_before = now() + ${retryInMs} * interval '1 millisecond'
        where id = ${taskId} and driver = ${worker}`.execute(db);
      return { retryInMs };
    },

    /**
     * Notes a fault of making a batch's children. The queue tries again as long as this throws; after `tries` faults, or
     * at once when the document is to blame, the batch FAILS.
     */
    async noteBatch(taskId: string, error: unknown): Promise<void> {
      const blame = blameFor(error);
      if (blame !== "task") counts[blame]++;
      if (blame === "outage") throw error;
      const message = messageOf(error);
      const { rows } = await sql<{ faults: number }>`
        update tasks set fault = ${message}, faults = faults + 1
        where id = ${taskId} and status = 'CREATING' returning faults`.execute(db);
      const faults = rows[0]?.faults ?? 0;
      log.error({ err: error, task: taskId, faults }, "the children of a batch could not be made");
      if (blame !== "task" && faults < tries) throw error;
      const failure = blame === "task" ? message : gaveUp(faults, message);
      await moveTask(db, taskId, "FAILED", { ended_at: new Date(), failure }, { from: "CREATING" });
    },

    /** What ended well since shows that the platform works: the next fault is the first again. */
    async forget(taskId: string): Promise<void> {
      await sql`update tasks set faults = 0, fault = null where id = ${taskId} and fault is not null`.execute(db);
    },

    /** Shows operators how often tasks met a fault, in `/metrics`. */
    measure(registry: Registry): void {
      new Counter({
        name: "causeway_task_faults_total",
        help: "Times that a task could not be driven through no fault of its own: for a fault of the platform, or an outage.",
        labelNames: ["kind"],
        registers: [registry],
        collect() {
          this.reset();
          for (const [kind, count] of Object.entries(counts)) this.inc({ kind }, count);
        },
      });
    },
  };
}

const gaveUp = (faults: number, message: string) =>
  `The platform failed ${faults} times in a row to run this task, through no fault of the task's own. Its operator finds more in the log. The last time: ${message}`;

/** For people and for the database, which takes no zero byte. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll("\0", "\\0").toWellFormed().slice(0, 2000);
}
