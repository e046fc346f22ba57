import { Type } from "typebox";
import { OneOf, TimeFilter } from "../../forms.ts";
import { operation } from "../../operation.ts";
import {
  Export,
  ExportIds,
  ExportResults,
  Import,
  ImportIds,
  ImportResults,
  StartExport,
  StartExports,
  StartImport,
  StartImports,
  VOLUME_JOB_LIST_FIELDS,
  VOLUME_JOB_STATES,
} from "./shapes.ts";

const volumeErrors = ["volumeNotFound", "volumeForbidden", "volumeInactive"] as const;
const importRefusals = {
  body: "volumeRequestInvalid",
  "body/destination/project": "volumeProjectNotFound",
  "body/destination/parent": "volumeFileNotFound",
} as const;
const exportRefusals = { body: "volumeRequestInvalid", "body/source/file": "volumeFileNotFound" } as const;
/** Of what is missing or of a wrong type, that is what is wrong. */
const importItemRefusals = {
  body: "volumeRequestInvalid",
  "body/items/[]/destination/project": "volumeProjectNotFound",
  "body/items/[]/destination/parent": "volumeFileNotFound",
} as const;
const exportItemRefusals = { body: "volumeRequestInvalid", "body/items/[]/source/file": "volumeFileNotFound" } as const;

const importErrors = [
  "volumeRequestInvalid",
  ...volumeErrors,
  "volumeProjectNotFound",
  "volumeProjectForbidden",
  "volumeFileNotFound",
  "volumeFileForbidden",
  "parentNotFolder",
  "volumeFileNameUnknown",
] as const;
const exportErrors = [
  "volumeRequestInvalid",
  "volumeFileNotFound",
  "volumeFileForbidden",
  "volumeFileNotExportable",
  ...volumeErrors,
  "volumeNotWritable",
  "volumeExportAcrossClouds",
  "volumeExportAcrossCloudsAgain",
  "volumeLocationSlash",
  "volumeCannedAclInvalid",
  "volumeEncryptionInvalid",
  "volumeStorageClassInvalid",
] as const;

const filters = {
  volume: Type.Optional(Type.String({ description: "Only those of this volume." })),
  state: Type.Optional(Type.Array(OneOf(VOLUME_JOB_STATES, "A state."), { description: "Only those in one of these states." })),
  started_from: Type.Optional(TimeFilter("Submitted at this time or later.")),
  started_to: Type.Optional(TimeFilter("Submitted at this time or earlier.")),
};
const listRefusals = {
  query: "volumeRequestInvalid",
  "query/started_from": "volumeTimeInvalid",
  "query/started_to": "volumeTimeInvalid",
} as const;
const listErrors = ["volumeRequestInvalid", "volumeTimeInvalid"] as const;
const jobErrors = ["volumeJobNotFound", "volumeJobForbidden"] as const;

export const startImport = operation({
  id: "startImport",
  method: "POST",
  path: "/storage/imports",
  tag: "volumes",
  summary: "Import an object or a folder of a volume",
  query: Type.Object({
    overwrite: Type.Optional(Type.Boolean({ description: "The same as in the body.", "x-blank-absent": true })),
  }),
  body: StartImport,
  status: 200,
  reply: Import,
  narrows: "nothing",
  refusals: { ...importRefusals, "query/overwrite": "volumeRequestInvalid" },
  errors: importErrors,
});

export const listImports = operation({
  id: "listImports",
  method: "GET",
  path: "/storage/imports",
  tag: "volumes",
  summary: "List the caller's imports, the newest first",
  query: Type.Object({ ...filters, project: Type.Optional(Type.String({ description: "Only those into this project." })) }),
  status: 200,
  reply: Import,
  list: { fields: VOLUME_JOB_LIST_FIELDS },
  refusals: listRefusals,
  errors: listErrors,
});

export const getImport = operation({
  id: "getImport",
  method: "GET",
  path: "/storage/imports/{import}",
  tag: "volumes",
  summary: "Get an import",
  params: Type.Object({ import: Type.String({ description: "The import's id." }) }),
  status: 200,
  reply: Import,
  errors: jobErrors,
});

export const startImports = operation({
  id: "startImports",
  method: "POST",
  path: "/bulk/storage/imports/create",
  tag: "volumes",
  summary: "Start several imports",
  body: StartImports,
  perItem: "items",
  status: 200,
  reply: ImportResults,
  narrows: "resources",
  refusals: importItemRefusals,
  errors: ["volumeRequestInvalid"],
});

export const getImports = operation({
  id: "getImports",
  method: "POST",
  path: "/bulk/storage/imports/get",
  tag: "volumes",
  summary: "Get several imports",
  body: ImportIds,
  perItem: "import_ids",
  status: 200,
  reply: ImportResults,
  narrows: "resources",
  refusals: { body: "volumeRequestInvalid" },
  errors: ["volumeRequestInvalid"],
});

const copyOnly = Type.Object({
  copy_only: Type.Optional(
    Type.Boolean({ description: "The file stays as it is: it does not become an alias.", "x-blank-absent": true }),
  ),
});

export const startExport = operation({
  id: "startExport",
  method: "POST",
  path: "/storage/exports",
  tag: "volumes",
  summary: "Export a file to a volume",
  query: copyOnly,
  body: StartExport,
  status: 200,
  reply: Export,
  narrows: "nothing",
  refusals: { ...exportRefusals, "query/copy_only": "volumeRequestInvalid" },
  errors: exportErrors,
});

export const listExports = operation({
  id: "listExports",
  method: "GET",
  path: "/storage/exports",
  tag: "volumes",
  summary: "List the caller's exports, the newest first",
  query: Type.Object(filters),
  status: 200,
  reply: Export,
  list: { fields: VOLUME_JOB_LIST_FIELDS },
  refusals: listRefusals,
  errors: listErrors,
});

export const getExport = operation({
  id: "getExport",
  method: "GET",
  path: "/storage/exports/{export}",
  tag: "volumes",
  summary: "Get an export",
  params: Type.Object({ export: Type.String({ description: "The export's id." }) }),
  status: 200,
  reply: Export,
  errors: jobErrors,
});

export const startExports = operation({
  id: "startExports",
  method: "POST",
  path: "/bulk/storage/exports/create",
  tag: "volumes",
  summary: "Start several exports",
  query: copyOnly,
  body: StartExports,
  perItem: "items",
  status: 200,
  reply: ExportResults,
  narrows: "resources",
  refusals: { ...exportItemRefusals, "query/copy_only": "volumeRequestInvalid" },
  errors: ["volumeRequestInvalid"],
});

export const getExports = operation({
  id: "getExports",
  method: "POST",
  path: "/bulk/storage/exports/get",
  tag: "volumes",
  summary: "Get several exports",
  body: ExportIds,
  perItem: "export_ids",
  status: 200,
  reply: ExportResults,
  narrows: "resources",
  refusals: { body: "volumeRequestInvalid" },
  errors: ["volumeRequestInvalid"],
});
