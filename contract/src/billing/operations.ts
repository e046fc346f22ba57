import { Type } from "typebox";
import { Uuid } from "../forms.ts";
import { operation } from "../operation.ts";
import { BILLING_GROUP_LIST_FIELDS, Billing, BillingGroup } from "./shapes.ts";

export const BillingGroupPath = Type.Object({ billing_group: Uuid("The billing group's id.") });

export const billingGroupPathRefusals = {
  "params/billing_group": "billingGroupIdInvalid",
  "params/billing_group#empty": "billingGroupIdEmpty",
} as const;

export const billingGroupErrors = [
  "billingForbidden",
  "billingNotFound",
  "billingGroupIdEmpty",
  "billingGroupIdInvalid",
] as const;

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
