import { Type } from "typebox";
import { DayFilter, Uuid } from "../forms.ts";
import { operation } from "../operation.ts";
import {
  AnalysisCost,
  BILLING_GROUP_LIST_FIELDS,
  Billing,
  BillingGroup,
  EgressCost,
  INVOICE_LIST_FIELDS,
  Invoice,
  SpendingByProject,
  StorageCost,
} from "./shapes.ts";

const BillingGroupPath = Type.Object({ billing_group: Uuid("The billing group's id.") });

const billingGroupPathRefusals = {
  "params/billing_group": "billingGroupIdInvalid",
  "params/billing_group#empty": "billingGroupIdEmpty",
} as const;

const billingGroupErrors = ["billingForbidden", "billingNotFound", "billingGroupIdEmpty", "billingGroupIdInvalid"] as const;

export const getBilling = operation({
  id: "getBilling",
  method: "GET",
  path: "/billing",
  tag: "billing",
  summary: "List where billing groups and invoices are",
  status: 200,
  reply: Billing,
  errors: [],
});

export const listBillingGroups = operation({
  id: "listBillingGroups",
  method: "GET",
  path: "/billing/groups",
  tag: "billing",
  summary: "List the caller's billing groups, oldest first",
  status: 200,
  reply: BillingGroup,
  list: { fields: BILLING_GROUP_LIST_FIELDS },
  errors: [],
});

export const getBillingGroup = operation({
  id: "getBillingGroup",
  method: "GET",
  path: "/billing/groups/{billing_group}",
  tag: "billing",
  summary: "Get a billing group",
  params: BillingGroupPath,
  status: 200,
  reply: BillingGroup,
  refusals: billingGroupPathRefusals,
  errors: billingGroupErrors,
});

const BreakdownFilters = Type.Object({
  date_from: Type.Optional(DayFilter("Charged on this day or later.", { "x-blank-absent": true })),
  date_to: Type.Optional(DayFilter("Charged on this day or earlier.", { "x-blank-absent": true })),
  invoice_id: Type.Optional(
    Type.String({ description: "What this invoice charges; unless given, what no invoice charges yet.", minLength: 1 }),
  ),
});

const breakdownRefusals = { ...billingGroupPathRefusals, "query/invoice_id": "invoiceIdEmpty" } as const;
const breakdownErrors = [...billingGroupErrors, "invoiceIdEmpty"] as const;

export const listAnalysisCosts = operation({
  id: "listAnalysisCosts",
  method: "GET",
  path: "/billing/groups/{billing_group}/breakdown/analysis",
  tag: "billing",
  summary: "List what tasks cost, newest first",
  params: BillingGroupPath,
  query: BreakdownFilters,
  status: 200,
  reply: AnalysisCost,
  list: { fields: "all" },
  refusals: breakdownRefusals,
  errors: breakdownErrors,
});

export const listStorageCosts = operation({
  id: "listStorageCosts",
  method: "GET",
  path: "/billing/groups/{billing_group}/breakdown/storage",
  tag: "billing",
  summary: "List what keeping files cost, newest first",
  params: BillingGroupPath,
  query: BreakdownFilters,
  status: 200,
  reply: StorageCost,
  list: { fields: "all" },
  refusals: breakdownRefusals,
  errors: breakdownErrors,
});

export const listEgressCosts = operation({
  id: "listEgressCosts",
  method: "GET",
  path: "/billing/groups/{billing_group}/breakdown/egress",
  tag: "billing",
  summary: "List what downloads cost, newest first",
  params: BillingGroupPath,
  query: BreakdownFilters,
  status: 200,
  reply: EgressCost,
  list: { fields: "all" },
  refusals: breakdownRefusals,
  errors: breakdownErrors,
});

export const getSpendingByProject = operation({
  id: "getSpendingByProject",
  method: "GET",
  path: "/billing/groups/{billing_group}/breakdown",
  tag: "billing",
  summary: "Get what all tasks of a group have cost, by project (the older form of `breakdown/analysis`)",
  params: BillingGroupPath,
  status: 200,
  reply: SpendingByProject,
  refusals: billingGroupPathRefusals,
  errors: billingGroupErrors,
});

export const listInvoices = operation({
  id: "listInvoices",
  method: "GET",
  path: "/billing/invoices",
  tag: "billing",
  summary: "List invoices, newest first",
  query: Type.Object({
    billing_group: Type.Optional(Uuid("Only invoices of this group; unless given, of all the caller's groups.")),
  }),
  status: 200,
  reply: Invoice,
  list: { fields: INVOICE_LIST_FIELDS },
  refusals: { "query/billing_group": "billingGroupIdInvalid", "query/billing_group#empty": "billingGroupIdEmpty" },
  errors: billingGroupErrors,
});

export const getInvoice = operation({
  id: "getInvoice",
  method: "GET",
  path: "/billing/invoices/{invoice}",
  tag: "billing",
  summary: "Get an invoice",
  params: Type.Object({ invoice: Type.String({ description: "The invoice's id: digits.", minLength: 1 }) }),
  status: 200,
  reply: Invoice,
  refusals: { "params/invoice": "invoiceIdEmpty" },
  errors: ["billingForbidden", "billingNotFound", "invoiceIdEmpty"],
});
