import type { ArrayType, CwlType, FileTraits, RecordType } from "../model.ts";

/** Whether values of one type fit another: always, only some of them, or never. */
export type Fit = "always" | "sometimes" | "never";

/** How values of `source` fit `sink`. */
export function fit(source: CwlType, sink: CwlType): Fit {
  const members = Array.isArray(source) ? source : [source];
  const fits = members.map((member) => fitOne(member, sink));
  if (fits.every((one) => one === "always")) return "always";
  // That only null fits is as good as nothing: a link is there to carry a value.
  return members.some((member, index) => member !== "null" && fits[index] !== "never") ? "sometimes" : "never";
}

function fitOne(source: CwlType, sink: CwlType): Fit {
  if (Array.isArray(source)) return fit(source, sink);
  if (source === "Any" || sink === "Any") return "always";
  if (Array.isArray(sink)) return best(sink.map((member) => fitOne(source, member)));
  if (typeof source === "string" || typeof sink === "string") return source === sink || widens(source, sink) ? "always" : "never";
  if (source.type === "array" && sink.type === "array") return fit(source.items, sink.items);
  if (source.type === "record" && sink.type === "record") return fitRecords(source, sink);
  if (source.type === "enum" && sink.type === "enum") {
    const known = source.symbols.filter((symbol) => sink.symbols.includes(symbol)).length;
    return known === source.symbols.length ? "always" : known > 0 ? "sometimes" : "never";
  }
  return "never";
}

/** Conversions that lose nothing that CWL cares about. */
function widens(source: CwlType, sink: CwlType): boolean {
  const numbers = ["int", "long", "float", "double"];
  if (numbers.includes(source as string) && numbers.includes(sink as string)) return true;
  return sink === "string" && typeof source === "object" && !Array.isArray(source) && source.type === "enum";
}

function fitRecords(source: RecordType, sink: RecordType): Fit {
  return worst(
    sink.fields.map((wanted) => fit(source.fields.find((field) => field.name === wanted.name)?.type ?? "null", wanted.type)),
  );
}

function best(fits: readonly Fit[]): Fit {
  return fits.includes("always") ? "always" : fits.includes("sometimes") ? "sometimes" : "never";
}

function worst(fits: readonly Fit[]): Fit {
  return fits.includes("never") ? "never" : fits.includes("sometimes") ? "sometimes" : "always";
}

/** Patterns that the sink must have and the source does not promise. */
export function missingSecondaryFiles(source: FileTraits, sink: FileTraits): string[] {
  const promised = new Set(source.secondaryFiles?.map((file) => file.pattern));
  return (sink.secondaryFiles ?? [])
    .filter((file) => file.required === true && !promised.has(file.pattern))
    .map((file) => file.pattern);
}

export function arrayOf(items: CwlType): ArrayType {
  return { type: "array", items };
}

export function acceptsNull(type: CwlType): boolean {
  return Array.isArray(type) ? type.some(acceptsNull) : type === "null" || type === "Any";
}

export function withoutNull(type: CwlType): CwlType {
  if (!Array.isArray(type)) return type;
  const rest = type.filter((member) => member !== "null");
  return rest.length === 1 ? rest[0]! : rest;
}

/** A type as people write it: `File[]?`. */
export function showType(type: CwlType): string {
  if (typeof type === "string") return type;
  if (Array.isArray(type)) {
    const rest = type.filter((member) => member !== "null").map(showType);
    const shown = rest.length === 1 ? rest[0]! : `(${rest.join(" | ")})`;
    return type.includes("null") ? `${shown}?` : shown;
  }
  if (type.type === "array") return `${showType(type.items)}[]`;
  return type.name === undefined ? type.type : `${type.type} ${type.name}`;
}
