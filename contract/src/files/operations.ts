import { Type } from "typebox";
import { FileId, MapOf, ProjectPath } from "../forms.ts";
import { operation } from "../operation.ts";
import { ProjectPathParams } from "../projects/operations.ts";
import {
  CopiedFiles,
  CopyFile,
  CopyFiles,
  CreateFolder,
  DownloadInfo,
  FILE_LIST_FIELDS,
  File,
  Metadata,
  MetadataGiven,
  MoveFile,
  TagsGiven,
  UpdateFile,
} from "./shapes.ts";

export const FilePath = Type.Object({ file: FileId("The file's or folder's id.") });

/** What is no id of ours cannot be there: only an empty one has an error of its own. */
export const filePathRefusals = { "params/file": "fileNotFound", "params/file#empty": "fileIdEmpty" } as const;

export const fileErrors = ["fileForbidden", "fileNotFound", "fileIdEmpty"] as const;

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
  refusals: { "params/owner": "projectOwnerEmpty", "params/project": "projectMalformedId" },
  errors: ["projectForbidden", "projectNotFound", "projectMalformedId"],
});

export const createFolder = operation({
  id: "createFolder",
  method: "POST",
  path: "/files",
  tag: "files",
  summary: "Create a folder",
  body: CreateFolder,
  status: 200,
  reply: File,
  refusals: {
    "body/type": "folderTypeInvalid",
    "body/name": "fileNameInvalid",
    "body/parent": "destinationFolderNotFound",
    "body/project": "projectMalformedId",
  },
  errors: [
    "folderTypeInvalid",
    "fileNameInvalid",
    "destinationMissing",
    "destinationAmbiguous",
    "destinationFolderNotFound",
    "parentNotFolder",
    "projectMalformedId",
    "projectNotFound",
    "projectForbidden",
    "fileForbidden",
    "fileExists",
    "folderExists",
  ],
});

export const getFile = operation({
  id: "getFile",
  method: "GET",
  path: "/files/{file}",
  tag: "files",
  summary: "Get a file or folder",
  params: FilePath,
  status: 200,
  reply: File,
  refusals: filePathRefusals,
  errors: fileErrors,
});

export const updateFile = operation({
  id: "updateFile",
  method: "PATCH",
  path: "/files/{file}",
  tag: "files",
  summary: "Rename a file, or replace its metadata or tags",
  params: FilePath,
  body: UpdateFile,
  status: 200,
  reply: File,
  refusals: { ...filePathRefusals, "body/name": "fileNameInvalid", "body/metadata": "metadataInvalid" },
  errors: [
    ...fileErrors,
    "fileNameInvalid",
    "fileExists",
    "metadataInvalid",
    "metadataKeyEmpty",
    "fileRenameForbidden",
    "metadataForbidden",
    "tagsForbidden",
    "folderDetailsFixed",
    "folderMetadata",
    "folderTags",
  ],
});

export const deleteFile = operation({
  id: "deleteFile",
  method: "DELETE",
  path: "/files/{file}",
  tag: "files",
  summary: "Delete a file or an empty folder",
  params: FilePath,
  status: 204,
  refusals: filePathRefusals,
  errors: [...fileErrors, "folderNotEmpty", "fileRequestInvalid"],
});

export const getDownloadInfo = operation({
  id: "getDownloadInfo",
  method: "GET",
  path: "/files/{file}/download_info",
  tag: "files",
  summary: "Get an address for the bytes of a file",
  params: FilePath,
  status: 200,
  reply: DownloadInfo,
  refusals: filePathRefusals,
  errors: [...fileErrors, "folderDownload", "fileVolumeInactive"],
});

export const getFileMetadata = operation({
  id: "getFileMetadata",
  method: "GET",
  path: "/files/{file}/metadata",
  tag: "files",
  summary: "Get the metadata of a file",
  params: FilePath,
  status: 200,
  reply: Metadata,
  refusals: filePathRefusals,
  errors: [...fileErrors, "metadataServiceUnavailable"],
});

const metadataRefusals = { ...filePathRefusals, body: "metadataInvalid" } as const;
const metadataErrors = [
  ...fileErrors,
  "metadataInvalid",
  "metadataKeyEmpty",
  "metadataForbidden",
  "folderMetadata",
  "metadataServiceUnavailable",
] as const;

export const updateFileMetadata = operation({
  id: "updateFileMetadata",
  method: "PATCH",
  path: "/files/{file}/metadata",
  tag: "files",
  summary: "Change some metadata of a file; null removes a key",
  params: FilePath,
  body: MetadataGiven,
  status: 200,
  reply: Metadata,
  refusals: metadataRefusals,
  errors: metadataErrors,
});

export const replaceFileMetadata = operation({
  id: "replaceFileMetadata",
  method: "PUT",
  path: "/files/{file}/metadata",
  tag: "files",
  summary: "Replace all metadata of a file",
  params: FilePath,
  body: MetadataGiven,
  status: 200,
  reply: Metadata,
  refusals: metadataRefusals,
  errors: metadataErrors,
});

export const getFileTags = operation({
  id: "getFileTags",
  method: "GET",
  path: "/files/{file}/tags",
  tag: "files",
  summary: "Get the tags of a file",
  params: FilePath,
  status: 200,
  reply: Type.Array(Type.String()),
  refusals: filePathRefusals,
  errors: fileErrors,
});

export const replaceFileTags = operation({
  id: "replaceFileTags",
  method: "PUT",
  path: "/files/{file}/tags",
  tag: "files",
  summary: "Replace all tags of a file",
  params: FilePath,
  body: TagsGiven,
  status: 200,
  reply: Type.Array(Type.String()),
  refusals: filePathRefusals,
  errors: [...fileErrors, "tagsForbidden", "folderTags"],
});

export const copyFile = operation({
  id: "copyFile",
  method: "POST",
  path: "/files/{file}/actions/copy",
  tag: "files",
  summary: "Copy a file to a project or folder",
  params: FilePath,
  body: CopyFile,
  status: 200,
  reply: File,
  refusals: {
    ...filePathRefusals,
    "body/project": "projectMalformedId",
    "body/parent": "destinationFolderNotFound",
    "body/name": "fileNameInvalid",
  },
  errors: [
    ...fileErrors,
    "folderCopy",
    "destinationMissing",
    "destinationAmbiguous",
    "destinationFolderNotFound",
    "parentNotFolder",
    "projectMalformedId",
    "projectNotFound",
    "projectForbidden",
    "fileCopyForbidden",
    "fileNameInvalid",
    "fileCopyFailed",
  ],
});

export const moveFile = operation({
  id: "moveFile",
  method: "POST",
  path: "/files/{file}/actions/move",
  tag: "files",
  summary: "Move a file to another folder of its project",
  params: FilePath,
  body: MoveFile,
  status: 200,
  reply: File,
  refusals: {
    ...filePathRefusals,
    "body/parent#missing": "destinationMissing",
    "body/parent#empty": "destinationMissing",
    "body/parent": "destinationFolderNotFound",
    "body/name": "fileNameInvalid",
  },
  errors: [
    ...fileErrors,
    "fileRequestInvalid",
    "fileMoveBetweenProjects",
    "destinationMissing",
    "destinationFolderNotFound",
    "parentNotFolder",
    "fileMoveForbidden",
    "fileNameInvalid",
  ],
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

export const copyFiles = operation({
  id: "copyFiles",
  method: "POST",
  path: "/action/files/copy",
  tag: "files",
  summary: "Copy files to a project",
  body: CopyFiles,
  status: 200,
  reply: CopiedFiles,
  refusals: { "body/project": "projectMalformedId", "body/file_ids": "fileRequestInvalid" },
  errors: ["projectMalformedId", "projectNotFound", "projectForbidden", "fileRequestInvalid"],
});

export const findFileIds = operation({
  id: "findFileIds",
  method: "POST",
  path: "/files/paths",
  aliases: ["/action/files/get_ids"],
  tag: "files",
  summary: "Find the ids of files by their paths",
  body: Type.Array(Type.String(), { description: "`owner/project/folder/file`." }),
  bodyRequired: true,
  status: 200,
  reply: Type.Array(Type.Union([FileId("The file's id."), Type.Null()]), {
    description: "In the order asked; null for a path that leads nowhere or that the caller may not see.",
  }),
  errors: [],
});
