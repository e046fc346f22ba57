import type { Client } from "@causeway/contract/client";
import { CliError, EXIT } from "../exit.ts";
import { printable, table } from "../output/output.ts";

/** How a batch makes its tasks. */
export type BatchBy = { type: "ITEM" } | { type: "CRITERIA"; criteria: string[] };

/** The values that go to one task of a batch. */
export interface BatchGroup {
  readonly value: string;
  /** In words: names of files, or the values. */
  readonly items: readonly string[];
}

/** `item`, or one or more of `metadata.KEY`. @throws CliError */
export function readBy(given: readonly string[]): BatchBy {
  const words = given.flatMap((text) => text.split(",")).map((word) => word.trim());
  if (words.length === 1 && /^items?$/i.test(words[0]!)) return { type: "ITEM" };
  const stray = words.find((word) => !/^metadata\..+$/.test(word));
  if (stray === undefined) return { type: "CRITERIA", criteria: words };
  throw new CliError(`--by takes item, or metadata.KEY, and ${stray} is neither.`, {
    exit: EXIT.usage,
    advice: `Is it --by metadata.${stray.replace(/^metadata\.?/, "") || "sample_id"}?`,
  });
}

/** Files in one call. */
const FILES_AT_ONCE = 100;

/**
 * The tasks that a batch of these values will become: what the platform makes of them when it is run, told before anything
 * is made.
 */
export async function groupsOf(client: Client, values: readonly unknown[], by: BatchBy): Promise<BatchGroup[]> {
  const files = await filesOf(client, values);
  const nameOf = (value: unknown) => (isFile(value) ? (files.get(value.path)?.name ?? value.path) : textOf(value));
  if (by.type === "ITEM") return values.map((value) => ({ value: nameOf(value), items: [nameOf(value)] }));
  const groups = new Map<string, { value: string; items: string[] }>();
  for (const value of values) {
    const metadata = isFile(value) ? files.get(value.path)?.metadata : undefined;
    const found = by.criteria.map((criterion) => metadata?.[criterion.slice("metadata.".length)] ?? null);
    const key = JSON.stringify(found);
    const group = groups.get(key) ?? {
      value: found.map((part) => (part === null ? "no value" : String(part))).join(", "),
      items: [],
    };
    groups.set(key, group);
    group.items.push(nameOf(value));
  }
  return [...groups.values()];
}

/** The groups in lines for people; of many only the first. */
export function describeGroups(groups: readonly BatchGroup[], atMost = 20): string {
  const rows = groups.slice(0, atMost).map(({ value, items }) => {
    const some = items.slice(0, 4).join(", ");
    return [value, items.length, items.length > 4 ? `${some}, …` : some];
  });
  const more = groups.length > atMost ? `\n… and ${groups.length - atMost} more` : "";
  return `${table(["GROUP", "VALUES", ""], rows, "No groups.")}${more}`;
}

interface KnownFile {
  name: string;
  metadata: Readonly<Record<string, unknown>>;
}

async function filesOf(client: Client, values: readonly unknown[]): Promise<Map<string, KnownFile>> {
  const ids = [...new Set(values.filter(isFile).map(({ path }) => path))];
  const found = new Map<string, KnownFile>();
  for (let at = 0; at < ids.length; at += FILES_AT_ONCE) {
    const { items } = await client.getFiles({ body: { file_ids: ids.slice(at, at + FILES_AT_ONCE) } });
    for (const item of items) {
      if (!("resource" in item)) throw new CliError(`A file to batch cannot be read: ${printable(item.error.message)}`);
      found.set(item.resource.id, { name: item.resource.name, metadata: item.resource.metadata ?? {} });
    }
  }
  return found;
}

const isFile = (value: unknown): value is { class: string; path: string } =>
  typeof value === "object" && value !== null && "class" in value && "path" in value && typeof value.path === "string";

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
