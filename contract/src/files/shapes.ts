import { Type } from "typebox";
import { Answer, FileId, Href, MapOf, OneOf, ProjectPath, Timestamp } from "../forms.ts";

/** Where a file's bytes are (files.md §1.1). */
export const FileStorage = Type.Union(
  [
    Answer({
      type: Type.Literal("PLATFORM"),
      hosted_on_locations: Type.Optional(
        Type.Array(Type.String(), { description: "The platform's stores; left out for folders." }),
      ),
    }),
    Answer({
      type: Type.Literal("VOLUME"),
      volume: Type.String({ description: "`owner/volume_name`." }),
      location: Type.String({ description: "The object's key on the volume." }),
    }),
  ],
  { description: "Where the bytes are." },
);

/** Free text by free keys; an answer has no null here. */
export const Metadata = MapOf(Type.String(), {
  description: "Text by key: at most 1000 pairs, keys of 100 bytes, values of 300 bytes.",
});

/**
 * A file, or a folder, which is a file of type `folder` (files.md §1). Folders have no size, origin, tags and
 * metadata; only a root folder has no parent.
 */
export const File = Answer({
  href: Href("The file."),
  id: FileId("Copies get a new one; moving and renaming keep it."),
  name: Type.String({ description: "Unique in its folder, among files and folders." }),
  size: Type.Optional(Type.Integer({ description: "Bytes; not for folders.", minimum: 0 })),
  project: ProjectPath("The project it is in."),
  parent: Type.Optional(FileId("The folder it is in; a root folder has none.")),
  type: Type.Enum(["file", "folder"], { description: "In lower case, unlike other words of answers." }),
  created_on: Timestamp("When it was created."),
  modified_on: Timestamp("When it was last changed."),
  storage: Type.Optional(FileStorage),
  origin: Type.Optional(
    Answer(
      {
        task: Type.Optional(Type.String({ description: "The task that made it." })),
        dataset: Type.Optional(Type.String({ description: "The data set it came from." })),
      },
      { description: "Where it came from; `{}` if from a user. Not for folders." },
    ),
  ),
  tags: Type.Optional(Type.Array(Type.String(), { description: "Free tags; not for folders." })),
  metadata: Type.Optional(Metadata),
});

export const FILE_LIST_FIELDS = ["href", "id", "name", "project", "parent", "type"] as const;

const blank = { "x-blank-absent": true } as const;

/** Metadata in a request: a number or a boolean counts as its text, and a null removes its key. */
export const MetadataGiven = MapOf(Type.Union([Type.String({ "x-as-text": true }), Type.Null()]), {
  description: "Text by key; null removes a key.",
});

/** Tags in a request: the new, full list. */
export const TagsGiven = Type.Array(Type.String({ "x-as-text": true }), {
  description: "The new list; repeated and empty tags are dropped.",
  "x-also-under": "tags",
});

/** The body of `POST /files` (§3.3). Neither or both of `parent` and `project` are for the service to refuse. */
export const CreateFolder = Type.Object({
  name: Type.String({ description: "The folder's name.", minLength: 1 }),
  type: OneOf(["folder"], "Always `folder`: files come by uploads."),
  parent: Type.Optional(FileId("The folder to create it in.", blank)),
  project: Type.Optional(ProjectPath("The project to create it in, at the top.", blank)),
});

/** The body of `PATCH /files/{file}` (§3.5): metadata and tags replace all there were. */
export const UpdateFile = Type.Object({
  name: Type.Optional(Type.String({ description: "The new name.", ...blank })),
  metadata: Type.Optional(
    MapOf(Type.Union([Type.String({ "x-as-text": true }), Type.Null()]), {
      description: "All of the new metadata.",
      "x-blank-absent": true,
    }),
  ),
  tags: Type.Optional(
    Type.Array(Type.String({ "x-as-text": true }), { description: "All of the new tags.", "x-also-under": "tags", ...blank }),
  ),
});

/** The body of `POST /files/{file}/actions/copy` (§3.11). */
export const CopyFile = Type.Object({
  project: Type.Optional(ProjectPath("The project to copy it to, at the top.", blank)),
  parent: Type.Optional(FileId("The folder to copy it to.", blank)),
  name: Type.Optional(Type.String({ description: "The copy's name; a taken one gets a prefix `_1_`.", ...blank })),
});

/** The body of `POST /files/{file}/actions/move` (§3.12). */
export const MoveFile = Type.Object({
  parent: FileId("A folder of the same project."),
  name: Type.Optional(Type.String({ description: "The new name; a taken one gets a prefix `_1_`.", ...blank })),
});

export const DownloadInfo = Answer({
  url: Href("Gives the bytes to anybody who has it, until it expires; takes ranges."),
});

/** The body of `POST /action/files/copy` (§3.15). */
export const CopyFiles = Type.Object({
  project: ProjectPath("The project to copy them to, at the top."),
  file_ids: Type.Array(Type.String(), { description: "Ids of files.", minItems: 1, "x-alias": "files" }),
});

/** What became of every file, by the id of its source: this and nothing else, since R reads every member. */
export const CopiedFiles = MapOf(
  Type.Union([
    Answer({
      status: Type.Literal("OK"),
      new_file_id: FileId("The copy's id."),
      new_file_name: Type.String({ description: "The copy's name." }),
    }),
    Answer({
      status: Type.Literal("FAILED"),
      code: Type.Integer({ description: "The number of the error." }),
      message: Type.String({ description: "What is wrong." }),
    }),
  ]),
  { description: "By the id of the source." },
);
