import { Type } from "typebox";
import { Answer, Href, OneOf, Uuid } from "../forms.ts";

/** `GET /billing`; both addresses end in a slash (users-billing-projects.md §B.1). */
export const Billing = Answer({
  billing_groups_url: Href("Billing groups."),
  invoices_url: Href("Invoices."),
});

/** Who pays for projects (§B.2). */
export const BillingGroup = Answer({
  id: Uuid("The group's id."),
  href: Href("The group."),
  owner: Type.String({ description: "The owner's username." }),
  name: Type.String({ description: "The name people see." }),
  type: OneOf(["free", "regular"], "In lower case, unlike other words of answers."),
  pending: Type.Boolean({ description: "Not yet approved." }),
  disabled: Type.Boolean({ description: "Cannot be used." }),
  balance: Answer({
    currency: Type.Literal("USD"),
    amount: Type.Number({ description: "What is left: a number, in `currency`." }),
  }),
});

export const BILLING_GROUP_LIST_FIELDS = ["id", "href", "name"] as const;
