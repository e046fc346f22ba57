import { OPERATIONS } from "@causeway/contract";
import type { Calls } from "../http/calls.ts";
import type { Links } from "../http/links.ts";
import { presentAnalysis, presentEgress, presentGroup, presentInvoice, presentSpending, presentStorage } from "./present.ts";
import type { BillingService } from "./service.ts";

export function billingRoutes(calls: Calls, billing: BillingService, links: Links): void {
  calls.serve(OPERATIONS.getBilling, async () => ({
    billing_groups_url: links.to("/billing/groups/"),
    invoices_url: links.to("/billing/invoices/"),
  }));
  calls.serve(OPERATIONS.listBillingGroups, async ({ actor, page, fields }) => {
    const { items, total } = await billing.list(actor, page);
    // Adding up the ledger is for those who ask for it.
    const balances = fields.wants("balance") ? await billing.balances(items) : undefined;
    return { items: items.map((group) => presentGroup(group, balances?.get(group.id) ?? 0, links)), total };
  });
  calls.serve(OPERATIONS.getBillingGroup, async ({ actor, params }) => {
    const group = await billing.get(actor, params.billing_group);
    return presentGroup(group, (await billing.balances([group])).get(group.id) ?? 0, links);
  });
  breakdownRoutes(calls, billing, links);
  calls.serve(OPERATIONS.listInvoices, async ({ actor, query, page }) => {
    const { items, total } = await billing.listInvoices(actor, query, page);
    return { items: items.map((invoice) => presentInvoice(invoice, links)), total };
  });
  calls.serve(OPERATIONS.getInvoice, async ({ actor, params }) =>
    presentInvoice(await billing.getInvoice(actor, params.invoice), links),
  );
}

function breakdownRoutes(calls: Calls, billing: BillingService, links: Links): void {
  calls.serve(OPERATIONS.listAnalysisCosts, async ({ actor, params, query, page }) => {
    const { items, total } = await billing.analysisCosts(actor, params.billing_group, query, page);
    return { items: items.map(presentAnalysis), total };
  });
  calls.serve(OPERATIONS.listStorageCosts, async ({ actor, params, query, page }) => {
    const { items, total } = await billing.storageCosts(actor, params.billing_group, query, page);
    return { items: items.map(presentStorage), total };
  });
  calls.serve(OPERATIONS.listEgressCosts, async ({ actor, params, query, page }) => {
    const { items, total } = await billing.egressCosts(actor, params.billing_group, query, page);
    return { items: items.map(presentEgress), total };
  });
  calls.serve(OPERATIONS.getSpendingByProject, async ({ actor, params }) =>
    presentSpending(params.billing_group, await billing.spending(actor, params.billing_group), links),
  );
}
