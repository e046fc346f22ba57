import { Type } from "typebox";
import { Answer, Href, MapOf, OneOf, ProjectPath } from "../forms.ts";

/** A CWL document, with the `sbg:` keys that the server writes into it (apps.md §1.3). */
export const RawApp = MapOf(Type.Unknown(), { description: "The CWL document with the server's `sbg:` keys." });

/** An app at one revision (apps.md §1.2): six keys and no more. */
export const AppShape = Answer({
  href: Href("This revision of the app."),
  id: Type.String({ description: "`owner/project/name/revision`." }),
  project: ProjectPath("The project it is in."),
  name: Type.String({ description: "The name people see: the document's label, else the short name." }),
  revision: Type.Integer({ description: "The revision shown here, from 0.", minimum: 0 }),
  raw: RawApp,
});

export const APP_LIST_FIELDS = ["href", "id", "project", "name", "revision"] as const;

/** Which updates a copied app takes, and whether its history comes along (§2.6). */
export const COPY_STRATEGIES = ["clone", "direct", "clone_direct", "transient"] as const;

/** The body of `POST /apps/{app}/actions/copy`. */
export const CopyApp = Type.Object({
  project: ProjectPath("The project to copy it to."),
  name: Type.Optional(Type.String({ description: "The copy's short name is made from it.", "x-null-absent": true })),
  strategy: Type.Optional(
    OneOf(COPY_STRATEGIES, "`clone`, unless said: the whole history, updates from the original.", { "x-null-absent": true }),
  ),
});
