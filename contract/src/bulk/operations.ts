import { operation } from "../operation.ts";
import { FileChanges, FileIds, FileResults, TaskIds, TaskResults } from "./shapes.ts";

export const getFiles = operation({
  id: "getFiles",
  method: "POST",
  path: "/bulk/files/get",
  tag: "bulk",
  summary: "Get several files",
  body: FileIds,
  status: 200,
  reply: FileResults,
  errors: [],
});

export const deleteFiles = operation({
  id: "deleteFiles",
  method: "POST",
  path: "/bulk/files/delete",
  tag: "bulk",
  summary: "Delete several files; answers what they were",
  body: FileIds,
  status: 200,
  reply: FileResults,
  errors: [],
});

export const replaceFiles = operation({
  id: "replaceFiles",
  method: "POST",
  path: "/bulk/files/update",
  tag: "bulk",
  summary: "Replace tags and metadata of several files: what is not given becomes empty, a name stays",
  body: FileChanges,
  status: 200,
  reply: FileResults,
  errors: [],
});

export const editFiles = operation({
  id: "editFiles",
  method: "POST",
  path: "/bulk/files/edit",
  tag: "bulk",
  summary: "Change several files: what is not given stays, metadata is merged",
  body: FileChanges,
  status: 200,
  reply: FileResults,
  errors: [],
});

export const getTasks = operation({
  id: "getTasks",
  method: "POST",
  path: "/bulk/tasks/get",
  tag: "bulk",
  summary: "Get several tasks",
  body: TaskIds,
  status: 200,
  reply: TaskResults,
  errors: [],
});
