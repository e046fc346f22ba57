import { timestamp } from "@causeway/contract";
import type { Links } from "../http/links.ts";
import { LOCATION } from "../projects/settings.ts";
import type { AnalysisRow, BillingGroupRow, EgressRow, InvoiceRow, SpendingRow, StorageRow } from "./service.ts";

const currency = "USD" as const;
const NOTHING = "0.000000";

/** The public shape of a billing group; the balance is a number, every other amount of billing a text. */
export const presentGroup = ({ id, owner, name, type, pending, disabled }: BillingGroupRow, balance: number, links: Links) => ({
  id,
  href: links.to(`/billing/groups/${id}`),
  owner,
  name,
  type,
  pending,
  disabled,
  balance: { currency, amount: Math.round(balance * 1e6) / 1e6 },
});

/** What one task cost. What names people or what they do is left out where the project is locked. */
export const presentAnalysis = ({ task, username, project_name, locked, amount }: AnalysisRow) => ({
  analysis_type: "TASK" as const,
  analysis_id: task.id,
  project_locked: locked,
  ...(locked
    ? {}
    : {
        project_name,
        analysis_app_name: task.app,
        analysis_name: task.name,
        ran_by: username,
        analysis_status: task.status,
      }),
  analysis_cost: {
    currency,
    amount,
    breakdown: {
      storage: task.disks,
      computation: (Number(amount) - Number(task.disks)).toFixed(6),
      data_transfer_in: NOTHING,
    },
  },
  refunded_amount: NOTHING,
  ...(locked ? {} : { time_started: task.started, time_finished: task.ended }),
});

/** What keeping a project's files cost; nothing is archived here. */
export const presentStorage = ({ project_name, project_created_by, locked, size, amount }: StorageRow) => ({
  ...(locked ? {} : { project_name, project_created_by }),
  project_locked: locked,
  active: { size, unit: "GB/Month" as const, cost: { amount, currency } },
  archived: { size: NOTHING, unit: "GB/Month" as const, cost: { amount: NOTHING, currency } },
  ...(locked ? {} : { location: LOCATION }),
});

/** What a user's downloads out of a project cost. */
export const presentEgress = ({ project_name, username, locked, size, amount }: EgressRow) => ({
  ...(locked ? {} : { project_name, downloaded_by: username }),
  project_locked: locked,
  downloaded: { size, unit: "GB" as const },
  egress_cost: { currency, amount },
});

/** What all tasks of a group cost, project by project; the rows of one project follow each other. */
export function presentSpending(groupId: string, rows: readonly SpendingRow[], links: Links) {
  const projects = Map.groupBy(rows, ({ project_id }) => project_id);
  return {
    href: links.to(`/billing/groups/${groupId}/breakdown`),
    project_breakdown: [...projects.values()].map((tasks) => ({
      href: links.to(`/projects/${tasks[0]!.project}`),
      analysis_spending: { currency, amount: tasks[0]!.project_amount },
      task_breakdown: tasks.map((row) => presentSpendingOnTask(row, links)),
    })),
    total_spending: { currency, amount: rows[0]?.group_amount ?? NOTHING },
  };
}

const presentSpendingOnTask = ({ task, username, locked, amount }: SpendingRow, links: Links) => ({
  href: links.to(`/tasks/${task.id}`),
  ...(locked ? {} : { runner_username: username, time_started: task.started, time_finished: task.ended }),
  task_cost: { currency, amount },
});

/** The public shape of an invoice. Clients read its id under one or the other name. */
export function presentInvoice(invoice: InvoiceRow, links: Links) {
  const id = String(invoice.id);
  const total = (Math.round((Number(invoice.analysis_costs) + Number(invoice.storage_costs)) * 100) / 100).toFixed(2);
  return {
    href: links.to(`/billing/invoices/${id}`),
    invoice_id: id,
    id,
    pending: invoice.pending,
    approval_date: invoice.approved_at === null ? null : timestamp(invoice.approved_at),
    invoice_period: { from: timestamp(invoice.from), to: timestamp(invoice.to) },
    analysis_costs: { currency, amount: invoice.analysis_costs },
    storage_costs: { currency, amount: invoice.storage_costs },
    total: { currency, amount: total },
  };
}
