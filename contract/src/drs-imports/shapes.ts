import { Type } from "typebox";
import { MAX_BULK } from "../bulk/shapes.ts";
import { MetadataGiven } from "../files/shapes.ts";
import { Answer, FileId, Filled, Href, OneOf, ProjectPath, Timestamp } from "../forms.ts";
import { ErrorBody } from "../general/shapes.ts";

export const DRS_IMPORT_STATES = ["SUBMITTED", "RESOLVING", "RUNNING", "FINISHED"] as const;
export const DRS_CONFLICT_RESOLUTIONS = ["SKIP", "OVERWRITE", "RENAME"] as const;

const blank = { "x-blank-absent": true } as const;

/** A job that brings objects of DRS services into the platform (volumes.md §1.10). */
export const DrsImport = Answer({
  href: Href("The job."),
  id: Type.String({ description: "18 digits, as a text." }),
  state: OneOf(DRS_IMPORT_STATES, "How far it is."),
  result: Type.Array(
    Type.Union([
      Answer({ resource: Answer({ href: Href("The file or folder."), id: FileId("The file or folder.") }) }),
      Answer({ error: ErrorBody }),
    ]),
    { description: "What came of the items that have ended, in their order; of all, when it is `FINISHED`." },
  ),
  total_files: Type.Integer({ description: "Items.", minimum: 0 }),
  completed_files: Type.Integer({ description: "Items that are files or folders now.", minimum: 0 }),
  failed_files: Type.Integer({ description: "Items that are not.", minimum: 0 }),
  started_on: Timestamp("When it was submitted."),
  finished_on: Type.Optional(Timestamp("When it ended.")),
});

/** One object of `POST /bulk/drs/imports/create` (§2.15). Neither or both of `project` and `parent` are for the service to refuse. */
export const DrsImportItem = Type.Object({
  drs_uri: Filled("`drs://host/id`."),
  project: Type.Optional(ProjectPath("The project it goes to, at the top.", blank)),
  parent: Type.Optional(FileId("The folder it goes to.", blank)),
  name: Type.Optional(Type.String({ description: "Its name; unless said, the object's own.", ...blank })),
  metadata: Type.Optional(MetadataGiven),
});

export const StartDrsImport = Type.Object({
  items: Type.Array(DrsImportItem, { description: "What is imported.", minItems: 1, maxItems: MAX_BULK }),
  conflict_resolution: Type.Optional(
    OneOf(
      DRS_CONFLICT_RESOLUTIONS,
      "When a name is taken: what is there stays and is the result, is replaced, or the new name gets a prefix `_1_`.",
      blank,
    ),
  ),
  tags: Type.Optional(Type.Array(Type.String(), { description: "Tags of every file.", ...blank })),
});
