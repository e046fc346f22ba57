import { type TSchema, Type } from "typebox";
import { MAX_BULK } from "../../bulk/shapes.ts";
import { File } from "../../files/shapes.ts";
import { Answer, FileId, Filled, Href, MapOf, OneOf, ProjectPath, Timestamp } from "../../forms.ts";
import { ErrorBody } from "../../general/shapes.ts";

export const VOLUME_JOB_STATES = ["PENDING", "RUNNING", "COMPLETED", "FAILED"] as const;
export const VOLUME_JOB_LIST_FIELDS = ["href", "id", "state"] as const;

const blank = { "x-blank-absent": true } as const;
const VolumeId = Type.String({ description: "`owner/name`.", examples: ["mlindqvist/neuro_raw"] });

const common = {
  id: Type.String({ description: "32 letters and digits." }),
  state: OneOf(VOLUME_JOB_STATES, "How far it is."),
  overwrite: Type.Boolean({ description: "Whether what is there already is replaced." }),
  error: Type.Optional(ErrorBody),
  started_on: Timestamp("When it was submitted."),
  finished_on: Type.Optional(Timestamp("When it ended.")),
};

/** A job that makes files of objects on a volume (volumes.md §1.7). */
export const Import = Answer({
  href: Href("The import."),
  ...common,
  autorename: Type.Boolean({ description: "Whether a taken name gets a prefix `_1_`." }),
  preserve_folder_structure: Type.Optional(Type.Boolean({ description: "Of a folder: whether its folders are made, too." })),
  source: Answer({
    volume: VolumeId,
    location: Type.String({ description: "The object; ending in a slash, the folder." }),
  }),
  destination: Answer({
    project: ProjectPath("The project it goes to."),
    name: Type.String({ description: "The name of the file or folder." }),
    parent: Type.Optional(FileId("The folder it goes to, when that was given.")),
  }),
  result: Type.Optional(File),
});

/** A job that writes a file to a volume (§1.8). */
export const Export = Answer({
  href: Href("The export."),
  ...common,
  source: Answer({ file: FileId("The file.") }),
  destination: Answer({ volume: VolumeId, location: Type.String({ description: "The object." }) }),
  properties: MapOf(Type.Unknown(), { description: "What the object is written with: the volume's and the job's own." }),
  result: Type.Optional(File),
});

const overwrite = Type.Optional(Type.Boolean({ description: "Replaces what is there already.", ...blank }));

/** The body of `POST /storage/imports` (§2.9). Neither or both of `project` and `parent` are for the service to refuse. */
export const StartImport = Type.Object({
  source: Type.Object(
    {
      volume: Filled("`owner/name`."),
      location: Type.String({ description: "The object; a folder when it ends in a slash.", maxLength: 2048 }),
    },
    { description: "What is imported." },
  ),
  destination: Type.Object(
    {
      project: Type.Optional(ProjectPath("The project, at the top.", blank)),
      parent: Type.Optional(FileId("The folder.", blank)),
      name: Type.Optional(Type.String({ description: "Its name; unless said, the last part of the location.", ...blank })),
    },
    { description: "Where it goes." },
  ),
  overwrite,
  autorename: Type.Optional(Type.Boolean({ description: "A taken name gets a prefix `_1_`, `_2_`, …", ...blank })),
  preserve_folder_structure: Type.Optional(
    Type.Boolean({ description: "Of a folder: false puts all files directly into the destination.", ...blank }),
  ),
});

/** The body of `POST /storage/exports` (§2.12). */
export const StartExport = Type.Object({
  source: Type.Object({ file: FileId("The file.") }, { description: "What is exported." }),
  destination: Type.Object(
    {
      volume: Filled("`owner/name`."),
      location: Type.String({ description: "The object, without the volume's prefix.", maxLength: 2048 }),
    },
    { description: "Where it goes." },
  ),
  overwrite,
  properties: Type.Optional(
    MapOf(Type.Unknown(), {
      description: "`sse_algorithm`, `sse_aws_kms_key_id`, `aws_canned_acl`, `aws_storage_class`: before the volume's own.",
      ...blank,
    }),
  ),
});

const some = { minItems: 1, maxItems: MAX_BULK };

export const StartImports = Type.Object({ items: Type.Array(StartImport, { description: "Imports to start.", ...some }) });
export const StartExports = Type.Object({ items: Type.Array(StartExport, { description: "Exports to start.", ...some }) });
export const ImportIds = Type.Object({
  import_ids: Type.Array(Type.String(), { description: "Ids of imports.", ...some }),
});
export const ExportIds = Type.Object({
  export_ids: Type.Array(Type.String(), { description: "Ids of exports.", ...some }),
});

/** A job or an error for every item, in their order (§1.9). */
const resultsOf = <S extends TSchema>(resource: S) =>
  Answer({
    items: Type.Array(Type.Union([Answer({ resource }), Answer({ error: ErrorBody })]), { description: "In the order asked." }),
  });

export const ImportResults = resultsOf(Import);
export const ExportResults = resultsOf(Export);
