import { Type } from "typebox";
import { operation } from "../operation.ts";
import { DrsImport, StartDrsImport } from "./shapes.ts";

export const startDrsImport = operation({
  id: "startDrsImport",
  method: "POST",
  path: "/bulk/drs/imports/create",
  tag: "volumes",
  summary: "Import objects of DRS services",
  body: StartDrsImport,
  status: 200,
  reply: DrsImport,
  refusals: {
    "body/items/[]/drs_uri": "drsUriInvalid",
    "body/items/[]/project": "drsDestinationNotFound",
    "body/items/[]/parent": "drsDestinationNotFound",
    "body/items/[]/name": "drsNameInvalid",
    "body/items/[]/metadata": "drsMetadataInvalid",
  },
  errors: ["drsUriInvalid", "drsDestinationNotFound", "drsNameInvalid", "drsMetadataInvalid", "drsTooManyImports"],
});

export const getDrsImport = operation({
  id: "getDrsImport",
  method: "GET",
  path: "/bulk/drs/imports/{import}",
  tag: "volumes",
  summary: "Get an import of objects of DRS services",
  params: Type.Object({ import: Type.String({ description: "The job's id." }) }),
  status: 200,
  reply: DrsImport,
  errors: ["drsImportNotFound"],
});
