import { Type } from "typebox";
import { Answer, FileId, Filled } from "../forms.ts";

const milliseconds = (description: string) => Type.Integer({ description: `${description}: Unix milliseconds.` });

export const SearchQuery = Type.Object({
  query: Filled('A query such as `IN "owner/project" WHERE type = "FILE" RECURSIVE` (files.md §6).'),
});

/** A file that a search found; it is not the file of the other calls: `type` is in upper case, times are numbers. */
export const FoundFile = Answer({
  id: FileId("The file's id."),
  name: Type.String({ description: "The file's name." }),
  type: Type.Enum(["FILE", "FOLDER"], { description: "In upper case here." }),
  size: Type.Optional(Type.Integer({ description: "Bytes; not for folders.", minimum: 0 })),
  time_created: milliseconds("When it was created"),
  time_updated: milliseconds("When it was last changed"),
  operation_timestamp: milliseconds("When the index learned of it"),
  parent_path: Type.String({ description: "The folder it is in, with a slash at the end." }),
  file_extension: Type.Optional(Type.String({ description: "In upper case: `BAM`." })),
  state: Type.Literal("AVAILABLE"),
  locations: Type.Optional(Type.String({ description: "JSON text of an array: where the bytes are." })),
  volume: Type.Optional(Type.String({ description: "JSON text of `{volume, location}`; only for files of volumes." })),
  imported: Type.Optional(Type.Literal("true", { description: "Only for files of volumes." })),
  vs_route: Type.Optional(
    Answer(
      {
        origin_parent_path: Type.String({ description: "The folder of the source." }),
        origin_id: Type.String({ description: "The source's id." }),
        origin_name: Type.String({ description: "The source's name." }),
      },
      { description: "The file that this one was copied from." },
    ),
  ),
});

export const SearchResult = Answer({
  count: Type.Integer({ description: "Entries of this answer.", minimum: 0 }),
  cont_token: Type.Optional(
    Type.Union([Type.String(), Type.Null()], { description: "Leads to the next entries; not there when these are the last." }),
  ),
  result_set: Type.Array(FoundFile, { description: "What was found." }),
});
