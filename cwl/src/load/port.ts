import { mismatch } from "../jobs/type-match.ts";
import type { CwlType, InputPort, OutputPort, Value } from "../model.ts";
import { readInputBinding, readOutputBinding } from "./binding.ts";
import { type Cursor, type Entry, quoted, shortName } from "./cursor.ts";
import { readType } from "./cwl-type.ts";
import { readFileTraits } from "./file-traits.ts";
import { child, position } from "./node.ts";
import { checkFields, extensions, type Fields, type ProcessScope, since } from "./process-scope.ts";
import { readValue } from "./value.ts";
import { hasStdinType, loadsContents } from "./versions.ts";

const PORT: Fields = {
  ...since("v1.0", "id", "type", "label", "doc", "secondaryFiles", "streamable", "format"),
};
const INPUT: Fields = { ...PORT, ...since("v1.0", "default", "inputBinding"), ...since("v1.1", "loadContents", "loadListing") };
const OUTPUT: Fields = { ...PORT, ...since("v1.0", "outputBinding") };

/** Where the entries of a list share an id, every one but the first is a fault. */
export function refuseRepeated(entries: readonly Entry[]): void {
  const seen = new Set<string>();
  for (const { id, body } of entries) {
    if (id === "") continue;
    const name = shortName(id);
    if (seen.has(name)) body.error(`the id ${quoted(name)} occurs twice here`);
    seen.add(name);
  }
}

/** @throws OverLimit */
function refuseTooMany(entries: readonly Entry[], what: "inputs" | "outputs", process: Cursor, scope: ProcessScope): void {
  const { budget } = scope.library;
  if (entries.length <= budget.limits.ports) return;
  const count = entries.length.toLocaleString("en-US");
  const { source, offset } = process.node;
  budget.refuse("ports", source.name, `it has ${count} ${what}`, { ...position(source, offset), path: process.path });
}

export function readInputs(process: Cursor, scope: ProcessScope): InputPort[] {
  const at = process.get("inputs");
  if (!at) return process.error("`inputs` is missing (it may be empty: `[]`)") ?? [];
  const entries = at.entries("id", "type");
  refuseTooMany(entries, "inputs", process, scope);
  refuseRepeated(entries);
  return entries.flatMap(({ id, body }) => readInput(id, body, scope) ?? []);
}

function readInput(id: string, body: Cursor, scope: ProcessScope): InputPort | undefined {
  if (!checkFields(body, INPUT, scope)) return undefined;
  const typeAt = body.get("type");
  if (!typeAt) return body.error("`type` is missing");
  const stdin = typeAt.scalar === "stdin" && hasStdinType(scope.version);
  const type = stdin ? "File" : readType(typeAt, scope, "input");
  const port: InputPort = { id: shortName(id), type: type ?? "Any", ...describe(body), ...readFileTraits(body, scope, "input") };
  const binding = body.get("inputBinding");
  const inputBinding = binding && readInputBinding(binding, scope);
  const loadContents = loadsContents(port.loadContents, inputBinding?.loadContents);
  delete inputBinding?.loadContents;
  if (inputBinding !== undefined) port.inputBinding = inputBinding;
  if (loadContents !== undefined) port.loadContents = loadContents;
  const value = child(body.node, "default");
  if (value) {
    port.default = readValue(value, scope.namespaces);
    if (type !== undefined) warnOfDefault(body.at(value, "default"), port.default, type);
  }
  const vendor = extensions(body);
  if (vendor) port.extensions = vendor;
  return port;
}

/** Said where it stands; refused only where it is used: many documents run because something else is always given. */
export function warnOfDefault(at: Cursor, value: Value, type: CwlType): void {
  const problem = value === null ? undefined : mismatch(type, value, "");
  if (problem)
    at.warning(
      `the default does not fit the input's type: ${problem.place && `${problem.place.replace(/^\./, "")}: `}${problem.message}`,
    );
}

/** `more` are the fields that outputs of this class of process have besides. */
export function readOutputs<P extends OutputPort>(
  process: Cursor,
  scope: ProcessScope,
  more: Fields,
  complete: (port: OutputPort, body: Cursor) => P,
): P[] {
  const at = process.get("outputs");
  if (!at) return process.error("`outputs` is missing (it may be empty: `[]`)") ?? [];
  const entries = at.entries("id", "type");
  refuseTooMany(entries, "outputs", process, scope);
  refuseRepeated(entries);
  return entries.flatMap(({ id, body }) => {
    if (!checkFields(body, { ...OUTPUT, ...more }, scope)) return [];
    const typeAt = body.get("type");
    if (!typeAt) return body.error("`type` is missing") ?? [];
    const stream = typeAt.scalar === "stdout" || typeAt.scalar === "stderr";
    const type = stream ? "File" : readType(typeAt, scope, "output");
    const port: OutputPort = {
      id: shortName(id),
      type: type ?? "Any",
      ...describe(body),
      ...readFileTraits(body, scope, "output"),
    };
    const binding = body.get("outputBinding");
    const outputBinding = binding && readOutputBinding(binding, scope);
    if (outputBinding !== undefined) port.outputBinding = outputBinding;
    const vendor = extensions(body);
    if (vendor) port.extensions = vendor;
    return [complete(port, body)];
  });
}

function describe(body: Cursor): { label?: string; doc?: string } {
  const label = body.get("label")?.string();
  const doc = body.get("doc")?.lines();
  return { ...(label === undefined ? {} : { label }), ...(doc === undefined ? {} : { doc }) };
}
