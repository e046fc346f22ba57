import { Type } from "typebox";
import { Answer, Href, OneOf } from "../forms.ts";

export const ROLES = ["MEMBER", "ADMIN", "EXTERNAL_COLLABORATOR"] as const;

export const Role = OneOf(ROLES, "The role in the division of the token; `MEMBER` outside of divisions.");

export const Username = Type.String({ description: "`username`, in a division `division/username`; case matters." });

const profileText = (description: string) => Type.String({ description: `${description}; \`""\` when not given.` });

/** A user (users-billing-projects.md §A.1); list items have all fields. */
export const User = Answer({
  href: Href("The user."),
  username: Username,
  email: Type.String({ description: "E-mail address." }),
  first_name: profileText("First name"),
  last_name: profileText("Last name"),
  role: Role,
  tags: Type.Array(
    Answer({
      tag: Type.String({ description: "What the user may do on this platform." }),
      expires_at: Type.Integer({ description: "When that ends: Unix milliseconds." }),
    }),
    { description: "Entitlements given by the platform." },
  ),
  affiliation: profileText("Institution"),
  phone: profileText("Phone number"),
  address: profileText("Street and number"),
  city: profileText("City"),
  state: profileText("State"),
  country: profileText("Country"),
  zip_code: profileText("Postal code"),
});
