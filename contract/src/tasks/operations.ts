import { Type } from "typebox";
import { OneOf, ProjectPath, TimeFilter, Uuid } from "../forms.ts";
import { operation } from "../operation.ts";
import { ProjectPathParams, projectPathRefusals } from "../projects/path.ts";
import { CreateTask, ExecutionDetails, InputsGiven, TASK_LIST_FIELDS, TASK_STATUSES, Task, UpdateTask } from "./shapes.ts";

const TaskPath = Type.Object({ task: Uuid("The task's id.") });

const taskPathRefusals = { "params/task": "taskIdInvalid", "params/task#empty": "taskIdEmpty" } as const;
const taskErrors = ["taskForbidden", "taskNotFound", "taskIdEmpty", "taskIdInvalid"] as const;

const blank = { "x-blank-absent": true } as const;
const time = (description: string) => Type.Optional(TimeFilter(description, blank));

const filters = {
  status: Type.Optional(OneOf(TASK_STATUSES, "Only tasks of this status.")),
  parent: Type.Optional(Uuid("The children of this batch, which are not listed otherwise.", blank)),
  batch: Type.Optional(Type.Boolean({ description: "Only batches, or none.", ...blank })),
  created_from: time("Created at this time or later."),
  created_to: time("Created at this time or earlier."),
  started_from: time("Started at this time or later."),
  started_to: time("Started at this time or earlier."),
  ended_from: time("Ended at this time or later."),
  ended_to: time("Ended at this time or earlier."),
  order_by: Type.Optional(
    OneOf(["created_time", "start_time", "name", "end_time", "created_by"], "The column to sort by.", blank),
  ),
  order: Type.Optional(OneOf(["asc", "desc"], "With `order_by` ascending unless said, else descending.", blank)),
  origin_id: Type.Optional(Type.String({ description: "An automation run: there are none here.", ...blank })),
};

const filterRefusals = { "query/status": "taskStatusInvalid", "query/parent": "taskIdInvalid" } as const;
const filterErrors = ["taskStatusInvalid", "taskIdInvalid", "taskNotFound", "taskForbidden"] as const;

export const listTasks = operation({
  id: "listTasks",
  method: "GET",
  path: "/tasks",
  tag: "tasks",
  summary: "List tasks",
  query: Type.Object({ project: Type.Optional(ProjectPath("Only tasks of this project.")), ...filters }),
  status: 200,
  reply: Task,
  list: { fields: TASK_LIST_FIELDS },
  refusals: { ...filterRefusals, "query/project": "projectMalformedId", "query/project#empty": "projectIdEmpty" },
  errors: [...filterErrors, "projectMalformedId", "projectIdEmpty", "projectNotFound", "projectForbidden"],
});

export const listProjectTasks = operation({
  id: "listProjectTasks",
  method: "GET",
  path: "/projects/{owner}/{project}/tasks",
  tag: "tasks",
  summary: "List the tasks of a project",
  params: ProjectPathParams,
  query: Type.Object(filters),
  status: 200,
  reply: Task,
  list: { fields: TASK_LIST_FIELDS },
  refusals: { ...filterRefusals, ...projectPathRefusals },
  errors: [...filterErrors, "projectForbidden", "projectNotFound", "projectMalformedId"],
});

/** The words of `action` in a query. */
const action = {
  action: Type.Optional(OneOf(["run"], "`run`: submit it at once.")),
};
const actionRefusals = { "query/action": "taskActionInvalid", "query/action#empty": "taskActionEmpty" } as const;
const actionErrors = ["taskActionInvalid", "taskActionEmpty"] as const;

const runOptions = {
  batch: Type.Optional(Type.Boolean({ description: "`false`: one plain task instead of a batch.", ...blank })),
  use_interruptible_instances: Type.Optional(Type.Boolean({ description: "Kept with the task.", ...blank })),
};

const batchRefusals = {
  "body/batch_input#empty": "batchInputEmpty",
  "body/batch_by/type": "batchTypeInvalid",
} as const;
const batchErrors = [
  "batchInputEmpty",
  "batchTypeInvalid",
  "batchCriteriaMissing",
  "batchFieldsIncomplete",
  "batchDisabledWithoutRun",
] as const;

export const createTask = operation({
  id: "createTask",
  method: "POST",
  path: "/tasks",
  tag: "tasks",
  summary: "Create a draft of a task, and run it if asked",
  query: Type.Object({
    ...action,
    run: Type.Optional(Type.Boolean({ description: "The same as `action=run`, in old scripts.", ...blank })),
    ...runOptions,
  }),
  body: CreateTask,
  status: 200,
  reply: Task,
  refusals: {
    ...actionRefusals,
    ...batchRefusals,
    "body/project": "projectMalformedId",
    "body/project#missing": "projectIdEmpty",
    "body/project#empty": "projectIdEmpty",
    "body/app": "taskAppInvalid",
    "body/app#missing": "taskAppIdEmpty",
    "body/app#empty": "taskAppIdEmpty",
  },
  errors: [
    ...actionErrors,
    ...batchErrors,
    "projectIdEmpty",
    "projectMalformedId",
    "projectNotFound",
    "projectForbidden",
    "taskForbidden",
    "taskAppIdEmpty",
    "taskAppInvalid",
    "taskAppNotCwl",
    "taskExists",
    "appNotFound",
    "appForbidden",
    "billingForbidden",
  ],
});

export const getTask = operation({
  id: "getTask",
  method: "GET",
  path: "/tasks/{task}",
  tag: "tasks",
  summary: "Get a task",
  params: TaskPath,
  status: 200,
  reply: Task,
  refusals: taskPathRefusals,
  errors: taskErrors,
});

export const updateTask = operation({
  id: "updateTask",
  method: "PATCH",
  path: "/tasks/{task}",
  tag: "tasks",
  summary: "Change a draft, or rename a task",
  params: TaskPath,
  body: UpdateTask,
  status: 200,
  reply: Task,
  refusals: { ...taskPathRefusals, ...batchRefusals },
  errors: [
    ...taskErrors,
    ...batchErrors,
    "taskNotDraft",
    "taskNotRunning",
    "taskNotDraftOrRunning",
    "taskActionInvalid",
    "taskAbortNotActive",
  ],
});

export const deleteTask = operation({
  id: "deleteTask",
  method: "DELETE",
  path: "/tasks/{task}",
  tag: "tasks",
  summary: "Delete a draft",
  params: TaskPath,
  status: 204,
  refusals: taskPathRefusals,
  errors: [...taskErrors, "taskNotDraft"],
});

export const getTaskInputs = operation({
  id: "getTaskInputs",
  method: "GET",
  path: "/tasks/{task}/inputs",
  tag: "tasks",
  summary: "Get the inputs of a task",
  params: TaskPath,
  status: 200,
  reply: Task.properties.inputs,
  refusals: taskPathRefusals,
  errors: taskErrors,
});

export const updateTaskInputs = operation({
  id: "updateTaskInputs",
  method: "PATCH",
  path: "/tasks/{task}/inputs",
  tag: "tasks",
  summary: "Change some inputs of a draft",
  params: TaskPath,
  body: InputsGiven,
  status: 200,
  reply: Task.properties.inputs,
  refusals: taskPathRefusals,
  errors: [...taskErrors, "taskNotDraft", "taskInputsMissing"],
});

export const runTask = operation({
  id: "runTask",
  method: "POST",
  path: "/tasks/{task}/actions/run",
  tag: "tasks",
  summary: "Run a draft",
  params: TaskPath,
  query: Type.Object(runOptions),
  status: 200,
  reply: Task,
  refusals: taskPathRefusals,
  errors: [...taskErrors, "taskRunNotDraft", "taskNotBatch", "taskValidationErrors", "billingForbidden"],
});

export const abortTask = operation({
  id: "abortTask",
  method: "POST",
  path: "/tasks/{task}/actions/abort",
  tag: "tasks",
  summary: "Abort a task",
  params: TaskPath,
  status: 200,
  reply: Task,
  refusals: taskPathRefusals,
  errors: [...taskErrors, "taskAbortNotActive"],
});

export const cloneTask = operation({
  id: "cloneTask",
  method: "POST",
  path: "/tasks/{task}/actions/clone",
  tag: "tasks",
  summary: "Make a draft like a task, and run it if asked",
  params: TaskPath,
  query: Type.Object(action),
  status: 200,
  reply: Task,
  refusals: { ...taskPathRefusals, ...actionRefusals },
  errors: [...taskErrors, ...actionErrors],
});

export const actOnTask = operation({
  id: "actOnTask",
  method: "POST",
  path: "/tasks/{task}/actions/{action}",
  short: ["/tasks/{task}/actions"],
  tag: "tasks",
  summary: "Refuse an unknown action",
  params: Type.Object({ ...TaskPath.properties, action: OneOf(["run", "abort", "clone"], "What to do.") }),
  status: 200,
  reply: Task,
  refusals: {
    ...taskPathRefusals,
    "params/action": "taskActionInvalid",
    "params/action#empty": "taskActionEmpty",
    "params/action#missing": "taskActionEmpty",
  },
  errors: [...taskErrors, ...actionErrors],
});

export const getExecutionDetails = operation({
  id: "getExecutionDetails",
  method: "GET",
  path: "/tasks/{task}/execution_details",
  tag: "tasks",
  summary: "Get the jobs of a task, with their logs",
  params: TaskPath,
  status: 200,
  reply: ExecutionDetails,
  refusals: taskPathRefusals,
  errors: taskErrors,
});
