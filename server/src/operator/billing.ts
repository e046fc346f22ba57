import { OPERATOR_OPERATIONS, type PriceChange, type Prices, timestamp } from "@causeway/contract";
import type { BillingAdministration, OperatedGroup } from "../billing/administration.ts";
import type { PriceList } from "../billing/prices.ts";
import type { StrictCalls } from "../http/strict-calls.ts";

/** Billing groups with their members, and the price list. Amounts are numbers, in USD. */
export function operatorBilling(calls: StrictCalls, billing: BillingAdministration): void {
  const { listAllGroups, createGroup, changeGroup, addPayer, removePayer, getPrices, setPrices } = OPERATOR_OPERATIONS;
  calls.serve(listAllGroups, async () => ({ billing_groups: (await billing.list()).map(presentGroup) }));
  calls.serve(createGroup, async ({ body }) => presentGroup(await billing.create(body)));
  calls.serve(changeGroup, async ({ params, body }) => presentGroup(await billing.change(params.group, body)));
  calls.serve(addPayer, async ({ params }) => presentGroup(await billing.addMember(params.group, params.username)));
  calls.serve(removePayer, async ({ params }) => presentGroup(await billing.removeMember(params.group, params.username)));

  calls.serve(getPrices, async () => presentPrices(await billing.prices()));
  calls.serve(setPrices, async ({ body }) => presentPrices(await billing.setPrices(priceChangeOf(body))));
}

const presentGroup = ({ id, name, owner, type, pending, disabled, credit, balance, members, created_at }: OperatedGroup) => ({
  id,
  name,
  owner,
  type,
  pending,
  disabled,
  credit: Number(credit),
  balance,
  members,
  created_on: timestamp(created_at),
});

const presentPrices = ({ storageGbMonth, egressGb, diskGbHour, interruptibleFactor, instances }: PriceList): Prices => ({
  currency: "USD",
  storage_gb_month: storageGbMonth,
  egress_gb: egressGb,
  disk_gb_hour: diskGbHour,
  interruptible_factor: interruptibleFactor,
  instances: instances.map(({ memoryMib, ...instance }) => ({ ...instance, memory_mib: memoryMib })),
});

const priceChangeOf = (change: PriceChange) => ({
  ...(change.storage_gb_month === undefined ? {} : { storageGbMonth: change.storage_gb_month }),
  ...(change.egress_gb === undefined ? {} : { egressGb: change.egress_gb }),
  ...(change.disk_gb_hour === undefined ? {} : { diskGbHour: change.disk_gb_hour }),
  ...(change.interruptible_factor === undefined ? {} : { interruptibleFactor: change.interruptible_factor }),
  instances: (change.instances ?? []).map(({ memory_mib, ...instance }) => ({ ...instance, memoryMib: memory_mib })),
});
