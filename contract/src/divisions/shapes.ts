import { Type } from "typebox";
import { Answer, Href } from "../forms.ts";

/** A part of an enterprise, with users and projects of its own (users-billing-projects.md §F). */
export const Division = Answer({
  href: Href("The division."),
  id: Type.String({ description: "The first part of its users' names and of its projects' ids." }),
  name: Type.String({ description: "The name people see." }),
});
