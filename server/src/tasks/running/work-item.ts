import { enqueue } from "../../queue/queue.ts";

/** The work item that drives a task to its end. */
export const RUN_TASK = "run-task";

/** Under which key a task is in the queue: once. */
export const taskKey = (taskId: string): string => `task ${taskId}`;

export const enqueueTask = (db: Parameters<typeof enqueue>[0], taskId: string): Promise<void> =>
  enqueue(db, RUN_TASK, { taskId }, { key: taskKey(taskId) });
