import { Type } from "typebox";
import { Answer, Href, MapOf, Nullable, OneOf, ProjectPath, Timestamp, Uuid } from "../forms.ts";

/** The life of a task (tasks.md §2). */
export const TASK_STATUSES = ["DRAFT", "CREATING", "QUEUED", "RUNNING", "ABORTING", "COMPLETED", "FAILED", "ABORTED"] as const;

const BatchBy = Answer({
  type: Type.Enum(["ITEM", "CRITERIA"], { description: "One child a value, or one a group of files of equal metadata." }),
  criteria: Type.Optional(Type.Array(Type.String(), { description: "`metadata.{key}`, in the order of the children's names." })),
});

const milliseconds = (description: string) => Type.Integer({ description: `${description}: milliseconds.`, minimum: 0 });
const count = (description: string) => Type.Integer({ description, minimum: 0 });

const durations = {
  queued_duration: milliseconds("Time spent waiting"),
  running_duration: milliseconds("Time spent running, preparation included"),
  execution_duration: milliseconds("Time spent in jobs"),
  duration: milliseconds("Time from start to end, or until now"),
};

/** How far a task is (tasks.md §1.2): steps of a task, children of a batch. */
export const ExecutionStatus = Type.Union([
  Answer({
    message: Type.String({ description: "How it stands, in words; of a failed task, why." }),
    message_code: Type.String({ description: "The same as one word." }),
    steps_completed: count("Steps done."),
    steps_total: count("Steps in all; a tool has one."),
    instance_init: Type.Boolean({ description: "Waits for an instance." }),
    account_limit: Type.Boolean({ description: "Waits because the account has reached its limit." }),
    system_limit: Type.Boolean({ description: "Waits because there is no capacity." }),
    ...durations,
  }),
  Answer({
    message: Type.String({ description: "How it stands, in words." }),
    message_code: Type.String({ description: "The same as one word." }),
    queued: count("Children that wait."),
    running: count("Children that run."),
    completed: count("Children that completed."),
    failed: count("Children that failed."),
    aborted: count("Children that were aborted."),
    ...durations,
  }),
]);

const amount = (description: string) => Type.String({ description: `${description}: decimal text, in \`currency\`.` });

/** What a task costs (tasks.md §1.3); the parts are texts, the amount a number. */
export const Price = Answer({
  currency: Type.Literal("USD"),
  amount: Type.Number({ description: "In all, so far: a number, in `currency`." }),
  breakdown: Answer({
    storage: amount("Disks"),
    computation: amount("Instances"),
    data_transfer: Type.Optional(amount("Transfers")),
  }),
});

export const ExecutionSettings = Answer({
  instance_type: Type.Optional(
    Type.Union([Type.String(), Type.Array(Type.String())], { description: "`type[;disk-type;GB]`, `AUTO`, or several." }),
  ),
  max_parallel_instances: Type.Optional(Type.Unknown({ description: "Instances at once, from 1; of a draft as it was given." })),
  use_memoization: Type.Optional(Type.Boolean({ description: "Re-use earlier results." })),
  use_elastic_disk: Type.Optional(Type.Boolean({ description: "Disks grow when they fill up." })),
});

const NodeLocation = Answer({
  output_location: Type.Optional(Type.String({ description: "Below the main location, or absolute." })),
  output_location_alias: Type.Optional(Type.String({ description: "Where files on a volume show up." })),
});

/** Where outputs land (tasks.md §6). */
export const OutputLocation = Answer({
  main_location: Type.Optional(Type.String({ description: "A folder's path in the project, or `volumes://volume/prefix`." })),
  main_location_alias: Type.Optional(Type.String({ description: "Where files on a volume show up." })),
  nodes_override: Type.Optional(Type.Boolean({ description: "Whether `nodes_location` counts." })),
  nodes_location: Type.Optional(MapOf(NodeLocation, { description: "By the output's id." })),
});

/** What is wrong with a draft, or odd (tasks.md §4.3). */
export const TaskProblem = Answer({
  code: Type.String({ description: "The kind of problem, e.g. `MISSING_INPUT`." }),
  input: Type.Optional(Type.String({ description: "The place: `reads[2]`, `settings.depth`." })),
  message: Type.String({ description: "What is wrong and how to mend it." }),
});

/** Values by port: JSON values, and files as `{class, path: file id, name}` (tasks.md §1.4). */
const PortValues = (description: string) => MapOf(Type.Unknown(), { description });

/**
 * A task (tasks.md §1.1). `output_location` and `origin_id` are left out where they have no value: an old R client stops
 * on keys it does not know.
 */
export const Task = Answer({
  href: Href("The task."),
  id: Uuid("The task's id."),
  name: Type.String({ description: "The name people see." }),
  description: Nullable(Type.String(), "Markdown."),
  status: Type.Enum(TASK_STATUSES, { description: "COMPLETED, FAILED and ABORTED are final." }),
  project: ProjectPath("The project it is in."),
  app: Type.String({ description: "`owner/project/name/revision`: always with the revision." }),
  type: Type.Literal("v2", { description: "Always `v2`." }),
  created_by: Type.String({ description: "The creator's username." }),
  executed_by: Nullable(Type.String(), "Who ran it; null until then."),
  created_time: Timestamp("When it was created."),
  start_time: Nullable(Timestamp("When the first job could start."), "When the first job could start."),
  end_time: Nullable(Timestamp("When it ended."), "When it ended."),
  batch: Type.Boolean({ description: "Whether it only has children." }),
  batch_input: Nullable(Type.String(), "Of a batch: the input whose values become children."),
  batch_by: Nullable(BatchBy, "Of a batch: how values become children."),
  batch_group: Nullable(
    Answer({
      value: Type.String({ description: "The group in words." }),
      fields: MapOf(Type.Unknown(), { description: "Value by criterion." }),
    }),
    "Of a child: its group.",
  ),
  parent: Nullable(Type.String(), "Of a child: the batch."),
  use_interruptible_instances: Type.Boolean({ description: "The task's own, else the project's." }),
  execution_settings: Nullable(ExecutionSettings, "Only what was set."),
  execution_status: Nullable(ExecutionStatus, "How far it is."),
  price: Nullable(Price, "What it costs; null before it runs."),
  inputs: PortValues("Every input of the app; null where not set."),
  outputs: PortValues("Every output of the app; null until it is there."),
  output_location: Type.Optional(OutputLocation),
  errors: Type.Array(TaskProblem, { description: "What keeps a draft from running." }),
  warnings: Type.Array(TaskProblem, { description: "What is odd about a draft." }),
  origin_id: Type.Optional(Type.String({ description: "The automation run that made it." })),
});

export const TASK_LIST_FIELDS = ["href", "id", "name", "project"] as const;

const nullAbsent = { "x-null-absent": true } as const;

/** Batching in a request; which of these are needed together is for the service to say (tasks.md §3.2). */
const batching = {
  batch: Type.Optional(Type.Boolean({ description: "Whether to make a batch.", ...nullAbsent })),
  batch_input: Type.Optional(
    Type.Union([Type.String({ minLength: 1 }), Type.Null()], { description: "The input whose values become children." }),
  ),
  batch_by: Type.Optional(
    Type.Union(
      [
        Type.Object({
          type: OneOf(["ITEM", "CRITERIA"], "One child a value, or one a group of files of equal metadata."),
          criteria: Type.Optional(Type.Array(Type.String(), { description: "`metadata.{key}`.", ...nullAbsent })),
        }),
        Type.Null(),
      ],
      { description: "How values become children." },
    ),
  ),
};

const GivenSettings = Type.Object({
  instance_type: Type.Optional(
    Type.Union([Type.String(), Type.Array(Type.String())], {
      description: "`type[;disk-type;GB]`, `AUTO`, or several.",
      ...nullAbsent,
    }),
  ),
  max_parallel_instances: Type.Optional(
    Type.Unknown({ description: "Instances at once, from 1; what is wrong with it is an error of the draft." }),
  ),
  use_memoization: Type.Optional(Type.Boolean({ description: "Re-use earlier results.", ...nullAbsent })),
  use_elastic_disk: Type.Optional(Type.Boolean({ description: "Disks grow when they fill up.", ...nullAbsent })),
});

const GivenNodeLocation = Type.Object({
  output_location: Type.Optional(Type.String({ description: "Below the main location, or absolute.", ...nullAbsent })),
  output_location_alias: Type.Optional(Type.String({ description: "Where files on a volume show up.", ...nullAbsent })),
});

const GivenLocation = Type.Object({
  main_location: Type.Optional(
    Type.String({ description: "A folder's path in the project, or `volumes://volume/prefix`.", ...nullAbsent }),
  ),
  main_location_alias: Type.Optional(Type.String({ description: "Where files on a volume show up.", ...nullAbsent })),
  nodes_override: Type.Optional(Type.Boolean({ description: "Whether `nodes_location` counts.", ...nullAbsent })),
  nodes_location: Type.Optional(MapOf(GivenNodeLocation, { description: "By the output's id.", ...nullAbsent })),
});

export const InputsGiven = MapOf(Type.Unknown(), {
  description: 'Value by input; a file as `{class: "File", path: file id}`. Null clears a value.',
});

/** The first that is wrong is named: batching before inputs (tasks.md §8). */
const settings = {
  ...batching,
  inputs: Type.Optional(
    MapOf(Type.Unknown(), { description: 'Value by input; a file as `{class: "File", path: file id}`.', ...nullAbsent }),
  ),
  execution_settings: Type.Optional(Nullable(GivenSettings, "How to run it.")),
  output_location: Type.Optional(Nullable(GivenLocation, "Where outputs go.")),
  use_interruptible_instances: Type.Optional(Type.Boolean({ description: "Unless said, the project's setting.", ...nullAbsent })),
};

/** The body of `POST /tasks` (tasks.md §3.2). */
export const CreateTask = Type.Object({
  id: Type.Optional(
    Type.String({ description: "Given by the platform; that of a task which is there is refused.", ...nullAbsent }),
  ),
  project: ProjectPath("The project to create it in."),
  app: Type.String({ description: "`owner/project/name`, the latest revision, or `…/revision`.", minLength: 1 }),
  name: Type.Optional(
    Type.String({ description: "Made from the app's name and the time, unless given.", "x-blank-absent": true }),
  ),
  description: Type.Optional(Type.String({ description: "Markdown.", ...nullAbsent })),
  main_location: Type.Optional(Type.String({ description: "As in `output_location`, in old scripts.", ...nullAbsent })),
  ...settings,
});

/** The body of `PATCH /tasks/{task}` (§3.4): a null name or description is no change; inputs are merged. */
export const UpdateTask = Type.Object({
  name: Type.Optional(Type.String({ description: "The name people see.", ...nullAbsent })),
  description: Type.Optional(Type.String({ description: 'Markdown; `""` clears it.', ...nullAbsent })),
  app: Type.Optional(Type.String({ description: "Cannot be changed.", ...nullAbsent })),
  project: Type.Optional(Type.String({ description: "Cannot be changed.", ...nullAbsent })),
  status: Type.Optional(
    Type.String({ description: "`ABORTED` aborts a running task; any other must be the one it has.", ...nullAbsent }),
  ),
  ...settings,
});

const Job = Answer({
  name: Type.String({ description: "The step; of a scattered one `_1`, `_2`, … follows." }),
  start_time: Nullable(Timestamp("When it started."), "When it started."),
  end_time: Nullable(Timestamp("When it ended."), "When it ended; null while it runs."),
  status: Type.Enum(["QUEUED", "RUNNING", "COMPLETED", "FAILED", "ABORTED"], { description: "How it stands." }),
  command_line: Nullable(Type.String(), "What was run."),
  retried: Type.Boolean({ description: "Whether it was run again after its instance was lost." }),
  instance: Nullable(
    Answer({
      id: Type.String({ description: "Where it ran." }),
      type: Type.String({ description: "The instance's type." }),
      provider: Type.String({ description: "Whose it is." }),
      disk: Nullable(
        Answer({
          size: Type.Integer({ description: "In `unit`." }),
          unit: Type.Literal("GB"),
          type: Type.String({ description: "The disk's type." }),
        }),
        "The disk; null where there is none of its own.",
      ),
    }),
    "Null for re-used results.",
  ),
  docker: Answer({ checksum: Type.Optional(Type.String({ description: "The image's digest." })) }),
  logs: MapOf(Href("The log file's `download_info`."), { description: "Address by name of the log." }),
});

/** `GET /tasks/{task}/execution_details` (§3.10). */
export const ExecutionDetails = Answer({
  href: Href("These details."),
  start_time: Nullable(Timestamp("When the task started."), "When the task started."),
  end_time: Nullable(Timestamp("When the task ended."), "When the task ended."),
  status: Type.Enum(TASK_STATUSES, { description: "The task's." }),
  message: Type.String({ description: "The task's, in words." }),
  jobs: Type.Array(Job, { description: "By start time." }),
});
