import { timestamp } from "@causeway/contract";
import type { Links } from "../http/links.ts";
import { COUNTED, type TasksBefore } from "./dispatch/before.ts";
import type { MentionedFile } from "./files/task-files.ts";
import type { FoundTask, TaskLine } from "./queries.ts";
import type { JobWithInstance } from "./running/job-queries.ts";
import { isFinal, type TaskStatus } from "./states.ts";
import { mapStoredEntries, type StoredEntry, visitStoredEntries } from "./stored-entry.ts";
import type { PortValues } from "./tables.ts";

const MESSAGES: Readonly<Record<TaskStatus, { message: string; code: string }>> = {
  DRAFT: { message: "", code: "task_draft" },
  CREATING: { message: "Initializing the list of batch tasks.", code: "batch_initializing" },
  QUEUED: { message: "The task has been submitted and is awaiting execution.", code: "task_queued" },
  RUNNING: { message: "Running", code: "task_running" },
  ABORTING: { message: "Aborting", code: "task_aborting" },
  COMPLETED: { message: "Completed", code: "task_completed" },
  FAILED: { message: "Failed", code: "task_failed" },
  ABORTED: { message: "Aborted", code: "task_aborted" },
};

/** What is known beside a task's row. */
export interface AroundTask {
  /** The living files that its values mention, by id. */
  files: ReadonlyMap<string, MentionedFile>;
  /** How many tasks are before it if it waits, or jobs before its own if they do. */
  before: TasksBefore;
}

/** The public shape of a task (tasks.md §1). */
export function presentTask(task: FoundTask, { files, before }: AroundTask, links: Links) {
  return {
    href: links.to(`/tasks/${task.id}`),
    id: task.id,
    name: task.name,
    description: task.description,
    status: task.status,
    project: task.project,
    app: task.app,
    type: "v2" as const,
    created_by: task.created_by,
    executed_by: task.executed_by,
    created_time: timestamp(task.created_at),
    start_time: timeOrNull(task.started_at),
    end_time: timeOrNull(task.ended_at),
    batch: task.batch_by !== null,
    batch_input: task.batch_input,
    batch_by: task.batch_by,
    batch_group: task.batch_group,
    parent: task.parent_id,
    use_interruptible_instances: task.use_interruptible_instances ?? task.project_settings.use_interruptible_instances,
    execution_settings: task.execution_settings,
    execution_status: executionStatus(task, before.get(task.id) ?? 0),
    price: task.status === "DRAFT" ? null : priceOf(task),
    inputs: presentValues(task.inputs, files),
    outputs: presentValues(task.outputs, files),
    ...(task.output_location === null ? {} : { output_location: task.output_location }),
    errors: task.errors,
    warnings: task.warnings,
  };
}

/** What lists show of a task by themselves. */
export const presentLine = ({ id, name, project }: TaskLine, links: Links) => ({
  href: links.to(`/tasks/${id}`),
  id,
  name,
  project,
});

/** What the task has cost so far (execution-hints.md §9): what is charged already, and what runs. */
function priceOf({ price, price_of_disks, used, status }: FoundTask) {
  const running = used === null || isFinal(status) ? NOTHING : used;
  const storage = Number(price_of_disks) + running.disks;
  const computation = Number(price) - Number(price_of_disks) + running.computation;
  return {
    currency: "USD" as const,
    amount: Number((storage + computation).toFixed(2)),
    breakdown: { storage: storage.toFixed(2), computation: computation.toFixed(2) },
  };
}

const NOTHING = { computation: 0, disks: 0 };

const timeOrNull = (time: Date | null) => (time === null ? null : timestamp(time));

/** How far a task is (tasks.md §1.2); a draft has zeros and an empty message. Durations in milliseconds. */
function executionStatus(task: FoundTask, before: number) {
  const { code } = MESSAGES[task.status];
  const end = task.ended_at ?? (isFinal(task.status) || task.status === "DRAFT" ? null : new Date());
  const between = (from: Date | null, to: Date | null) => (from && to ? Math.max(0, to.getTime() - from.getTime()) : 0);
  const running = between(task.started_at, end);
  const durations = {
    queued_duration: between(task.queued_at, task.started_at ?? end),
    running_duration: running,
    execution_duration: task.batch_by === null ? (task.used?.ms ?? 0) : running,
    duration: between(task.queued_at, end),
  };
  const { waiting, running: jobsRunning } = task.open_jobs ?? NO_JOBS;
  if (task.batch_by !== null) return { message: messageOf(task, before), message_code: code, ...childCounts(task), ...durations };
  return {
    message: messageOf(task, before),
    message_code: code,
    steps_completed: task.steps_completed,
    steps_total: task.steps_total,
    instance_init: false,
    account_limit: false,
    system_limit: task.status === "QUEUED" || task.resting !== null || (waiting > 0 && jobsRunning === 0),
    ...durations,
  };
}

const NO_JOBS = { running: 0, waiting: 0, why: null };

/** How a task stands, in words (tasks.md §1.2). A batch that FAILED has a failure where its children could not be made. */
function messageOf(task: FoundTask, before: number): string {
  const { status, failure, resting, open_jobs, children_failed, children_total } = task;
  const { message } = MESSAGES[status];
  if (failure !== null) return failure;
  if (resting !== null) return `Waiting: ${resting}`;
  if (task.batch_by !== null) return status === "FAILED" ? `${children_failed} of ${children_total} tasks failed.` : message;
  if (status === "QUEUED" && before > 0) return `${message.replace(/\.$/, "")}: ${counted(before, "task")} before it.`;
  const { running, waiting, why } = open_jobs ?? NO_JOBS;
  if (why === null) return message;
  const others = before === 0 ? "" : `; ${counted(before, "job")} before its own`;
  if (running === 0) return `Waiting: ${why}${others}`;
  return `Running; ${waiting === 1 ? "1 job waits" : `${waiting} jobs wait`}: ${why}${others}`;
}

const counted = (before: number, what: "task" | "job"): string =>
  before === 1 ? `1 ${what} is` : `${before >= COUNTED ? `${COUNTED} or more` : before} ${what}s are`;

/** How many children of a batch are where; one that is being aborted still runs. */
function childCounts(batch: FoundTask) {
  const { children_queued: queued, children_completed: completed, children_failed: failed, children_aborted: aborted } = batch;
  return { queued, running: batch.children_total - queued - completed - failed - aborted, completed, failed, aborted };
}

/** Values with what is known now of the files in them; a file that is gone keeps id and name. */
export const presentValues = (values: PortValues, files: ReadonlyMap<string, MentionedFile>): PortValues =>
  mapStoredEntries(values, (entry) => presentEntry(entry, files));

function presentEntry(entry: StoredEntry, files: ReadonlyMap<string, MentionedFile>): object {
  const file = files.get(entry.path);
  const companions = entry.secondaryFiles?.map((companion) => presentEntry(companion, files));
  return {
    class: entry.class,
    path: entry.path,
    name: file?.name ?? entry.name ?? entry.path,
    ...(file?.type === "file" ? { size: file.size, metadata: file.metadata } : {}),
    // Python turns the whole value into None when this is null, so it is left out where there is none.
    ...(companions ? { secondaryFiles: companions } : {}),
  };
}

/** The ids of every file that a task's values mention. */
export function mentionedIds(tasks: readonly FoundTask[]): string[] {
  const ids: string[] = [];
  const visit = ({ path, secondaryFiles = [] }: StoredEntry): void => {
    ids.push(path);
    secondaryFiles.forEach(visit);
  };
  for (const { inputs, outputs } of tasks) for (const values of [inputs, outputs]) visitStoredEntries(values, visit);
  return ids;
}

/** The public shape of a task's jobs with their logs (tasks.md §3.10). */
export function presentDetails(task: FoundTask, jobs: readonly JobWithInstance[], before: TasksBefore, links: Links) {
  return {
    href: links.to(`/tasks/${task.id}/execution_details`),
    start_time: timeOrNull(task.started_at),
    end_time: timeOrNull(task.ended_at),
    status: task.status,
    message: messageOf(task, before.get(task.id) ?? 0),
    jobs: jobs.map((job) => presentJob(task, job, links)),
  };
}

function presentJob(task: FoundTask, job: JobWithInstance, links: Links) {
  return {
    name: jobName(task, job.name),
    start_time: timeOrNull(job.started_at),
    end_time: timeOrNull(job.ended_at),
    status: job.status,
    command_line: job.command_line,
    retried: job.retried,
    instance: instanceOf(job),
    docker: job.image_digest === null ? {} : { checksum: job.image_digest },
    logs: Object.fromEntries(Object.entries(job.logs).map(([name, id]) => [name, links.to(`/files/${id}/download_info`)])),
  };
}

/** Null until the job has a place, and for results that were re-used. */
function instanceOf({ instance_id: id, instance_type: type, provider, disk_gb: size, disk_type }: JobWithInstance) {
  if (id === null) return null;
  return { id, type: type!, provider: provider!, disk: { size: size!, unit: "GB" as const, type: disk_type! } };
}

/** `align.sort[3]` is `align.sort_4` here: scattered jobs count from 1. A tool that is the whole task has its app's name. */
function jobName(task: FoundTask, name: string): string {
  return name === "job" ? task.app_name : name.replace(/\[(\d+)\]/g, (_, index: string) => `_${Number(index) + 1}`);
}
