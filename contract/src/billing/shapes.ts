import { Type } from "typebox";
import { Answer, Href, Nullable, OneOf, Timestamp, Uuid } from "../forms.ts";

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

const decimals = (description: string, places: number) =>
  Type.String({ description: `${description}: decimal text.`, pattern: `^-?\\d+\\.\\d{${places}}$` });
const amount = (description: string) => decimals(`${description}, in \`currency\``, 6);
const currency = Type.Literal("USD");

/** What names people in a row; left out where the project is locked (§B.5). */
const unlessLocked = (description: string) => Type.Optional(Type.String({ description }));
const projectLocked = Type.Boolean({ description: "The project's setting; then what names people is left out." });

/** What one task cost. */
export const AnalysisCost = Answer({
  analysis_type: Type.Enum(["TASK", "CRUNCHER_ANALYSIS"], { description: "A task, or an interactive analysis." }),
  analysis_id: Uuid("The task's id."),
  project_locked: projectLocked,
  project_name: unlessLocked("The project's name."),
  analysis_app_name: unlessLocked("The app's name."),
  analysis_name: unlessLocked("The task's name."),
  ran_by: unlessLocked("Who ran it."),
  analysis_status: unlessLocked("The task's status."),
  analysis_cost: Answer({
    currency,
    amount: amount("In all"),
    breakdown: Answer({
      storage: amount("Disks"),
      computation: amount("Instances"),
      data_transfer_in: amount("Transfers"),
    }),
  }),
  refunded_amount: amount("Given back"),
  time_started: Type.Optional(Timestamp("When it started.")),
  time_finished: Type.Optional(Timestamp("When it ended; left out while it runs.")),
});

const StoredBytes = Answer({
  size: decimals("How much was kept, in `unit`", 6),
  unit: Type.Literal("GB/Month"),
  cost: Answer({ amount: amount("In all"), currency }),
});

/** What keeping the files of one project in one place cost. */
export const StorageCost = Answer({
  project_name: unlessLocked("The project's name."),
  project_created_by: unlessLocked("Who created the project."),
  project_locked: projectLocked,
  active: Type.Optional(StoredBytes),
  archived: Type.Optional(StoredBytes),
  location: unlessLocked("Where the bytes are."),
});

/** What one user's downloads from one project cost. */
export const EgressCost = Answer({
  project_name: unlessLocked("The project's name."),
  downloaded_by: unlessLocked("Who downloaded."),
  project_locked: projectLocked,
  downloaded: Answer({ size: decimals("How much, in `unit`", 6), unit: Type.Literal("GB") }),
  egress_cost: Answer({ currency, amount: amount("In all") }),
});

/** What a group's projects spent on tasks, all at once: what `breakdown/analysis` tells in pages (§B.6). */
export const SpendingByProject = Answer({
  href: Href("This breakdown."),
  project_breakdown: Type.Array(
    Answer({
      href: Href("The project."),
      analysis_spending: Answer({ currency, amount: amount("In all") }, { description: "On the project's tasks." }),
      task_breakdown: Type.Array(
        Answer({
          href: Href("The task."),
          runner_username: unlessLocked("Who ran it."),
          time_started: Type.Optional(Timestamp("When it started.")),
          time_finished: Type.Optional(Timestamp("When it ended.")),
          task_cost: Answer({ currency, amount: amount("In all") }, { description: "What it cost." }),
        }),
        { description: "The project's tasks, newest first." },
      ),
    }),
    { description: "The group's projects, that with the newest task first." },
  ),
  total_spending: Answer({ currency, amount: amount("In all") }, { description: "On all tasks of the group." }),
});

const total = (description: string) =>
  Answer({ currency, amount: decimals(`${description}, in \`currency\``, 2) }, { description });

/** What a group pays for a period (§B.7); `id` and `invoice_id` are the same. */
export const Invoice = Answer({
  href: Href("The invoice."),
  invoice_id: Type.String({ description: "Digits.", pattern: "^\\d+$" }),
  id: Type.String({ description: "The same as `invoice_id`: what clients read.", pattern: "^\\d+$" }),
  pending: Type.Boolean({ description: "Not yet approved." }),
  approval_date: Nullable(Timestamp("When it was approved."), "When it was approved."),
  invoice_period: Answer({ from: Timestamp("Its first second."), to: Timestamp("Its last second.") }),
  analysis_costs: total("Tasks"),
  storage_costs: total("Files kept"),
  total: total("All together"),
});

export const INVOICE_LIST_FIELDS = ["href", "invoice_id", "id", "pending", "invoice_period"] as const;
