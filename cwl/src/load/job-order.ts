import { mismatches, showPlace } from "../jobs/type-match.ts";
import { setKey } from "../keys.ts";
import type { DirectoryValue, FileValue, InputPort, Inputs, Value } from "../model.ts";
import { suggestion } from "../suggestion.ts";
import { Cursor, quoted } from "./cursor.ts";
import type { Declared } from "./declared.ts";
import { displayName, type FetchText, fetchFrom, resolveUri, splitFragment } from "./fetch.ts";
import { expandPrefix, failedRead, Library, namespacesOf } from "./library.ts";
import { Budget, type LoadLimits, loadLimitsIn } from "./limits.ts";
import { child, isMapping, isSequence, type Node, nodeOf, plain } from "./node.ts";
import { DocumentError, type Problem, Problems } from "./problem.ts";
import { readDeclaredIn } from "./requirements.ts";
import { readValue } from "./value.ts";

/** An input object (CWL v1.2 §Executing CWL documents) and what else may stand in it. */
export interface JobOrder {
  /** Files and Directories have an absolute `location`; formats are whole IRIs. */
  inputs: Inputs;
  /** `cwl:requirements` and `cwl:hints` (v1.1): hold as if the process had them, so they are given to `load`. */
  demanded: Declared;
  /** `cwl:tool`: the absolute URI of the process to run. */
  tool?: string;
  /** As it is written, for the places of problems. */
  root: Node;
  /** What is wrong with it by itself (`JobOrderOptions.defer`), and warnings of its form. */
  problems: readonly Problem[];
}

export interface JobOrderOptions {
  /** Leaves what is wrong with values to `jobOrderProblems`, which tells everything at once. */
  defer?: boolean;
  fetchText?: FetchText;
  /** Default: those of a command without settings. */
  limits?: LoadLimits;
}

const libraryOf = ({ fetchText, limits }: JobOrderOptions) =>
  new Library(fetchText ?? fetchFrom(), new Budget(limits ?? loadLimitsIn({})));

const CWL = "https://w3id.org/cwl/cwl#";

/**
 * Reads an input object in YAML or JSON. Locations and imports in it are relative to its file.
 *
 * @throws DocumentError naming each place that is wrong.
 */
export async function loadJobOrder(reference: string, options: JobOrderOptions = {}): Promise<JobOrder> {
  const uri = resolveUri(reference);
  const library = libraryOf(options);
  return jobOrder(await library.open(uri).catch((error) => failedRead(uri, error)), library, options);
}

/** The same from a text that stands at `uri`. */
export async function loadJobOrderText(content: string, uri: string, options: JobOrderOptions = {}): Promise<JobOrder> {
  const library = libraryOf(options);
  const { document } = splitFragment(uri);
  return jobOrder(await library.add(document, await library.parse(document, content)), library, options);
}

/** The same from plain data; `uri` is where it would stand. */
export async function jobOrderOf(object: unknown, uri: string, options: JobOrderOptions = {}): Promise<JobOrder> {
  const { document } = splitFragment(uri);
  const library = libraryOf(options);
  return jobOrder(await library.add(document, nodeOf(object, { uri: document, name: displayName(document) })), library, options);
}

function jobOrder(root: Node, library: Library, { defer }: JobOrderOptions): JobOrder {
  const cursor = new Cursor(root, "", library.problems);
  const order: JobOrder = { inputs: {}, demanded: { requirements: {}, hints: {} }, root, problems: [] };
  // An empty file gives no inputs.
  if (root.value === null) return order;
  if (!isMapping(root)) cursor.expected("a mapping from input ids to values");
  else {
    const namespaces = namespacesOf(root);
    const inputs: { [port: string]: Value } = {};
    for (const [key, node] of root.value) {
      const name = key.startsWith(CWL) ? `cwl:${key.slice(CWL.length)}` : key;
      if (name === "cwl:tool") {
        const tool = cursor.at(node, key).string("the path or URL of a process");
        if (tool !== undefined) order.tool = resolveUri(tool, node.source.uri);
      } else if (!key.startsWith("$") && name !== "cwl:requirements" && name !== "cwl:hints") {
        refuseUnlocated(cursor.at(node, key));
        setKey(inputs, key, readValue(node, namespaces));
      }
    }
    order.inputs = inputs;
    order.demanded = readDeclaredIn(cursor, namespaces, library);
  }
  order.problems = library.problems.list;
  if (library.problems.hasErrors && !defer) throw new DocumentError(order.problems);
  return order;
}

/**
 * Everything that is wrong with an input object for a process with these inputs, each at its line: what is missing, of
 * another type, or misspelt (the last a warning where nothing else is wrong: values that no input takes do no harm).
 *
 * @param elsewhere inputs whose values come from somewhere else
 * @param faultOf what keeps a File or Directory of the inputs from being used; undefined: nothing
 */
export function jobOrderProblems(
  { inputs, root, problems }: JobOrder,
  ports: readonly InputPort[],
  elsewhere: ReadonlySet<string> = new Set(),
  faultOf: (entry: FileValue | DirectoryValue) => string | undefined = () => undefined,
): Problem[] {
  const found = new Problems();
  found.take(problems);
  for (const { id, type, default: fallback } of ports) {
    if (elsewhere.has(id)) continue;
    const misfits = mismatches(type, inputs[id] ?? fallback ?? null, [id]);
    for (const { path, place, message } of misfits) found.error(nodeAt(root, path), place, message);
    if (misfits.length === 0) tellFaults(inputs[id] ?? null, [id]);
  }
  function tellFaults(value: Value, path: readonly (string | number)[]): void {
    if (typeof value !== "object" || value === null) return;
    if ("class" in value && (value.class === "File" || value.class === "Directory")) {
      const fault = faultOf(value as FileValue | DirectoryValue);
      if (fault !== undefined) found.error(nodeAt(root, path), showPlace(path), fault);
    }
    const inner: Iterable<[string | number, Value]> = Array.isArray(value) ? value.entries() : Object.entries(value);
    for (const [key, each] of inner) tellFaults(each, [...path, key]);
  }
  const known = ports.map(({ id }) => id);
  const overrides = isMapping(root) ? root.value.get("cwltool:overrides") : undefined;
  if (overrides) {
    const message = "is an extension of cwltool that this engine does not have; `cwl:requirements` holds for the whole document";
    found.error(overrides, "cwltool:overrides", message, { onKey: true, unsupported: true });
  }
  for (const key of Object.keys(inputs)) {
    if (known.includes(key) || elsewhere.has(key) || key === "cwltool:overrides") continue;
    const near = suggestion(key, known);
    new Cursor(root, "", found).keyWarning(key, `no input is called ${quoted(key)}; ${near}`);
  }
  return found.list;
}

/** The values as they are written, imports filled in: references are not resolved, nor formats. */
export function writtenValues({ root }: Pick<JobOrder, "root">): unknown {
  return plain(root);
}

/** The node at a path, or the last one on the way to it that is there. */
function nodeAt(root: Node, path: readonly (string | number)[]): Node {
  let node = root;
  for (const key of path) {
    const next = typeof key === "number" ? (isSequence(node) ? node.value[key] : undefined) : child(node, key);
    if (next === undefined) return node;
    node = next;
  }
  return node;
}

/** Files with formats written with the prefixes of the process's document, which hold in its input object too (CWL v1.2 §Generic execution process). */
export function expandFormats(inputs: Inputs, namespaces: { readonly [prefix: string]: string }): Inputs {
  const expand = (value: Value): Value => {
    if (Array.isArray(value)) return value.map(expand);
    if (typeof value !== "object" || value === null) return value;
    const object = Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, key === "metadata" ? item : expand(item)]),
    );
    return object.class === "File" && typeof object.format === "string"
      ? { ...object, format: expandPrefix(object.format, namespaces) }
      : object;
  };
  return Object.fromEntries(Object.entries(inputs).map(([port, value]) => [port, expand(value)]));
}

/** A File needs a place or contents, a Directory a place or a listing (CWL v1.2 §File, §Directory). */
function refuseUnlocated(cursor: Cursor): void {
  if (cursor.isSequence) for (const item of cursor.items()) refuseUnlocated(item);
  if (!isMapping(cursor.node)) return;
  const kind = cursor.get("class")?.scalar;
  const content = kind === "File" ? "contents" : kind === "Directory" ? "listing" : undefined;
  if (content !== undefined) {
    for (const key of ["location", "path", "basename"]) cursor.get(key)?.string();
    if (!["location", "path", content].some((key) => child(cursor.node, key))) {
      cursor.error(`a ${kind} needs \`location\`, \`path\` or \`${content}\``);
    }
  }
  for (const [key, node] of cursor.node.value) if (key !== "metadata") refuseUnlocated(cursor.at(node, key));
}
