import { setTimeout as pause } from "node:timers/promises";
import type { Session } from "../connection/session.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import { onOneLine } from "../output/output.ts";
import { createProgress, type Progress } from "../output/progress.ts";

export type Task = Awaited<ReturnType<Session["client"]["getTask"]>>;

const FINAL: ReadonlySet<string> = new Set(["COMPLETED", "FAILED", "ABORTED"]);

/** Pauses between two looks: short tasks are seen at once, long ones cost little of the rate limit. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 3000;

/**
 * Waits until a task has ended and answers it. Whoever looks on sees how far it is: a bar of its steps on a terminal, else
 * a line on stderr whenever something has changed.
 */
export async function waitForTask({ client, output }: Session, id: string): Promise<Task> {
  const lines = createLines(output.note);
  let bar: Progress | undefined;
  try {
    for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 1.3, LONGEST_PAUSE_MS)) {
      const task = await client.getTask({ task: id });
      const steps = stepsOf(task);
      if (!process.stderr.isTTY) lines(task);
      if (FINAL.has(task.status)) return task;
      bar ??= steps.total > 0 ? await createProgress(task.name, steps.total, { unit: "steps", silent: output.json }) : undefined;
      bar?.update(steps.completed, task.execution_status?.message ?? task.status);
      await pause(wait);
    }
  } finally {
    bar?.stop();
  }
}

/** Says in a line how a task stands, when that is news: another status, message or number of steps. */
function createLines(say: (line: string) => void): (task: Task) => void {
  let last = "";
  let before = Infinity;
  return (task) => {
    const line = lineOf(task);
    // Of tasks that wait, only the number before them changes, every time: it is told when it is half of what it was.
    const count = Number(/: (\d+) /.exec(line)?.[1] ?? 0);
    const isNews =
      task.status === "QUEUED" ? line.replace(/\d+/, "") !== last.replace(/\d+/, "") || count <= before / 2 : line !== last;
    if (!isNews) return;
    last = line;
    before = count;
    say(`${new Date().toISOString().slice(0, 19)}Z ${line}`);
  };
}

/** `RUNNING 2 of 5 steps: Waiting: no free core` */
function lineOf(task: Task): string {
  const { completed, total } = stepsOf(task);
  const unit = task.batch ? "tasks" : "steps";
  const message = onOneLine(task.execution_status?.message ?? "");
  const isSaid = message === "" || message.toUpperCase() === task.status;
  return `${task.status}${total > 0 ? ` ${completed} of ${total} ${unit}` : ""}${isSaid ? "" : `: ${message}`}`;
}

/** Steps of a task, tasks of a batch: how many have ended, how many of these without success, and how many there are. */
export function stepsOf({ execution_status: status }: Pick<Task, "execution_status">): {
  completed: number;
  failed: number;
  total: number;
} {
  if (!status) return { completed: 0, failed: 0, total: 0 };
  if ("steps_total" in status) return { completed: status.steps_completed, failed: 0, total: status.steps_total };
  const failed = status.failed + status.aborted;
  const ended = status.completed + failed;
  return { completed: ended, failed, total: ended + status.queued + status.running };
}

/** What a script learns of a task that has ended. */
export const exitOf = (task: Pick<Task, "status">): ExitCode => (task.status === "COMPLETED" ? EXIT.ok : EXIT.taskFailed);
