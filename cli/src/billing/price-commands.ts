import type { Prices } from "@causeway/contract/client";
import type { Command } from "commander";
import { examples, repeatable, withSession } from "../command.ts";
import { record, table } from "../output/output.ts";

/** The price list, for administrators. */
export function priceCommands(program: Command): void {
  const prices = program.command("prices").description("what running, keeping and downloading cost (administrators)");
  prices
    .command("show", { isDefault: true })
    .description("show the price list (administrators)")
    .addHelpText("after", examples("prices show", "prices show --json > prices.json"))
    .action(withSession(async ({ operator, output }) => show(output, await operator.getPrices())));
  prices
    .command("set")
    .description("set what is given, in dollars; what was charged before stays (administrators)")
    .option("--storage <price>", "a GB kept for a month")
    .option("--egress <price>", "a GB downloaded")
    .option("--disk <price>", "a GB of an instance's disk for an hour")
    .option("--interruptible <part>", "part of its price that an interruptible instance costs, from 0 to 1")
    .option("--instance <name=hourly>", "an hour of an instance type that is listed; may be repeated", repeatable)
    .option("--file <prices.json>", "all that this file has, in the shape of `prices show --json`; new instance types, too")
    .addHelpText(
      "after",
      examples(
        "prices set --storage 0.021 --egress 0",
        "prices set --instance c4.2xlarge=0.398 --instance r5.large=0.126",
        "prices set --file prices.json",
      ),
    )
    .action(
      withSession(async ({ operator, output }, options) => {
        const { priceChange } = await import("./price-change.ts");
        show(output, await operator.setPrices({ body: await priceChange(options, () => operator.getPrices()) }));
      }),
    );
}

function show(output: { show(result: unknown, text: () => string): void }, prices: Prices): void {
  output.show(prices, () =>
    [
      record({
        "GB kept, a month": `$${prices.storage_gb_month}`,
        "GB downloaded": `$${prices.egress_gb}`,
        "GB of disk, an hour": `$${prices.disk_gb_hour}`,
        "interruptible instances": `× ${prices.interruptible_factor}`,
      }),
      table(
        ["INSTANCE", "CPUS", "MEMORY MIB", "AN HOUR"],
        prices.instances.map(({ name, cpus, memory_mib, hourly }) => [name, cpus, memory_mib, `$${hourly}`]),
        "No instance types.",
      ),
    ].join("\n\n"),
  );
}
