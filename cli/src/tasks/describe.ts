import { duration, printableText, record } from "../output/output.ts";
import { stepsOf, type Task } from "./wait.ts";

/** A task in lines for people: how it stands, what is wrong with it if anything is, and which command tells more. */
export function describeTask(task: Task): string {
  const { execution_status: status } = task;
  const { completed, failed, total } = stepsOf(task);
  const progress = total > 0 ? `${completed} of ${total}${failed > 0 ? `, ${failed} without success` : ""}` : undefined;
  const lines = record({
    id: task.id,
    name: task.name,
    status: task.status,
    message: status?.message,
    [task.batch ? "tasks" : "steps"]: progress,
    took: status && task.end_time ? duration(status.duration) : undefined,
    cost: task.price && task.price.amount > 0 ? `${task.price.amount.toFixed(2)} ${task.price.currency}` : undefined,
    app: task.app,
    project: task.project,
    created: `${task.created_time} by ${task.created_by}`,
    batch: task.parent,
    logs: task.status === "FAILED" && !task.batch ? `causeway task logs ${task.id}` : undefined,
    "each task": task.batch ? commandForTasksOf(task.id) : undefined,
  });
  const problems = [
    ...task.errors.map((each) => ({ ...each, is: "error" })),
    ...task.warnings.map((each) => ({ ...each, is: "warning" })),
  ];
  return [
    lines,
    ...problems.map((each) =>
      printableText(`${each.is}: ${each.input === undefined ? "" : `${each.input}: `}${each.message}`, 2),
    ),
  ].join("\n");
}

/** The command that lists the tasks of a batch. */
const commandForTasksOf = (batch: string): string => `causeway task list --batch ${batch}`;

/** Why a task has no outputs or logs to show, and where they are when it is a batch. */
export function whyNothing(task: Pick<Task, "id" | "batch" | "status">, noun: "logs" | "outputs"): string {
  return task.batch
    ? `A batch has no ${noun} of its own, its tasks have: ${commandForTasksOf(task.id)}`
    : `The task has no ${noun}; it is ${task.status}.`;
}
