import { Type } from "typebox";
import { operation } from "../operation.ts";
import { FileJob, RemoveFiles, SendFiles } from "./shapes.ts";

const JobPath = Type.Object({ job: Type.String({ description: "The job's id." }) });

const itemRefusals = {
  "body/items#missing": "asyncItemsMissing",
  "body/items#empty": "asyncItemsMissing",
  "body/items": "asyncItemsInvalid",
  "body/items/[]/file#missing": "asyncFileMissing",
  "body/items/[]/file": "asyncFileBlank",
} as const;
const destinationRefusals = {
  ...itemRefusals,
  "body/items/[]/name": "asyncFileNameInvalid",
  "body/items/[]/parent": "badRequest",
  "body/items/[]/project": "badRequest",
} as const;
const itemErrors = ["asyncItemsMissing", "asyncItemsInvalid", "asyncFileMissing", "asyncFileBlank", "asyncFileTwice"] as const;
const destinationErrors = [
  "badRequest",
  "destinationAmbiguous",
  "asyncDestinationMissing",
  "asyncDestinationBlank",
  "asyncSameFileSameDestination",
  "asyncFileNameInvalid",
  "asyncFolderNameInvalid",
] as const;

export const startCopy = operation({
  id: "startCopy",
  method: "POST",
  path: "/async/files/copy",
  tag: "async",
  summary: "Copy files and folders in the background",
  body: SendFiles,
  status: 202,
  reply: FileJob,
  refusals: { ...destinationRefusals, "body/items": "asyncCopyItemsInvalid", "body/items/[]": "asyncCopyItemsInvalid" },
  errors: [
    ...itemErrors,
    ...destinationErrors,
    "asyncCopyItemsInvalid",
    "asyncCopyKindUnknown",
    "asyncCopyDestinationNotFolder",
    "asyncCopyRoot",
    "asyncCopyToOwnParent",
    "asyncCopyIntoItself",
    "asyncCopyCycle",
  ],
});

export const startMove = operation({
  id: "startMove",
  method: "POST",
  path: "/async/files/move",
  tag: "async",
  summary: "Move files and folders in the background",
  body: SendFiles,
  status: 202,
  reply: FileJob,
  refusals: destinationRefusals,
  errors: [
    ...itemErrors,
    ...destinationErrors,
    "asyncKindUnknown",
    "asyncMoveDestinationNotFolder",
    "asyncMoveRoot",
    "asyncMoveToOwnParent",
    "asyncMoveIntoItself",
    "asyncMoveCycle",
  ],
});

export const startDelete = operation({
  id: "startDelete",
  method: "POST",
  path: "/async/files/delete",
  tag: "async",
  summary: "Delete files and folders, with all that is in them, in the background",
  body: RemoveFiles,
  status: 202,
  reply: FileJob,
  refusals: itemRefusals,
  errors: [...itemErrors, "asyncKindUnknown", "asyncDestinationUnexpected"],
});

export const getCopy = operation({
  id: "getCopy",
  method: "GET",
  path: "/async/files/copy/{job}",
  tag: "async",
  summary: "Get a copy job",
  params: JobPath,
  status: 200,
  reply: FileJob,
  errors: ["asyncJobNotFound"],
});

export const getMove = operation({
  id: "getMove",
  method: "GET",
  path: "/async/files/move/{job}",
  tag: "async",
  summary: "Get a move job",
  params: JobPath,
  status: 200,
  reply: FileJob,
  errors: ["asyncJobNotFound"],
});

export const getDelete = operation({
  id: "getDelete",
  method: "GET",
  path: "/async/files/delete/{job}",
  tag: "async",
  summary: "Get a deletion job",
  params: JobPath,
  status: 200,
  reply: FileJob,
  errors: ["asyncJobNotFound"],
});

export const listFileJobs = operation({
  id: "listFileJobs",
  method: "GET",
  path: "/async/files",
  tag: "async",
  summary: "List the caller's jobs on files, newest first",
  status: 200,
  reply: FileJob,
  list: { fields: "all" },
  errors: [],
});
