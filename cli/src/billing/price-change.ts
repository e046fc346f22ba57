import { readFile } from "node:fs/promises";
import type { PriceChange, Prices } from "@causeway/contract/client";
import { CliError, EXIT } from "../exit.ts";
import { pairs } from "../files/metadata.ts";
import { dollars } from "./dollars.ts";

interface Options {
  readonly storage?: string;
  readonly egress?: string;
  readonly disk?: string;
  readonly interruptible?: string;
  readonly instance?: readonly string[];
  readonly file?: string;
}

/** What a command line changes of the price list: what the file has, and over it the options. @throws CliError */
export async function priceChange(options: Options, current: () => Promise<Prices>): Promise<PriceChange> {
  const listed = options.file === undefined ? {} : await pricesOf(options.file);
  const given = {
    ...listed,
    ...priced("storage_gb_month", "--storage", options.storage),
    ...priced("egress_gb", "--egress", options.egress),
    ...priced("disk_gb_hour", "--disk", options.disk),
    ...priced("interruptible_factor", "--interruptible", options.interruptible),
  };
  if (options.instance === undefined) {
    if (Object.keys(given).length === 0) throw new CliError("Which price? `prices set --help` has them.", { exit: EXIT.usage });
    return given;
  }
  const known = new Map([...(await current()).instances, ...(listed.instances ?? [])].map((each) => [each.name, each]));
  const changed = new Map((listed.instances ?? []).map((each) => [each.name, each]));
  for (const [name, price] of Object.entries(pairs(options.instance))) {
    const instance = known.get(name);
    if (!instance)
      throw new CliError(`The price list has no instance type ${name}.`, {
        exit: EXIT.notFound,
        advice: "New ones come with --file, which says their cores and memory.",
      });
    changed.set(name, { ...instance, hourly: dollars("--instance", price) });
  }
  return { ...given, instances: [...changed.values()] };
}

const priced = (key: keyof Prices, option: string, text: string | undefined) =>
  text === undefined ? {} : { [key]: dollars(option, text) };

async function pricesOf(path: string): Promise<PriceChange> {
  try {
    const { currency = "USD", ...prices } = JSON.parse(await readFile(path, "utf8")) as Partial<Prices>;
    if (currency !== "USD") throw new CliError(`Prices are in USD, not ${currency}.`, { exit: EXIT.usage });
    return prices;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new CliError(`${path} is no JSON: ${error.message}`, { exit: EXIT.usage });
  }
}
