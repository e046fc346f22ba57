import type { Database, Sql } from "../db/database.ts";
import { DEFAULT_INSTANCES, type InstanceType } from "./instances.ts";
import type { PriceList } from "./prices.ts";

/** What an operator changes of the price list; an instance type that is new needs all of its values. */
export interface PriceChange {
  storageGbMonth?: number;
  egressGb?: number;
  diskGbHour?: number;
  interruptibleFactor?: number;
  instances?: readonly InstanceType[];
}

/** The price list: the default one with what operators have set. */
export async function readPrices(db: Sql): Promise<PriceList> {
  const rates = await db.selectFrom("price_rates").selectAll().executeTakeFirst();
  const rows = await db.selectFrom("instance_types").selectAll().orderBy("name").execute();
  const set = rows.map(({ name, cpus, memory_mib, hourly }) => ({ name, cpus, memoryMib: memory_mib, hourly: Number(hourly) }));
  const names = new Set(set.map(({ name }) => name));
  return {
    storageGbMonth: Number(rates?.storage_gb_month ?? 0),
    egressGb: Number(rates?.egress_gb ?? 0),
    diskGbHour: Number(rates?.disk_gb_hour ?? 0),
    interruptibleFactor: Number(rates?.interruptible_factor ?? 1),
    instances: [...DEFAULT_INSTANCES.filter(({ name }) => !names.has(name)), ...set],
  };
}

/** Sets what is given; what was charged before stays. */
export async function writePrices(
  db: Database,
  { storageGbMonth, egressGb, diskGbHour, interruptibleFactor, instances = [] }: PriceChange,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const rates = {
      ...(storageGbMonth === undefined ? {} : { storage_gb_month: storageGbMonth }),
      ...(egressGb === undefined ? {} : { egress_gb: egressGb }),
      ...(diskGbHour === undefined ? {} : { disk_gb_hour: diskGbHour }),
      ...(interruptibleFactor === undefined ? {} : { interruptible_factor: interruptibleFactor }),
    };
    if (Object.keys(rates).length > 0) {
      const row = { only_row: true, ...rates };
      await tx
        .insertInto("price_rates")
        .values(row)
        .onConflict((conflict) => conflict.column("only_row").doUpdateSet(row))
        .execute();
    }
    for (const { name, cpus, memoryMib, hourly } of instances) {
      const row = { cpus, memory_mib: memoryMib, hourly };
      await tx
        .insertInto("instance_types")
        .values({ name, ...row })
        .onConflict((conflict) => conflict.column("name").doUpdateSet(row))
        .execute();
    }
  });
}
