import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { quoted, shortName } from "./cursor.ts";
import { fetchFrom, isAbsolute, resolveUri, splitFragment } from "./fetch.ts";
import { failedRead, Library } from "./library.ts";
import { Budget, DEFAULT_LOAD_LIMITS } from "./limits.ts";
import type { LoadOptions } from "./load-options.ts";
import { child, isMapping, isSequence, type Node, text } from "./node.ts";
import { DocumentError, type Problem, Problems } from "./problem.ts";

/** A text of this size may stand in a document as the `contents` of a File (CWL v1.2 §File). */
const CONTENTS_AT_MOST = 64 * 1024;

/**
 * Reads a document with everything that it refers to in other files put into it, as plain data in the versions in which it
 * is written: processes of steps, `$import`, `$include`, types of other files, small texts that are defaults. What cannot
 * be put in is a problem.
 *
 * @throws DocumentError with every problem
 */
export async function pack(
  reference: string,
  options: Pick<LoadOptions, "limits"> = {},
): Promise<{ document: { [key: string]: unknown }; warnings: Problem[] }> {
  const uri = resolveUri(reference);
  const problems = new Problems();
  const library = new Library(fetchFrom(), new Budget(options.limits ?? DEFAULT_LOAD_LIMITS), problems, { upgrades: false });
  const root = await library.open(uri).catch((error) => failedRead(uri, error));
  const packer = new Packer(library, uri);
  const process = uri.includes("#") ? library.process(uri) : root;
  if (process === undefined)
    problems.error(root, "", `there is no process ${quoted(uri.slice(uri.indexOf("#")))} in this document`);
  else if (!isMapping(process)) problems.error(root, "", "is no CWL document: it must be a mapping");
  const document = isMapping(process) ? await packer.process(process, root, []) : {};
  if (problems.hasErrors) throw new DocumentError(problems.list);
  return { document, warnings: problems.list };
}

/** Where a value stands, as far as it matters for what it means. */
type Place = "document" | "types" | "ports" | "value";

class Packer {
  readonly #library: Library;
  /** What is in this document stays where it is; of a single process of it, nothing does. */
  readonly #home: string | undefined;
  readonly #types = new Map<string, string>();
  #entries = 0;

  constructor(library: Library, uri: string) {
    this.#library = library;
    this.#home = uri.includes("#") ? undefined : uri;
  }

  /** A process with what stands once at the top of its own document. `trail`: the processes that it is put into. */
  async process(node: Node, root: Node, trail: readonly Node[]): Promise<{ [key: string]: unknown }> {
    const packed = (await this.#value(node, "", "document", [...trail, node], "")) as { [key: string]: unknown };
    if (node === root) return packed;
    for (const key of ["cwlVersion", "$namespaces", "$schemas"]) {
      const once = child(root, key);
      if (once && !(key in packed)) packed[key] = await this.#value(once, key, "document", trail, key);
    }
    return packed;
  }

  async #value(node: Node, key: string, place: Place, trail: readonly Node[], path: string): Promise<unknown> {
    const { budget, problems } = this.#library;
    if (++this.#entries > budget.limits.entries)
      budget.refuse("entries", node.source.name, "with everything that it refers to put into it, it has too many values");
    if (isSequence(node)) {
      const items: unknown[] = [];
      for (const [index, item] of node.value.entries()) {
        if (key === "$schemas" && typeof item.value === "string" && !isAbsolute(item.value))
          problems.warning(
            item,
            path,
            `${quoted(item.value)} is left out, since an app has no files beside it: formats then match by name`,
          );
        else items.push(await this.#value(item, key, place, trail, `${path}[${index}]`));
      }
      return items;
    }
    if (isMapping(node)) return this.#mapping(node, key, place, trail, path);
    if (typeof node.value !== "string") return node.value;
    if (place === "types" || place === "ports") return this.#type(node as Node & { value: string }, path);
    return node.value;
  }

  async #mapping(
    node: Node & { value: ReadonlyMap<string, Node> },
    key: string,
    place: Place,
    trail: readonly Node[],
    path: string,
  ) {
    const kind = text(node, "class");
    const isEntry = place === "value" && (kind === "File" || kind === "Directory");
    if (isEntry) {
      const literal = await this.#literal(node, kind, path);
      if (literal) return literal;
    }
    const packed: { [key: string]: unknown } = {};
    for (const [name, inner] of node.value) {
      const at = path === "" ? name : `${path}.${name}`;
      const isRun = place === "document" && name === "run" && typeof inner.value === "string";
      const value = isRun
        ? await this.#run(inner as Node & { value: string }, trail, at)
        : await this.#value(inner, name, placeOf(name, key, place), trail, at);
      Object.defineProperty(packed, name, { value, enumerable: true, configurable: true, writable: true });
    }
    return packed;
  }

  async #run(run: Node & { value: string }, trail: readonly Node[], path: string): Promise<unknown> {
    const { problems } = this.#library;
    const uri = resolveUri(run.value, run.source.uri);
    const { document, fragment } = splitFragment(uri);
    if (document === this.#home && fragment !== undefined) return `#${fragment}`;
    const root = this.#library.root(uri);
    const process = this.#library.process(uri);
    // A document that cannot be read has had its problem told already.
    if (root === undefined) return run.value;
    if (process === undefined) return problems.error(run, path, `there is no process named ${quoted(run.value)}`);
    if (trail.includes(process)) return problems.error(run, path, `${quoted(shortName(run.value))} runs itself`);
    return this.process(process, root, trail);
  }

  /** The type of another file goes by its name alone: the file is in this document now. */
  #type(node: Node & { value: string }, path: string): string {
    const [, reference = "", suffix = ""] = /^(.*?)((?:\[\]|\?)*)$/s.exec(node.value) ?? [];
    const hash = reference.indexOf("#");
    if (hash <= 0) return node.value;
    const iri = resolveUri(reference, node.source.uri);
    const name = shortName(iri);
    const known = this.#types.get(name) ?? iri;
    this.#types.set(name, known);
    if (known !== iri)
      this.#library.problems.error(
        node,
        path,
        `${quoted(name)} is the name of two types, ${known} and ${iri}: give one another name`,
      );
    return name + suffix;
  }

  /** A File that is there becomes its text, if that is small. Undefined: it stays as it is. */
  async #literal(node: Node, kind: string, path: string): Promise<object | undefined> {
    const at = child(node, "location") ?? child(node, "path");
    if (typeof at?.value !== "string" || isAbsolute(at.value) || FILE_ID.test(at.value)) return undefined;
    const file = fileURLToPath(resolveUri(at.value, node.source.uri));
    const bytes = kind === "File" ? await readFile(file).catch(() => undefined) : undefined;
    const contents = bytes && bytes.length <= CONTENTS_AT_MOST ? textOf(bytes) : undefined;
    if (contents !== undefined) return { class: "File", basename: text(node, "basename") ?? file.split("/").at(-1), contents };
    this.#library.problems.error(
      at,
      path,
      `${quoted(at.value)} cannot be put into the document, which only a text of 64 KiB can: upload it and give it as an input`,
    );
    return {};
  }
}

/** A file of the platform. */
const FILE_ID = /^[0-9a-f]{24}$/i;

function placeOf(name: string, outer: string, place: Place): Place {
  if (place === "value" || name === "default" || name.includes(":")) return "value";
  if (name === "type" || name === "items") return "types";
  if (name === "inputs" || name === "outputs" || name === "fields") return "ports";
  // `{reads: File}` in the map form; what stands in a port that is written out is not a type by itself.
  if (place === "ports") return outer === "inputs" || outer === "outputs" || outer === "fields" ? "ports" : "document";
  return "document";
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
