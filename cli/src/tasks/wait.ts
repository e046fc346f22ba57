import { setTimeout as pause } from "node:timers/promises";
import type { Session } from "../connection/session.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import { createProgress } from "../output/progress.ts";

export type Task = Awaited<ReturnType<Session["client"]["getTask"]>>;

const FINAL: ReadonlySet<string> = new Set(["COMPLETED", "FAILED", "ABORTED"]);

/** Pauses between two looks: short tasks are seen at once, long ones cost little of the rate limit. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 3000;

/** Waits until a task has ended, with a bar of its steps for whoever looks on, and answers it. */
export async function waitForTask({ client, output }: Session, id: string): Promise<Task> {
  const progress = { bar: undefined as Awaited<ReturnType<typeof createProgress>> | undefined };
  try {
    for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 1.3, LONGEST_PAUSE_MS)) {
      const task = await client.getTask({ task: id });
      if (FINAL.has(task.status)) return task;
      const steps = stepsOf(task);
      progress.bar ??=
        steps.total > 0 ? await createProgress(task.name, steps.total, { unit: "steps", silent: output.json }) : undefined;
      progress.bar?.update(steps.completed, task.execution_status?.message ?? task.status);
      await pause(wait);
    }
  } finally {
    progress.bar?.stop();
  }
}

/** Steps of a task, children of a batch. */
export function stepsOf({ execution_status: status }: Pick<Task, "execution_status">): { completed: number; total: number } {
  if (!status) return { completed: 0, total: 0 };
  if ("steps_total" in status) return { completed: status.steps_completed, total: status.steps_total };
  const ended = status.completed + status.failed + status.aborted;
  return { completed: ended, total: ended + status.queued + status.running };
}

/** What a script learns of a task that has ended. */
export const exitOf = (task: Pick<Task, "status">): ExitCode => (task.status === "COMPLETED" ? EXIT.ok : EXIT.taskFailed);
