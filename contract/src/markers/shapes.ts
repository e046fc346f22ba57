import { Type } from "typebox";
import { Answer, FileId, Filled, Href, Timestamp } from "../forms.ts";

const position = {
  start: Type.Integer({ description: "First base, from 1." }),
  end: Type.Integer({ description: "Last base." }),
};

/** A place on a genome that somebody marked in a file (files.md §7). */
export const Marker = Answer({
  href: Href("The marker."),
  id: Type.String({ description: "The marker's id." }),
  file: FileId("The file it is in."),
  name: Type.String({ description: "What people call it." }),
  chromosome: Type.String({ description: "`chr1`." }),
  position: Answer(position),
  created_time: Timestamp("When it was created."),
  created_by: Type.String({ description: "The creator's username." }),
  private: Type.Boolean({ description: "Whether only its creator sees it." }),
});

export const CreateMarker = Type.Object({
  file: FileId("The file to mark."),
  name: Filled("What people call it."),
  chromosome: Filled("`chr1`."),
  position: Type.Object(position),
  private: Type.Optional(Type.Boolean({ description: "Whether only its creator sees it; true unless said." })),
});

export const UpdateMarker = Type.Object({
  name: Type.Optional(Filled("What people call it.")),
  chromosome: Type.Optional(Filled("`chr1`.")),
  position: Type.Optional(
    Type.Object(
      { start: Type.Optional(position.start), end: Type.Optional(position.end) },
      { description: "What is given of it changes." },
    ),
  ),
  private: Type.Optional(Type.Boolean({ description: "Whether only its creator sees it." })),
});
