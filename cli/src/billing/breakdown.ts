import type { Client } from "@causeway/contract/client";
import { CliError, EXIT } from "../exit.ts";
import { table } from "../output/output.ts";

interface Filters {
  readonly of: string;
  readonly from?: string;
  readonly to?: string;
  readonly invoice?: string;
}

/** What a group was charged, as the API gives it and as a table. @throws CliError */
export async function breakdown(
  client: Client,
  billing_group: string,
  { of, from, to, invoice }: Filters,
): Promise<{ charges: unknown[]; text: () => string }> {
  const given = {
    billing_group,
    ...(from === undefined ? {} : { date_from: from }),
    ...(to === undefined ? {} : { date_to: to }),
    ...(invoice === undefined ? {} : { invoice_id: invoice }),
  };
  if (of === "analysis") {
    const charges = await Array.fromAsync(client.all.listAnalysisCosts(given));
    const rows = charges.map((each) => [
      each.analysis_id,
      each.project_name ?? LOCKED,
      each.ran_by,
      each.time_finished,
      `$${each.analysis_cost.amount}`,
      each.analysis_name,
    ]);
    return { charges, text: () => table(["TASK", "PROJECT", "RAN BY", "FINISHED", "COST", "NAME"], rows, NOTHING) };
  }
  if (of === "storage") {
    const charges = await Array.fromAsync(client.all.listStorageCosts(given));
    const rows = charges.map((each) => [each.project_name ?? LOCKED, each.active?.size, `$${each.active?.cost.amount ?? 0}`]);
    return { charges, text: () => table(["PROJECT", "GB × MONTHS", "COST"], rows, NOTHING) };
  }
  if (of === "egress") {
    const charges = await Array.fromAsync(client.all.listEgressCosts(given));
    const rows = charges.map((each) => [
      each.project_name ?? LOCKED,
      each.downloaded_by,
      each.downloaded.size,
      `$${each.egress_cost.amount}`,
    ]);
    return { charges, text: () => table(["PROJECT", "DOWNLOADED BY", "GB", "COST"], rows, NOTHING) };
  }
  throw new CliError(`There is no breakdown of ${of}: analysis, storage, egress.`, { exit: EXIT.usage });
}

const NOTHING = "Nothing was charged.";
/** What names people is left out of locked projects. */
const LOCKED = "(locked)";
