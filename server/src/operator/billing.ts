import { timestamp } from "@causeway/contract";
import { type Static, Type } from "typebox";
import type { BillingAdministration, OperatedGroup } from "../billing/administration.ts";
import type { PriceList } from "../billing/prices.ts";
import type { App } from "../http/app.ts";
import { bodyOf } from "./body.ts";

const Name = Type.String({ pattern: "\\S" });
/** Of a `numeric(14, 2)`. */
const Credit = Type.Number({ minimum: 0, maximum: 1e11 });
const Price = Type.Number({ minimum: 0, maximum: 1e6 });

const NewGroup = Type.Object(
  {
    name: Name,
    owner: Type.String({ minLength: 1 }),
    type: Type.Optional(Type.Enum(["free", "regular"])),
    credit: Type.Optional(Credit),
  },
  { additionalProperties: false },
);

const GroupChange = Type.Object(
  {
    name: Type.Optional(Name),
    pending: Type.Optional(Type.Boolean()),
    disabled: Type.Optional(Type.Boolean()),
    credit: Type.Optional(Credit),
  },
  { additionalProperties: false },
);

const PriceChange = Type.Object(
  {
    storage_gb_month: Type.Optional(Price),
    egress_gb: Type.Optional(Price),
    disk_gb_hour: Type.Optional(Price),
    interruptible_factor: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    instances: Type.Optional(
      Type.Array(
        Type.Object(
          {
            name: Type.String({ pattern: "^[A-Za-z0-9._-]{1,100}$" }),
            cpus: Type.Integer({ minimum: 1, maximum: 100_000 }),
            memory_mib: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
            hourly: Price,
          },
          { additionalProperties: false },
        ),
      ),
    ),
  },
  { additionalProperties: false },
);

type OfGroup = { Params: { group: string } };
type OfMember = { Params: { group: string; username: string } };

/** Billing groups with their members, and the price list. Amounts are numbers, in USD. */
export function operatorBilling(scope: App, billing: BillingAdministration): void {
  scope.get("/billing-groups", async () => ({ billing_groups: (await billing.list()).map(presentGroup) }));
  scope.post("/billing-groups", async (request) => presentGroup(await billing.create(bodyOf(request, NewGroup))));
  scope.patch<OfGroup>("/billing-groups/:group", async (request) =>
    presentGroup(await billing.change(request.params.group, bodyOf(request, GroupChange))),
  );
  scope.put<OfMember>("/billing-groups/:group/members/:username", async ({ params }) =>
    presentGroup(await billing.addMember(params.group, params.username)),
  );
  scope.delete<OfMember>("/billing-groups/:group/members/:username", async ({ params }) =>
    presentGroup(await billing.removeMember(params.group, params.username)),
  );

  scope.get("/prices", async () => presentPrices(await billing.prices()));
  scope.patch("/prices", async (request) => presentPrices(await billing.setPrices(priceChangeOf(bodyOf(request, PriceChange)))));
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

const presentPrices = ({ storageGbMonth, egressGb, diskGbHour, interruptibleFactor, instances }: PriceList) => ({
  currency: "USD",
  storage_gb_month: storageGbMonth,
  egress_gb: egressGb,
  disk_gb_hour: diskGbHour,
  interruptible_factor: interruptibleFactor,
  instances: instances.map(({ memoryMib, ...instance }) => ({ ...instance, memory_mib: memoryMib })),
});

const priceChangeOf = (change: Static<typeof PriceChange>) => ({
  ...(change.storage_gb_month === undefined ? {} : { storageGbMonth: change.storage_gb_month }),
  ...(change.egress_gb === undefined ? {} : { egressGb: change.egress_gb }),
  ...(change.disk_gb_hour === undefined ? {} : { diskGbHour: change.disk_gb_hour }),
  ...(change.interruptible_factor === undefined ? {} : { interruptibleFactor: change.interruptible_factor }),
  instances: (change.instances ?? []).map(({ memory_mib, ...instance }) => ({ ...instance, memoryMib: memory_mib })),
});
