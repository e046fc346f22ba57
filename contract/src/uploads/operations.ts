import { Type } from "typebox";
import { File } from "../files/shapes.ts";
import { operation } from "../operation.ts";
import { UPLOAD_LIMITS } from "./limits.ts";
import {
  CompleteUpload,
  PartInfo,
  PartReport,
  PartReportGiven,
  PartReports,
  PartReportsGiven,
  StartUpload,
  Upload,
  UploadDetail,
  UploadItem,
} from "./shapes.ts";

/*
 * An upload's calls are not counted by the rate limit: bytes are what it costs, and an ordinary run of small files takes
 * thousands of calls. So it is with the address of a download.
 */

const UploadPath = Type.Object({ upload: Type.String({ description: "The upload's id.", minLength: 1 }) });

const uploadPathRefusals = { "params/upload": "uploadIdEmpty" } as const;
const uploadErrors = ["uploadForbidden", "uploadNotFound", "uploadIdEmpty"] as const;

export const startUpload = operation({
  id: "startUpload",
  method: "POST",
  path: "/upload/multipart",
  tag: "uploads",
  summary: "Start a multipart upload",
  query: Type.Object({
    overwrite: Type.Optional(Type.Boolean({ description: "Replace a file of that name, when the upload is completed." })),
  }),
  body: StartUpload,
  counted: false,
  status: 200,
  reply: Upload,
  refusals: { body: "uploadInitInvalid", "body/project": "uploadProjectMalformedId", "body/parent": "uploadFileNotFound" },
  errors: [
    "uploadInitInvalid",
    "uploadProjectMalformedId",
    "projectNotFound",
    "uploadFileForbidden",
    "uploadFileNotFound",
    "parentNotFolder",
    "uploadFileExists",
    "uploadExists",
    "uploadServiceUnavailable",
  ],
});

export const listUploads = operation({
  id: "listUploads",
  method: "GET",
  path: "/upload/multipart",
  tag: "uploads",
  summary: "List the caller's uploads, newest first",
  status: 200,
  reply: UploadItem,
  list: { fields: "all" },
  errors: [],
});

export const getUpload = operation({
  id: "getUpload",
  method: "GET",
  path: "/upload/multipart/{upload}",
  tag: "uploads",
  summary: "Get an upload",
  params: UploadPath,
  query: Type.Object({ list_parts: Type.Optional(Type.Boolean({ description: "Add the parts reported so far." })) }),
  counted: false,
  status: 200,
  reply: UploadDetail,
  refusals: uploadPathRefusals,
  errors: uploadErrors,
});

export const getUploadPart = operation({
  id: "getUploadPart",
  method: "GET",
  path: "/upload/multipart/{upload}/part/{part_number}",
  tag: "uploads",
  summary: "Get an address for the bytes of a part",
  params: Type.Object({
    ...UploadPath.properties,
    part_number: Type.Integer({ description: "From 1.", minimum: 1, maximum: UPLOAD_LIMITS.parts }),
  }),
  counted: false,
  status: 200,
  reply: PartInfo,
  refusals: { ...uploadPathRefusals, "params/part_number": "uploadPartNumberInvalid" },
  errors: [...uploadErrors, "uploadFileForbidden", "uploadPartNumberInvalid", "uploadPartReserveFailed"],
});

export const reportUploadPart = operation({
  id: "reportUploadPart",
  method: "POST",
  path: "/upload/multipart/{upload}/part",
  tag: "uploads",
  summary: "Report a part that was sent",
  params: UploadPath,
  body: PartReportGiven,
  counted: false,
  status: 200,
  reply: PartReport,
  refusals: { ...uploadPathRefusals, body: "uploadPartReportInvalid", "body/part_number": "uploadPartNumberInvalid" },
  errors: [...uploadErrors, "uploadFileForbidden", "uploadPartReportInvalid", "uploadPartNumberInvalid"],
});

const partListRefusals = {
  body: "uploadPartListInvalid",
  "body/parts": "uploadPartListInvalid",
  "body/parts/[]": "uploadPartReportInvalid",
  "body/parts/[]/part_number": "uploadPartNumberInvalid",
} as const;

export const reportUploadParts = operation({
  id: "reportUploadParts",
  method: "POST",
  path: "/upload/multipart/{upload}",
  tag: "uploads",
  summary: "Report several parts that were sent",
  params: UploadPath,
  body: PartReportsGiven,
  counted: false,
  status: 200,
  reply: PartReports,
  refusals: { ...uploadPathRefusals, ...partListRefusals },
  errors: [...uploadErrors, "uploadFileForbidden", "uploadPartListInvalid", "uploadPartReportInvalid", "uploadPartNumberInvalid"],
});

export const completeUpload = operation({
  id: "completeUpload",
  method: "POST",
  path: "/upload/multipart/{upload}/complete",
  tag: "uploads",
  summary: "Make the parts one file",
  params: UploadPath,
  body: CompleteUpload,
  counted: false,
  status: 200,
  reply: File,
  refusals: { ...uploadPathRefusals, ...partListRefusals },
  errors: [
    ...uploadErrors,
    "uploadPartListInvalid",
    "uploadPartReportInvalid",
    "uploadPartNumberInvalid",
    "uploadCompleteFailed",
    "uploadFileExists",
    "uploadFileNotFound",
    "uploadFileForbidden",
    "projectNotFound",
  ],
});

export const abortUpload = operation({
  id: "abortUpload",
  method: "DELETE",
  path: "/upload/multipart/{upload}",
  tag: "uploads",
  summary: "Abort an upload",
  params: UploadPath,
  counted: false,
  status: 204,
  refusals: uploadPathRefusals,
  errors: [...uploadErrors, "uploadAbortFailed"],
});
