import type { JobLine, TaskLine, TaskState } from "@causeway/contract";
import type { presentTask } from "../present.ts";
import type { FoundTask } from "../queries.ts";
import type { JobLineRow, TaskLineRow } from "./watching-queries.ts";

const moment = (time: Date | null): string | null => time?.toISOString() ?? null;

export const presentJobLine = (row: JobLineRow): JobLine => ({
  name: row.name,
  step: row.name.replace(/\[\d+\]/g, ""),
  status: row.status,
  waiting: row.waiting,
  failure: row.failure,
  exit_code: row.exit_code,
  created: moment(row.created_at),
  started: moment(row.started_at),
  ended: moment(row.ended_at),
  instance: row.instance_id === null ? null : { id: row.instance_id, type: row.instance_type! },
  // What ran had an instance.
  reused: row.status === "COMPLETED" && row.instance_id === null,
  retried: row.retried,
  cpu_seconds: row.usage?.cpuSeconds ?? null,
  peak_memory_bytes: row.usage?.peakMemoryBytes ?? null,
  log_bytes: row.log_bytes,
});

/** @param presented the public form of the same task */
export function presentTaskState(task: FoundTask, presented: ReturnType<typeof presentTask>): TaskState {
  const status = presented.execution_status;
  return {
    status: task.status,
    message: status.message,
    steps_completed: task.steps_completed,
    steps_total: task.steps_total,
    started: moment(task.started_at),
    ended: moment(task.ended_at),
    price: presented.price?.amount ?? 0,
    children:
      "queued" in status
        ? {
            queued: status.queued,
            running: status.running,
            completed: status.completed,
            failed: status.failed,
            aborted: status.aborted,
          }
        : null,
  };
}

export const presentTaskLine = (row: TaskLineRow): TaskLine => ({
  id: row.id,
  name: row.name,
  status: row.status,
  steps_completed: row.steps_completed,
  steps_total: row.steps_total,
  created: moment(row.created_at),
  ended: moment(row.ended_at),
});
