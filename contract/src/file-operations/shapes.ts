import { Type } from "typebox";
import { Answer, FileId, Href, Nullable, Timestamp } from "../forms.ts";
import { ErrorBody } from "../general/shapes.ts";

const file = Type.String({ description: "Id of a file or folder.", minLength: 1 });

const kind = Type.Optional(Type.Unknown({ description: "`file` or `folder`, as the file itself says; need not be given." }));

/** Where things go. That exactly one of `parent` and `project` is given, and what is in it, the service checks (files.md §5). */
export const SendFiles = Type.Object({
  items: Type.Array(
    Type.Object({
      file,
      parent: Type.Optional(Type.String({ description: "The folder it goes to; or give `project`." })),
      project: Type.Optional(Type.String({ description: "The project it goes to, at the top: `owner/project`." })),
      name: Type.Optional(Type.String({ description: "The new name.", "x-blank-absent": true })),
      type: kind,
    }),
    { description: "Files and folders.", minItems: 1 },
  ),
});

export const RemoveFiles = Type.Object({
  items: Type.Array(
    Type.Object({
      file,
      parent: Type.Optional(Type.Unknown({ description: "Not for deletions: refused." })),
      project: Type.Optional(Type.Unknown({ description: "Not for deletions: refused." })),
      type: kind,
    }),
    { description: "Files and folders.", minItems: 1 },
  ),
});

const count = (description: string) => Nullable(Type.Integer({ description, minimum: 0 }), description);

/** An asynchronous copy, move or deletion (files.md §5). `FINISHED` is the only final state, also where files failed. */
export const FileJob = Answer({
  href: Href("The job."),
  id: Type.String({ description: "The job's id." }),
  type: Type.Enum(["COPY", "MOVE", "DELETE"], { description: "What it does." }),
  state: Type.Enum(["SUBMITTED", "RESOLVING", "RUNNING", "FINISHED"], { description: "How far it is." }),
  result: Nullable(
    Type.Array(
      Type.Union([
        Answer({ resource: Answer({ href: Href("The file or folder."), id: FileId("Its id.") }) }),
        Answer({ error: ErrorBody }),
      ]),
    ),
    "One entry for every item given, in that order; null before they are known.",
  ),
  total_files: count("Files in all, folders not counted."),
  completed_files: count("Files done."),
  failed_files: count("Files that failed."),
  started_on: Nullable(Timestamp("When it started."), "When it started."),
  finished_on: Nullable(Timestamp("When it ended."), "When it ended."),
});
