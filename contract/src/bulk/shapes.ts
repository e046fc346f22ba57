import { type TSchema, Type } from "typebox";
import { File, MetadataGiven, TagsGiven } from "../files/shapes.ts";
import { Answer } from "../forms.ts";
import { ErrorBody } from "../general/shapes.ts";
import { Task } from "../tasks/shapes.ts";

/** How many things one call takes (files.md §4). */
export const MAX_BULK = 100;

const some = { minItems: 1, maxItems: MAX_BULK };

/** One result for every thing asked for, in that order. */
const resultsOf = <S extends TSchema>(resource: S) =>
  Answer({
    items: Type.Array(
      Type.Union([
        Answer({ resource }),
        Answer({ error: ErrorBody, id: Type.Optional(Type.String({ description: "What was asked for." })) }),
      ]),
      { description: "In the order asked." },
    ),
  });

export const FileResults = resultsOf(File);
export const TaskResults = resultsOf(Task);

/** Each element is checked for itself: what is no id is an error of its own item, not of the call. */
export const FileIds = Type.Object({ file_ids: Type.Array(Type.String(), { description: "Ids of files.", ...some }) });
export const TaskIds = Type.Object({ task_ids: Type.Array(Type.String(), { description: "Ids of tasks.", ...some }) });

/** Changes of several files; which of name, tags and metadata an absent key keeps is the call's to say. */
export const FileChanges = Type.Object({
  items: Type.Array(
    Type.Object({
      id: Type.String({ description: "The file's id.", "x-alias": "file_id" }),
      name: Type.Optional(Type.String({ description: "The new name.", "x-blank-absent": true })),
      tags: Type.Optional(TagsGiven),
      metadata: Type.Optional(MetadataGiven),
    }),
    { description: "Files and what becomes of them; each is changed wholly or not at all.", ...some },
  ),
});
