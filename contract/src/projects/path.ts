import { Type } from "typebox";
import { Filled } from "../forms.ts";

/** What the calls on one project share. */
export const ProjectPathParams = Type.Object({
  owner: Filled("Username or division; case matters."),
  project: Filled("The project's short name."),
});

export const projectPathRefusals = {
  "params/owner": "projectOwnerEmpty",
  "params/project": "projectMalformedId",
} as const;
