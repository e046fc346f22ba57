import { duration, printableText, record } from "../output/output.ts";
import { stepsOf, type Task } from "./wait.ts";

/** A task in lines for people: how it stands, and what is wrong with it if anything is. */
export function describeTask(task: Task): string {
  const { execution_status: status } = task;
  const steps = stepsOf(task);
  const lines = record({
    id: task.id,
    name: task.name,
    status: task.status,
    message: status?.message,
    steps: steps.total > 0 ? `${steps.completed} of ${steps.total}` : undefined,
    took: status && task.end_time ? duration(status.duration) : undefined,
    cost: task.price && task.price.amount > 0 ? `${task.price.amount.toFixed(2)} ${task.price.currency}` : undefined,
    app: task.app,
    project: task.project,
    created: `${task.created_time} by ${task.created_by}`,
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
