import { Type } from "typebox";
import { FileId, MapOf, ProjectPath } from "../forms.ts";
import { operation } from "../operation.ts";
import { ProjectPathParams, projectPathRefusals } from "../projects/path.ts";
import { FilePath, fileErrors, filePathRefusals } from "./path.ts";
import { FILE_LIST_FIELDS, File } from "./shapes.ts";

const names = Type.Optional(Type.Array(Type.String(), { description: "Exact names; one of them must match.", "x-whole": true }));
const byKey = (description: string) => Type.Optional(MapOf(Type.Array(Type.String()), { description, "x-dotted": true }));

const filters = {
  name: names,
  tag: Type.Optional(Type.Array(Type.String(), { description: "Exact tags; one of them must match.", "x-whole": true })),
  metadata: byKey("`metadata.{key}=value`: exact values; one of each key must match. Empty or `null`: without the key."),
  origin: byKey("`origin.task=id`: files that one of these tasks made; also `origin.dataset`."),
};

export const listFiles = operation({
  id: "listFiles",
  method: "GET",
  path: "/files",
  tag: "files",
  summary: "List the files and folders of a project's root or of a folder",
  query: Type.Object({
    project: Type.Optional(ProjectPath("Its root folder; or give `parent`.")),
    parent: Type.Optional(FileId("The folder; or give `project`.")),
    dataset: Type.Optional(Type.String({ description: "A data set." })),
    ...filters,
  }),
  status: 200,
  reply: File,
  list: { fields: FILE_LIST_FIELDS },
  refusals: { "query/project": "fileProjectQueryMalformed", "query/parent": "fileNotFound" },
  errors: [
    "fileProjectQueryMalformed",
    "destinationAmbiguous",
    "projectForbidden",
    "projectNotFound",
    "fileForbidden",
    "fileNotFound",
    "parentNotFolder",
  ],
});

export const listProjectFiles = operation({
  id: "listProjectFiles",
  method: "GET",
  path: "/projects/{owner}/{project}/files",
  tag: "files",
  summary: "List the files and folders of a project's root",
  params: ProjectPathParams,
  query: Type.Object(filters),
  status: 200,
  reply: File,
  list: { fields: FILE_LIST_FIELDS },
  refusals: projectPathRefusals,
  errors: ["projectForbidden", "projectNotFound", "projectMalformedId"],
});

export const listFolder = operation({
  id: "listFolder",
  method: "GET",
  path: "/files/{file}/list",
  tag: "files",
  summary: "List the files and folders of a folder",
  params: FilePath,
  status: 200,
  reply: File,
  list: { fields: FILE_LIST_FIELDS },
  refusals: filePathRefusals,
  errors: [...fileErrors, "parentNotFolder"],
});

const ByToken = {
  token: Type.String({ description: "`init` for the first page; the link `next` carries that of the next.", minLength: 1 }),
};
const tokenRefusals = { "query/token#missing": "badRequest", "query/token": "scrollTokenUndecodable" } as const;
const tokenErrors = ["badRequest", "scrollTokenUndecodable", "scrollTokenInvalid"] as const;

export const scrollFiles = operation({
  id: "scrollFiles",
  method: "GET",
  path: "/files/scroll",
  tag: "files",
  summary: "List the files and folders of a project's root or of a folder, page by token",
  query: Type.Object({ ...ByToken, ...listFiles.query.properties }),
  status: 200,
  reply: File,
  list: { fields: FILE_LIST_FIELDS, by: "token" },
  refusals: { ...listFiles.refusals, ...tokenRefusals },
  errors: [...listFiles.errors, ...tokenErrors],
});

export const scrollFolder = operation({
  id: "scrollFolder",
  method: "GET",
  path: "/files/{file}/scroll",
  tag: "files",
  summary: "List the files and folders of a folder, page by token",
  params: FilePath,
  query: Type.Object(ByToken),
  status: 200,
  reply: File,
  list: { fields: FILE_LIST_FIELDS, by: "token" },
  refusals: { ...filePathRefusals, ...tokenRefusals },
  errors: [...fileErrors, "parentNotFolder", ...tokenErrors],
});
