import { operation } from "../operation.ts";
import { FileChanges, FileIds, FileResults, TaskIds, TaskResults } from "./shapes.ts";

const idRefusals = { "body/file_ids/[]#empty": "fileIdEmpty" } as const;
const changeRefusals = {
  "body/items/[]/id#missing": "fileIdEmpty",
  "body/items/[]/id#empty": "fileIdEmpty",
  "body/items/[]/name": "fileNameInvalid",
  "body/items/[]/metadata": "metadataInvalid",
} as const;

export const getFiles = operation({
  id: "getFiles",
  method: "POST",
  path: "/bulk/files/get",
  tag: "bulk",
  summary: "Get several files",
  body: FileIds,
  perItem: "file_ids",
  status: 200,
  reply: FileResults,
  narrows: "resources",
  refusals: idRefusals,
  errors: [],
});

export const deleteFiles = operation({
  id: "deleteFiles",
  method: "POST",
  path: "/bulk/files/delete",
  tag: "bulk",
  summary: "Delete several files; answers what they were",
  body: FileIds,
  perItem: "file_ids",
  status: 200,
  reply: FileResults,
  narrows: "resources",
  refusals: idRefusals,
  errors: [],
});

export const replaceFiles = operation({
  id: "replaceFiles",
  method: "POST",
  path: "/bulk/files/update",
  tag: "bulk",
  summary: "Replace tags and metadata of several files: what is not given becomes empty, a name stays",
  body: FileChanges,
  perItem: "items",
  status: 200,
  reply: FileResults,
  narrows: "resources",
  refusals: changeRefusals,
  errors: [],
});

export const editFiles = operation({
  id: "editFiles",
  method: "POST",
  path: "/bulk/files/edit",
  tag: "bulk",
  summary: "Change several files: what is not given stays, metadata is merged",
  body: FileChanges,
  perItem: "items",
  status: 200,
  reply: FileResults,
  narrows: "resources",
  refusals: changeRefusals,
  errors: [],
});

export const getTasks = operation({
  id: "getTasks",
  method: "POST",
  path: "/bulk/tasks/get",
  tag: "bulk",
  summary: "Get several tasks",
  body: TaskIds,
  perItem: "task_ids",
  status: 200,
  reply: TaskResults,
  narrows: "resources",
  refusals: { "body/task_ids/[]#empty": "taskIdEmpty" },
  errors: [],
});
