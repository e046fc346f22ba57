import type { Job, JobUsage, KeyParts, Outputs, Value } from "@causeway/cwl";
import type { ColumnType } from "kysely";
import type { Defaulted, Timestamp } from "../db/database.ts";
import type { JobStatus, TaskStatus } from "./states.ts";

/** A JSON column: read as the value, written as text. */
type Json<T> = ColumnType<T, string, string>;
type DefaultedJson<T> = ColumnType<T, string | undefined, string>;

/** Value by port, as the API has it: files are `{class, path: id, name}`. */
export type PortValues = { [port: string]: unknown };

export interface TaskProblem {
  code: string;
  /** The place: `reads[2]`, `settings.depth`. */
  input?: string;
  message: string;
}

export interface ExecutionSettings {
  instance_type?: string | string[];
  max_parallel_instances?: number;
  use_memoization?: boolean;
  use_elastic_disk?: boolean;
}

/** Where outputs go, as it was given (tasks.md §6). */
export interface OutputLocation {
  main_location?: string;
  main_location_alias?: string;
  nodes_override?: boolean;
  nodes_location?: { [output: string]: { output_location?: string; output_location_alias?: string } };
}

export interface BatchBy {
  type: "ITEM" | "CRITERIA";
  criteria?: string[];
}

/** Which part of a batch a child is: its values in words, and by criterion. */
export interface BatchGroup {
  value: string;
  fields: { [criterion: string]: unknown };
}

/** What is kept of a submission: the engine's inputs, Files at `blob:<key>`, and which file each blob in them came from. */
export interface EngineInputs {
  values: { [port: string]: Value };
  ids: { blob: string; name: string; id: string }[];
  /** The names of files and folders that lie under shortened ones on the disks of jobs, by these. */
  names?: { [stagedName: string]: string };
}

export interface TasksTable {
  id: Defaulted<string>;
  project_id: string;
  app_revision_id: string;
  name: string;
  description: string | null;
  status: Defaulted<TaskStatus>;
  inputs: Json<PortValues>;
  outputs: DefaultedJson<PortValues>;
  execution_settings: Json<ExecutionSettings> | null;
  use_interruptible_instances: boolean | null;
  output_location: Json<OutputLocation> | null;
  errors: DefaultedJson<TaskProblem[]>;
  warnings: DefaultedJson<TaskProblem[]>;
  created_by: string;
  executed_by: string | null;
  created_at: Timestamp;
  queued_at: Timestamp | null;
  started_at: Timestamp | null;
  ended_at: Timestamp | null;
  failure: string | null;
  engine_inputs: Json<EngineInputs> | null;
  steps_total: Defaulted<number>;
  steps_completed: Defaulted<number>;
  driver: number | null;
  /** Faults of the platform in a row while it was driven, and the last in words. */
  faults: Defaulted<number>;
  fault: string | null;
  not_before: Timestamp | null;
  batch_input: string | null;
  batch_by: Json<BatchBy> | null;
  batch_group: Json<BatchGroup> | null;
  parent_id: string | null;
  /** USD; of a batch, of its children that have ended. Read as decimal text. */
  price: ColumnType<string, string | undefined, string>;
  /** The part of `price` that disks cost. */
  price_of_disks: ColumnType<string, string | undefined, string>;
  children_total: Defaulted<number>;
  children_queued: Defaulted<number>;
  children_completed: Defaulted<number>;
  children_failed: Defaulted<number>;
  children_aborted: Defaulted<number>;
}

export interface InstancesTable {
  id: string;
  task_id: string;
  type: string;
  provider: string;
  cpus: number;
  memory_mib: number;
  disk_type: string;
  disk_gb: number;
  /** USD, read as decimal text. */
  hourly: string;
  disk_hourly: string;
  started_at: Timestamp;
  released_at: Timestamp | null;
}

export interface JobsTable {
  task_id: string;
  name: string;
  executor_id: string;
  status: Defaulted<JobStatus>;
  job: Json<Job>;
  command_line: string;
  image_digest: string | null;
  instance_id: string | null;
  waiting: string | null;
  exit_code: number | null;
  usage: Json<Omit<JobUsage, "startedAt" | "endedAt">> | null;
  outputs: Json<Outputs> | null;
  failure: string | null;
  retried: Defaulted<boolean>;
  created_at: Timestamp;
  started_at: Timestamp | null;
  ended_at: Timestamp | null;
  /** File id by the log's name. */
  logs: DefaultedJson<{ [name: string]: string }>;
  /** Of the small ones that are no files yet: see `packLogs`. */
  log_id: string | null;
  log_bytes: Buffer | null;
  result_id: number | null;
}

export interface JobResultsTable {
  id: Defaulted<number>;
  project_id: string;
  task_id: string;
  job_name: string;
  key: string;
  family: string;
  parts: Json<KeyParts>;
  shown: Json<{ [port: string]: string }>;
  /** Files at `blob:<key>`. */
  outputs: Json<Outputs>;
  recorded_at: Timestamp;
  used_at: Timestamp;
}

declare module "../db/database.ts" {
  interface Tables {
    tasks: TasksTable;
    instances: InstancesTable;
    jobs: JobsTable;
    job_results: JobResultsTable;
  }
}
