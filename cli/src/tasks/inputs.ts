import { type Client, exactLong, parseExactly, parseFileId } from "@causeway/contract/client";
import { namesOf, type Port, portsOf } from "../apps/ports.ts";
import { CliError, EXIT } from "../exit.ts";
import { pairs } from "../files/metadata.ts";
import { fileIdOf } from "../files/places.ts";
import { printable } from "../output/output.ts";
import { type InputsFile, readInputsFile } from "./inputs-file.ts";
import { meant } from "./suggestion.ts";

type Values = Record<string, unknown>;

/** A task's inputs, and what is wrong with those of a file. */
export interface GivenInputs extends Pick<InputsFile, "problems" | "warnings"> {
  values: Values;
}

/**
 * A task's inputs from `--inputs FILE` and `--input name=value`, which goes over the file's. Files are named by id or
 * path; the app's ports say what a value is: a file, a number, a truth, a text. Repeated names make a list. The input
 * `batched` takes a list whatever its type: each of its values may go to a task of its own.
 *
 * @throws CliError
 */
export async function readInputs(
  client: Client,
  app: { raw: object; process: { inputs?: unknown } },
  { inputs, input = [], batched }: { inputs?: string; input?: readonly string[]; batched?: string },
): Promise<GivenInputs> {
  const ports = portsOf(app.process.inputs);
  const given = new Map<string, string[]>();
  for (const [name, value] of input.flatMap((text) => Object.entries(pairs([text]))))
    given.set(name, [...(given.get(name) ?? []), value]);
  const elsewhere = new Set([...given.keys(), ...(batched === undefined ? [] : [batched])]);
  const names = ports.map(({ id }) => id);
  const file = inputs === undefined ? undefined : await readInputsFile(inputs, app.raw, names, elsewhere);
  refuseStrangers([...given.keys()], file, ports);
  const fromFile = (await withFiles(client, file?.values ?? {})) as Values;
  return {
    values: { ...fromFile, ...(await givenValues(client, ports, given, batched)) },
    problems: file?.problems ?? new Map(),
    warnings: file?.warnings ?? [],
  };
}

async function givenValues(
  client: Client,
  ports: readonly Port[],
  given: ReadonlyMap<string, readonly string[]>,
  batched: string | undefined,
): Promise<Values> {
  const values: Values = {};
  for (const [name, texts] of given) {
    const port = ports.find(({ id }) => id === name)!;
    const takesList = namesOf(port.type).includes("array") || name === batched;
    const read = await Promise.all(texts.map((text) => givenValue(client, text, port)));
    values[name] = takesList && !Array.isArray(read[0]) ? read : read[0];
    if (read.length > 1 && !takesList) {
      throw new CliError(`${name} takes one value, and there are ${read.length}.`, {
        exit: EXIT.usage,
        advice: `\`causeway task batch … --by item --on ${name}\` makes a task of each.`,
      });
    }
  }
  return values;
}

/** Every name that is no input of the app, at once, and what is missing with it. */
function refuseStrangers(given: readonly string[], file: InputsFile | undefined, ports: readonly Port[]): void {
  const ids = ports.map(({ id }) => id);
  const strangers = given.filter((name) => !ids.includes(name));
  const said = strangers.map((name) => {
    const suggestion = meant(name, ids);
    return `The app has no input ${printable(name)}${suggestion === undefined ? "" : `: did you mean ${suggestion}?`}`;
  });
  said.push(...(file?.strangers ?? []));
  if (said.length === 0) return;
  const all = [...given, ...Object.keys(file?.values ?? {})];
  // What was meant is told already.
  const names = Object.fromEntries(all.map((name) => [ids.includes(name) ? name : (meant(name, ids) ?? name), true]));
  for (const { input } of missingInputs(ports, names)) said.push(`${printable(input)} needs a value, and none is given.`);
  throw new CliError(said.join("\n  "), { exit: EXIT.usage, advice: `Its inputs: ${ids.join(", ") || "none"}.` });
}

/** What the app needs and has not been given: known before anything is made. */
export const missingInputs = (ports: readonly Port[], values: Values): { input: string; message: string }[] =>
  ports
    .filter(({ id, isOptional }) => !isOptional && (values[id] ?? null) === null)
    .map(({ id }) => ({ input: id, message: "it needs a value, and none is given." }));

/** Paths of the platform in File and Directory objects become ids. */
async function withFiles(client: Client, value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => withFiles(client, item)));
  if (typeof value !== "object" || value === null) return value;
  const entry = value as { class?: unknown; path?: unknown };
  if ((entry.class === "File" || entry.class === "Directory") && typeof entry.path === "string") {
    return { ...entry, path: parseFileId(entry.path) ?? (await fileIdOf(client, entry.path)) };
  }
  const entries = Object.entries(value).map(async ([key, child]) => [key, await withFiles(client, child)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

async function givenValue(client: Client, text: string, port: Port): Promise<unknown> {
  const types = namesOf(port.type);
  const isJson = /^[[{]/.test(text);
  if (isJson) return withFiles(client, jsonOf(text, port.id));
  const entry = types.find((type) => type === "File" || type === "Directory");
  if (entry) return { class: entry, path: await fileIdOf(client, text) };
  if (types.includes("boolean") && /^(true|false)$/.test(text)) return text === "true";
  if (
    types.some((type) => ["int", "long", "float", "double"].includes(type)) &&
    text.trim() !== "" &&
    Number.isFinite(Number(text))
  ) {
    return exactLong(text.trim()) ?? Number(text);
  }
  if (types.includes("null") && text === "null") return null;
  return text;
}

function jsonOf(text: string, input: string): unknown {
  try {
    return parseExactly(text);
  } catch (error) {
    throw new CliError(`${input}: ${text} looks like JSON and is not: ${(error as Error).message}`, { exit: EXIT.usage });
  }
}
