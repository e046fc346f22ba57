import { Type } from "typebox";
import { Answer, FileId, Href, MapOf, Nullable, ProjectPath, Timestamp } from "../forms.ts";
import { UPLOAD_LIMITS } from "./limits.ts";

const PART_NUMBER = { description: "From 1.", minimum: 1, maximum: UPLOAD_LIMITS.parts };
const ETAG = "What the store answered to the part's bytes: an opaque text.";

/** That a part has been sent (uploads.md §1.2). */
export const PartReport = Answer({
  part_number: Type.Integer(PART_NUMBER),
  response: Answer({ headers: Answer({ ETag: Type.String({ description: ETAG }) }) }),
});

/** An upload that is going on (uploads.md §1.1). */
export const Upload = Answer({
  href: Href("The upload."),
  upload_id: Type.String({ description: "An opaque text for paths." }),
  project: ProjectPath("The project it goes to."),
  parent: FileId("The folder it goes to."),
  name: Type.String({ description: "The file's name." }),
  size: Nullable(Type.Integer({ minimum: 0 }), "Bytes, as said at the start; null if nothing was said."),
  part_size: Type.Integer({ description: "Bytes of every part but the last; may differ from what was asked for." }),
  parallel_uploads: Type.Boolean({ description: "Parts may be sent at once and in any order." }),
  initiated: Timestamp("When it was started."),
});

/** One of the caller's uploads, in a list. */
export const UploadItem = Answer({
  href: Href("The upload."),
  upload_id: Type.String({ description: "An opaque text for paths." }),
  project: ProjectPath("The project it goes to."),
  parent: FileId("The folder it goes to."),
  name: Type.String({ description: "The file's name." }),
  initiated: Timestamp("When it was started."),
});

export const UploadDetail = Answer({
  ...Upload.properties,
  md5: Type.Optional(Type.String({ description: "As said at the start; it is not checked." })),
  uploaded_parts_count: Type.Integer({ description: "Parts reported so far.", minimum: 0 }),
  parts: Type.Optional(Type.Array(PartReport, { description: "Reported parts by number; only with `list_parts=true`." })),
});

/** The body of `POST /upload/multipart` (§3.1). */
export const StartUpload = Type.Object({
  name: Type.String({ description: "The file's name, without `/`.", minLength: 1, maxLength: 255, pattern: "^[^/]*$" }),
  project: Type.Optional(ProjectPath("The project to upload to, at the top; or give `parent`.", { "x-blank-absent": true })),
  parent: Type.Optional(FileId("The folder to upload to; or give `project`.", { "x-blank-absent": true })),
  size: Type.Optional(Type.Integer({ description: "Bytes of the whole file.", minimum: 0, maximum: UPLOAD_LIMITS.maxSize })),
  part_size: Type.Optional(Type.Unknown({ description: "Wanted bytes of a part; what cannot be had is ignored." })),
  md5: Type.Optional(
    Type.String({
      description: "Of the whole file; kept, not checked.",
      pattern: "^[0-9a-fA-F]{32}$",
      "x-form": "32 hexadecimal digits",
    }),
  ),
});

/** Where the bytes of a part go (§1.3). */
export const PartInfo = Answer({
  method: Type.Literal("PUT"),
  url: Href("Takes the part's bytes from anybody who has it, until it expires."),
  expires: Timestamp("When the address ends."),
  headers: MapOf(Type.String(), { description: "Headers that the PUT needs." }),
  report: Answer({
    success_codes: Type.Array(Type.Integer(), { description: "Statuses of a PUT that worked." }),
    headers: Type.Array(Type.String(), { description: "Headers of its answer that the report names." }),
  }),
});

/** A report in a request. The header's name is taken in any case, so the service picks it out (§3.5). */
export const PartReportGiven = Type.Object({
  part_number: Type.Integer(PART_NUMBER),
  response: Type.Object({
    headers: MapOf(Type.Unknown(), { description: "`ETag`: what the store answered." }),
  }),
});

export const PartReportsGiven = Type.Object({
  parts: Type.Array(PartReportGiven, { description: "Reports of parts; the last one of a part counts." }),
});

/** The body of `POST …/complete` (§3.7): the reports not made yet, or all again. */
export const CompleteUpload = Type.Object({ parts: Type.Optional(PartReportsGiven.properties.parts) });

export const PartReports = Answer({ parts: Type.Array(PartReport, { description: "The reports as they were taken." }) });
