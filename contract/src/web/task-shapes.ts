import { type Static, Type } from "typebox";
import { Answer, Nullable, OneOf, Uuid } from "../forms.ts";
import { TASK_STATUSES } from "../tasks/shapes.ts";

const moment = (description: string) => Nullable(Type.String({ description: `${description}: ISO 8601, milliseconds.` }));

/** What a step or an app is; nothing where there is none, or one that cannot be run. */
export const ProcessKind = OneOf(["", "tool", "workflow", "expression", "operation"], "What it runs.");

/**
 * A node of a process. The id of a step is its path, `align.sort` in a nested workflow, as the names of jobs have it
 * without their scatter indices; ports of the process are `in:reads` and `out:report`. A tool that is the whole is `job`.
 */
export const GraphNode = Answer({
  id: Type.String(),
  parent: Nullable(Type.String(), "The step that runs the workflow which the node is in."),
  kind: OneOf(["input", "step", "output"], "What it is."),
  label: Type.String({ description: "For people." }),
  runs: ProcessKind,
  scattered: Type.Boolean({ description: "Whether there is a job for each of many values." }),
  conditional: Type.Boolean({ description: "Whether it may be left out (`when`)." }),
});

export const Graph = Answer({
  nodes: Type.Array(GraphNode),
  edges: Type.Array(Answer({ from: Type.String(), to: Type.String() }), { description: "Within one workflow." }),
});
export type Graph = Static<typeof Graph>;
export type GraphNode = Static<typeof GraphNode>;

/** A job in the table of a task. */
export const JobLine = Answer({
  name: Type.String({ description: "`align.sort[3]`: the step's path, with scatter indices from 0." }),
  step: Type.String({ description: "The node that it belongs to." }),
  status: OneOf(["QUEUED", "RUNNING", "COMPLETED", "FAILED", "ABORTED"], "How it stands."),
  waiting: Nullable(Type.String(), "What it waits for, in words."),
  failure: Nullable(Type.String(), "Why it failed, in words."),
  exit_code: Nullable(Type.Integer()),
  created: moment("When it was made"),
  started: moment("When its command started"),
  ended: moment("When its command ended"),
  instance: Nullable(Answer({ id: Type.String(), type: Type.String() }), "Where it ran."),
  reused: Type.Boolean({ description: "Whether an earlier job's results were taken." }),
  retried: Type.Boolean({ description: "Whether it ran again after its instance was lost." }),
  cpu_seconds: Nullable(Type.Number()),
  peak_memory_bytes: Nullable(Type.Number()),
  log_bytes: Type.Integer({ description: "Of a running job: what its logs have so far." }),
});
export type JobLine = Static<typeof JobLine>;

/** How a task stands; what else it is, `GET /v2/tasks/{task}` tells. */
export const TaskState = Answer({
  status: OneOf([...TASK_STATUSES], "As in the public API."),
  message: Type.String({ description: "How it stands, in words; of a failed task, why." }),
  steps_completed: Type.Integer(),
  steps_total: Type.Integer(),
  started: moment("When the first job could start"),
  ended: moment("When it ended"),
  price: Type.Number({ description: "USD so far." }),
  children: Nullable(
    Answer({
      queued: Type.Integer(),
      running: Type.Integer(),
      completed: Type.Integer(),
      failed: Type.Integer(),
      aborted: Type.Integer(),
    }),
    "Of a batch.",
  ),
});
export type TaskState = Static<typeof TaskState>;

/** Jobs that are new or have changed; `all`: these are all there are. */
export const JobChanges = Answer({ all: Type.Boolean(), jobs: Type.Array(JobLine) });
export type JobChanges = Static<typeof JobChanges>;

/** All that is known of one job. */
export const JobDetail = Answer({
  name: Type.String(),
  command_line: Type.String(),
  image: Nullable(Type.String(), "The image that it ran in, as its tool names it."),
  cores: Type.Number({ description: "What it was given." }),
  memory_mib: Type.Number(),
  disk_mib: Type.Number({ description: "Of its working and temporary directories." }),
  time_limit_seconds: Nullable(Type.Number()),
  network: Type.Boolean(),
  logs: Type.Array(Answer({ name: Type.String(), file: Type.String({ description: "The file's id." }), size: Type.Integer() })),
});
export type JobDetail = Static<typeof JobDetail>;

export const TaskPath = Type.Object({ task: Uuid("The task's id.") });
export const JobPath = Type.Object({ task: Uuid("The task's id."), job: Type.String({ minLength: 1 }) });

/** A task of a project in its live list. */
export const TaskLine = Answer({
  id: Uuid("The task."),
  name: Type.String(),
  status: OneOf([...TASK_STATUSES], "As in the public API."),
  steps_completed: Type.Integer(),
  steps_total: Type.Integer(),
  created: moment("When it was made"),
  ended: moment("When it ended"),
});
export type TaskLine = Static<typeof TaskLine>;
