import { OPERATIONS } from "@causeway/contract";
import type { Calls } from "../http/calls.ts";
import type { Links } from "../http/links.ts";
import type { BillingGroupRow } from "./queries.ts";
import type { BillingService } from "./service.ts";

export function billingRoutes(calls: Calls, billing: BillingService, links: Links): void {
  calls.serve(OPERATIONS.getBilling, async () => ({
    billing_groups_url: links.to("/billing/groups/"),
    invoices_url: links.to("/billing/invoices/"),
  }));
  calls.serve(OPERATIONS.listBillingGroups, async ({ actor, page }) => {
    const { items, total } = await billing.list(actor, page);
    return { items: items.map((group) => presentGroup(group, links)), total };
  });
  calls.serve(OPERATIONS.getBillingGroup, async ({ actor, params }) =>
    presentGroup(await billing.get(actor, params.billing_group), links),
  );
}

const presentGroup = ({ id, owner, name, type, pending, disabled }: BillingGroupRow, links: Links) => ({
  id,
  href: links.to(`/billing/groups/${id}`),
  owner,
  name,
  type,
  pending,
  disabled,
  balance: { currency: "USD" as const, amount: 0 },
});
