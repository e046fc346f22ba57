import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type CwlType, type InputPort, type Inputs, type Value, wholeNumber } from "@causeway/cwl";
import { splitOption, UsageError } from "./command-line.ts";

/**
 * Reads a tool's inputs from its part of the command line: `--name value`, a flag for a boolean, repeated for arrays,
 * `--record.field value` for records. Paths are relative to the current directory.
 *
 * @throws UsageError naming the option, and the inputs there are.
 */
export function readInputOptions(ports: readonly InputPort[], argv: readonly string[]): Inputs {
  const inputs: Record<string, Value> = {};
  for (let at = 0; at < argv.length; at++) {
    const [option, inline] = splitOption(argv[at]!);
    const name = option.replace(/^--?/, "");
    // A name may hold the point that leads to a record's field.
    const path = ports.some(({ id }) => id === name) ? [name] : name.split(".");
    const type = option.startsWith("-") ? typeAt(ports, path) : undefined;
    if (type === undefined)
      throw new UsageError(`no input is called ${option}; there are: ${ports.map(({ id }) => `--${id}`).join(" ")}`);
    const isFlag = inline === undefined && isBoolean(type);
    const text = inline ?? (isFlag ? "true" : argv[++at]);
    if (text === undefined) throw new UsageError(`${option} needs a value`);
    put(inputs, path, readValue(text, type, option), isArray(type));
  }
  return inputs;
}

/** One line for each input, for `TOOL --help`. */
export function describeInputs(ports: readonly InputPort[]): string {
  return ports
    .map(({ id, type, default: fallback, label, doc }) => {
      const value = isBoolean(type) ? "" : ` ${showType(type)}`;
      const words = [label ?? doc?.split("\n")[0], fallback !== undefined && `(default: ${JSON.stringify(fallback)})`].filter(
        Boolean,
      );
      const optional = accepts(type, "null") || fallback !== undefined ? "" : " (required)";
      return `  --${id}${value}${optional}${words.length > 0 ? `  ${words.join(" ")}` : ""}\n`;
    })
    .join("");
}

const alternatives = (type: CwlType): CwlType[] => (Array.isArray(type) ? type.flatMap(alternatives) : [type]);
const accepts = (type: CwlType, name: string): boolean => alternatives(type).includes(name as CwlType);
const isBoolean = (type: CwlType): boolean => accepts(type, "boolean");
const arrayOf = (type: CwlType) =>
  alternatives(type).find((option) => typeof option === "object" && "type" in option && option.type === "array");
const isArray = (type: CwlType): boolean => arrayOf(type) !== undefined;

function typeAt(ports: readonly InputPort[], [name, ...fields]: string[]): CwlType | undefined {
  let type = ports.find(({ id }) => id === name)?.type;
  for (const field of fields) {
    const record =
      type && alternatives(type).find((option) => typeof option === "object" && "type" in option && option.type === "record");
    if (typeof record !== "object" || !("fields" in record)) return undefined;
    type = record.fields.find((each) => each.name === field)?.type;
  }
  return type;
}

function put(inputs: Record<string, Value>, path: string[], value: Value, isRepeated: boolean): void {
  let place: Record<string, Value> = inputs;
  for (const field of path.slice(0, -1)) {
    place[field] ??= {};
    place = place[field] as Record<string, Value>;
  }
  const last = path.at(-1)!;
  place[last] = isRepeated ? [...((place[last] as Value[] | undefined) ?? []), value] : value;
}

function readValue(text: string, type: CwlType, option: string): Value {
  const array = arrayOf(type);
  const types = alternatives(array && typeof array === "object" && "items" in array ? array.items : type);
  for (const each of types) {
    const value = readAs(text, each);
    if (value !== undefined) return value;
  }
  throw new UsageError(`${option}: ${JSON.stringify(text)} is no ${showType(types)}`);
}

function readAs(text: string, type: CwlType): Value | undefined {
  if (typeof type === "object") return "symbols" in type && type.symbols.includes(text) ? text : undefined;
  switch (type) {
    case "File":
    case "Directory":
      return { class: type, location: /^[a-z]+:\/\//.test(text) ? text : pathToFileURL(resolve(text)).href };
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "int":
    case "long":
      return /^[+-]?\d+$/.test(text) ? wholeNumber(text) : undefined;
    case "float":
    case "double":
      return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : undefined;
    case "null":
      return undefined;
    default:
      return text;
  }
}

function showType(type: CwlType): string {
  return alternatives(type)
    .filter((each) => each !== "null")
    .map((each) => {
      if (typeof each === "string") return each;
      if ("symbols" in each) return each.symbols.join("|");
      return "items" in each ? `${showType(each.items)} (may be repeated)` : "record";
    })
    .join("|");
}
