import type { Comparisons } from "./comparison.ts";

/** users-billing-projects.md §B. */
export const BILLING: Comparisons<"billing"> = {
  getBilling: {},
  listBillingGroups: {
    differs: [
      "Every user is a member of a billing group from the start: one of their own, or that of their division. Operators make further ones (`/operator/billing`); nobody is charged by us.",
    ],
    chosen: ['Oldest first, so that "the first group" stays the same one.'],
  },
  getBillingGroup: {
    differs: ["`balance` is what operators have credited less what the price list has charged."],
    chosen: ["Open to the owner and the members of the group."],
  },
  listAnalysisCosts: {
    differs: [
      "Amounts come from the price list of this platform's operators. Everything costs nothing until they set prices.",
      "`CRUNCHER_ANALYSIS` rows do not occur: there are no interactive analyses. `data_transfer_in` and `refunded_amount` are always 0.",
    ],
    chosen: [
      "Newest first. A day that is none, or a first day after the last, is 400/90000; an unknown invoice 404/4002, another group's 403/4001; an invoice and days together both count.",
    ],
  },
  listStorageCosts: {
    differs: [
      "`location` is this platform's (`local:main`). Nothing is archived here: `archived` is always 0.",
      "The ledger is written from the bytes of the files that are there at the end of each day (UTC), by the operators' price for a gigabyte and month.",
    ],
    chosen: ["As for the analysis breakdown."],
  },
  listEgressCosts: {
    differs: [
      "What counts are the bytes that this platform sends. With the files in a bucket (`CAUSEWAY_S3_BUCKET`) clients fetch the bytes there, unseen: a file's whole size is charged when its address is given out, once for each user in the lifetime of an address; or operators have the bytes sent through the platform (`CAUSEWAY_S3_DOWNLOADS=served`).",
    ],
    chosen: ["As for the analysis breakdown."],
  },
  getSpendingByProject: {
    differs: [
      "What all tasks of the group have ever cost, invoiced or not; a task of a locked project names neither its runner nor its times.",
    ],
    chosen: ["The vendor's documentation has dropped this call; old R, Java and Node clients make it."],
  },
  listInvoices: {
    differs: [
      "Invoices are made here by a job that closes each month (UTC), approved at once, and for information: nobody collects them.",
      "Items have `id` beside `invoice_id`: clients read one or the other.",
    ],
    chosen: ["Newest first."],
  },
  getInvoice: { differs: ["`id` beside `invoice_id`. `storage_costs` holds downloads as well, so that the total is the sum."] },
};
