import { Type } from "typebox";
import { FileId } from "../forms.ts";
import { operation } from "../operation.ts";
import { FilePath, fileErrors, filePathRefusals } from "./path.ts";
import {
  CopiedFiles,
  CopyFile,
  CopyFiles,
  CreateFolder,
  DownloadInfo,
  File,
  Metadata,
  MetadataGiven,
  MoveFile,
  TagsGiven,
  UpdateFile,
} from "./shapes.ts";

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
  // As the calls of an upload.
  counted: false,
  status: 200,
  reply: DownloadInfo,
  refusals: filePathRefusals,
  errors: [
    ...fileErrors,
    "folderDownload",
    "fileVolumeInactive",
    // Of a file that lies on a volume (volumes.md §3.3).
    "volumeNotFound",
    "volumeObjectNotFound",
    "volumeReadForbidden",
    "volumeBucketNotFound",
    "volumeServiceUnreachable",
  ],
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

export const copyFiles = operation({
  id: "copyFiles",
  method: "POST",
  path: "/action/files/copy",
  tag: "files",
  summary: "Copy files to a project",
  body: CopyFiles,
  status: 200,
  reply: CopiedFiles,
  narrows: "nothing",
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
