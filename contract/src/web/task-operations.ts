import { Type } from "typebox";
import { operation } from "../operation.ts";
import { Graph, JobChanges, JobDetail, JobPath, TaskLine, TaskPath, TaskState } from "./task-shapes.ts";

const taskErrors = ["taskNotFound", "taskForbidden", "taskIdInvalid"] as const;
const refusals = { "params/task": "taskIdInvalid" } as const;

export const getTaskGraph = operation({
  id: "getTaskGraph",
  method: "GET",
  path: "/tasks/{task}/graph",
  tag: "web",
  summary: "Get the steps of a task's app, and what they get from each other",
  params: TaskPath,
  status: 200,
  reply: Graph,
  refusals,
  errors: taskErrors,
});

export const getTaskJob = operation({
  id: "getTaskJob",
  method: "GET",
  path: "/tasks/{task}/jobs/{job}",
  tag: "web",
  summary: "Get one job of a task, by its name",
  params: JobPath,
  status: 200,
  reply: JobDetail,
  refusals,
  errors: [...taskErrors, "notFound"],
});

/** `task` and `jobs` come at once and then with every change; `end` when nothing can change any more. */
export const watchTask = operation({
  id: "watchTask",
  method: "GET",
  path: "/tasks/{task}/changes",
  tag: "web",
  summary: "Follow a task and its jobs",
  params: TaskPath,
  status: 200,
  events: { task: TaskState, jobs: JobChanges, end: Type.Object({}) },
  refusals,
  errors: [...taskErrors, "rateLimitExceeded"],
});

/** `tasks` comes at once and then whenever a task is made or moves: the newest, newest first. */
export const watchProject = operation({
  id: "watchProject",
  method: "GET",
  path: "/projects/{owner}/{project}/changes",
  tag: "web",
  summary: "Follow the newest tasks of a project",
  params: Type.Object({ owner: Type.String({ minLength: 1 }), project: Type.String({ minLength: 1 }) }),
  status: 200,
  events: { tasks: Type.Object({ tasks: Type.Array(TaskLine) }) },
  errors: ["projectNotFound", "projectForbidden", "taskForbidden", "rateLimitExceeded"],
});
