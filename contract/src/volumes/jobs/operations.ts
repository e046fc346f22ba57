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
/** What the calls for imports and for exports have in common. */
const starting = { method: "POST", tag: "volumes", status: 200, narrows: "nothing" } as const;
const listing = {
  method: "GET",
  tag: "volumes",
  status: 200,
  list: { fields: VOLUME_JOB_LIST_FIELDS },
  refusals: {
    query: "volumeRequestInvalid",
    "query/started_from": "volumeTimeInvalid",
    "query/started_to": "volumeTimeInvalid",
  },
  errors: ["volumeRequestInvalid", "volumeTimeInvalid"],
} as const;
const getting = { method: "GET", tag: "volumes", status: 200, errors: ["volumeJobNotFound", "volumeJobForbidden"] } as const;
const several = { method: "POST", tag: "volumes", status: 200, narrows: "resources", errors: ["volumeRequestInvalid"] } as const;

export const startImport = operation({
  ...starting,
  id: "startImport",
  path: "/storage/imports",
  summary: "Import an object or a folder of a volume",
  query: Type.Object({
    overwrite: Type.Optional(Type.Boolean({ description: "The same as in the body.", "x-blank-absent": true })),
  }),
  body: StartImport,
  reply: Import,
  refusals: { ...importRefusals, "query/overwrite": "volumeRequestInvalid" },
  errors: importErrors,
});

export const listImports = operation({
  ...listing,
  id: "listImports",
  path: "/storage/imports",
  summary: "List the caller's imports, the newest first",
  query: Type.Object({ ...filters, project: Type.Optional(Type.String({ description: "Only those into this project." })) }),
  reply: Import,
});

export const getImport = operation({
  ...getting,
  id: "getImport",
  path: "/storage/imports/{import}",
  summary: "Get an import",
  params: Type.Object({ import: Type.String({ description: "The import's id." }) }),
  reply: Import,
});

export const startImports = operation({
  ...several,
  id: "startImports",
  path: "/bulk/storage/imports/create",
  summary: "Start several imports",
  body: StartImports,
  perItem: "items",
  reply: ImportResults,
  refusals: importItemRefusals,
});

export const getImports = operation({
  ...several,
  id: "getImports",
  path: "/bulk/storage/imports/get",
  summary: "Get several imports",
  body: ImportIds,
  perItem: "import_ids",
  reply: ImportResults,
  refusals: { body: "volumeRequestInvalid" },
});

const copyOnly = Type.Object({
  copy_only: Type.Optional(
    Type.Boolean({ description: "The file stays as it is: it does not become an alias.", "x-blank-absent": true }),
  ),
});

export const startExport = operation({
  ...starting,
  id: "startExport",
  path: "/storage/exports",
  summary: "Export a file to a volume",
  query: copyOnly,
  body: StartExport,
  reply: Export,
  refusals: { ...exportRefusals, "query/copy_only": "volumeRequestInvalid" },
  errors: exportErrors,
});

export const listExports = operation({
  ...listing,
  id: "listExports",
  path: "/storage/exports",
  summary: "List the caller's exports, the newest first",
  query: Type.Object(filters),
  reply: Export,
});

export const getExport = operation({
  ...getting,
  id: "getExport",
  path: "/storage/exports/{export}",
  summary: "Get an export",
  params: Type.Object({ export: Type.String({ description: "The export's id." }) }),
  reply: Export,
});

export const startExports = operation({
  ...several,
  id: "startExports",
  path: "/bulk/storage/exports/create",
  summary: "Start several exports",
  query: copyOnly,
  body: StartExports,
  perItem: "items",
  reply: ExportResults,
  refusals: { ...exportItemRefusals, "query/copy_only": "volumeRequestInvalid" },
});

export const getExports = operation({
  ...several,
  id: "getExports",
  path: "/bulk/storage/exports/get",
  summary: "Get several exports",
  body: ExportIds,
  perItem: "export_ids",
  reply: ExportResults,
  refusals: { body: "volumeRequestInvalid" },
});
