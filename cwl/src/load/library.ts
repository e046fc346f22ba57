import { Cursor, quoted, shortName } from "./cursor.ts";
import { upgradeDraft2 } from "./draft2/upgrade.ts";
import { displayName, type FetchText, isAbsolute, resolveUri, splitFragment } from "./fetch.ts";
import { type Budget, OverLimit } from "./limits.ts";
import { findNamed } from "./named.ts";
import { child, isMapping, isSequence, type Node, text, withValue } from "./node.ts";
import { DocumentError, Problems } from "./problem.ts";
import { parse } from "./syntax.ts";

/**
 * Every document that one load needs, read and with its imports put in place, by URI without fragment. Reading is all
 * done here, so that compiling is synchronous.
 */
export class Library {
  readonly problems: Problems;
  readonly budget: Budget;
  /** Whether what only the commercial platform's dialect allows is an error (`LoadOptions.strict`). */
  strict = false;
  readonly #fetchText: FetchText;
  readonly #documents = new Map<string, Node>();
  readonly #processesById = new WeakMap<Node, ReadonlyMap<string, Node>>();
  /** Documents as they are written, by URI: what an import names is looked for in them. */
  readonly #written = new Map<string, Promise<Node>>();

  readonly #upgrades: boolean;

  /** @param upgrades whether documents of `sbg:draft-2` become ones of v1.2; else they stay as they are written */
  constructor(fetchText: FetchText, budget: Budget, problems = new Problems(), { upgrades = true }: { upgrades?: boolean } = {}) {
    this.#fetchText = fetchText;
    this.#upgrades = upgrades;
    this.budget = budget;
    this.problems = problems;
  }

  /**
   * Reads the document at `uri` and all that its steps run.
   *
   * @throws DocumentError when the first document cannot be read at all; faults of the others become problems.
   */
  async open(uri: string): Promise<Node> {
    const { document } = splitFragment(uri);
    const known = this.#documents.get(document);
    if (known) return known;
    return this.add(document, await this.parse(document, await this.#fetchText(document)));
  }

  /** Takes a document that is in memory; then as `open`. */
  async add(uri: string, root: Node): Promise<Node> {
    this.problems.reading(root.source.name);
    this.#written.set(uri, Promise.resolve(root));
    const written = await this.#expand(root, [uri]);
    const expanded = this.#upgrades ? upgradeDraft2(written, this.problems) : written;
    this.#documents.set(uri, expanded);
    for (const run of runReferences(expanded)) await this.#follow(run);
    return expanded;
  }

  /** @throws DocumentError with every syntax error; OverLimit */
  async parse(uri: string, content: string): Promise<Node> {
    this.budget.read(content, displayName(uri));
    const root = await this.#parsed(uri, content);
    this.budget.measure(root);
    return root;
  }

  async #parsed(uri: string, content: string): Promise<Node> {
    const name = displayName(uri);
    this.budget.fits(content, name);
    const { root, warnings } = await parse({ uri, name, text: content });
    this.problems.take(warnings);
    return root;
  }

  /** The process at `uri`; without a fragment, the document's `#main` or its only one. */
  process(uri: string): Node | undefined {
    const { document, fragment } = splitFragment(uri);
    const root = this.#documents.get(document);
    if (!root) return undefined;
    const graph = child(root, "$graph");
    if (fragment === undefined) {
      if (!graph) return root;
      const processes = isSequence(graph) ? graph.value : [];
      return processes.length === 1 ? processes[0] : processes.find((process) => shortName(text(process, "id") ?? "") === "main");
    }
    return this.#idsOf(root).get(fragment) ?? findNamed(root, fragment);
  }

  /** What a step's `run` stands for: a process that is written there, or one that is named. */
  runOf(step: Node): Node | undefined {
    const run = child(step, "run");
    return typeof run?.value === "string" ? this.process(resolveUri(run.value, run.source.uri)) : run;
  }

  /** Looked up once for every step that runs a process by its id, and there may be thousands of both. */
  #idsOf(root: Node): ReadonlyMap<string, Node> {
    const known = this.#processesById.get(root);
    if (known) return known;
    const ids = new Map<string, Node>();
    for (const process of processes(root)) {
      const written = (text(process, "id") ?? "").replace(/^.*#/, "");
      if (!ids.has(written)) ids.set(written, process);
    }
    this.#processesById.set(root, ids);
    return ids;
  }

  /** The document that a node was reached through, for what stands once at its top (`cwlVersion`, `$namespaces`). */
  root(uri: string): Node | undefined {
    return this.#documents.get(splitFragment(uri).document);
  }

  async #follow(run: Node & { value: string }): Promise<void> {
    try {
      await this.open(resolveUri(run.value, run.source.uri));
    } catch (error) {
      this.#report(run, "run", error);
    }
  }

  #report(at: Node, path: string, error: unknown): void {
    if (error instanceof OverLimit) throw error;
    if (error instanceof DocumentError) this.problems.take(error.problems);
    else this.problems.error(at, path, `cannot read ${quoted(String(at.value))}: ${readFailure(error)}`);
  }

  #read(uri: string): Promise<Node> {
    let written = this.#written.get(uri);
    if (!written) {
      written = this.#fetchText(uri).then((content) => this.#parsed(uri, content));
      this.#written.set(uri, written);
    }
    return written;
  }

  /** Replaces `$import`, `$include` and `$mixin` (schema-salad §Import, Include, Mixin) at any depth. `trail`: what is being imported. */
  async #expand(node: Node, trail: readonly string[]): Promise<Node> {
    if (node.source.text !== undefined && !/\$(import|include|mixin)/.test(node.source.text)) return node;
    if (isSequence(node)) {
      const items: Node[] = [];
      for (const item of node.value) {
        const expanded = await this.#expand(item, trail);
        // A list that is imported into a list becomes part of it.
        if (isSequence(expanded) && child(item, "$import")) items.push(...expanded.value);
        else items.push(expanded);
      }
      return withValue(node, items);
    }
    if (!isMapping(node)) return node;
    const imported = child(node, "$import");
    if (imported) return { ...(await this.#import(imported, trail)), keyOffset: node.keyOffset };
    const included = child(node, "$include");
    if (included) return this.#include(included);
    const entries = new Map<string, Node>();
    for (const [key, value] of node.value) if (key !== "$mixin") entries.set(key, await this.#expand(value, trail));
    const mixin = child(node, "$mixin");
    const base = mixin && (await this.#import(mixin, trail));
    return withValue(node, isMapping(base) ? new Map([...base.value, ...entries]) : entries);
  }

  async #import(reference: Node, trail: readonly string[]): Promise<Node> {
    const at = new Cursor(reference, "$import", this.problems);
    const name = at.string("the path or URL of a document");
    const nothing = withValue(reference, new Map());
    if (name === undefined) return nothing;
    const uri = resolveUri(name, reference.source.uri);
    if (trail.includes(uri)) {
      at.error(`${quoted(name)} imports itself`);
      return nothing;
    }
    const { document, fragment } = splitFragment(uri);
    try {
      const root = await this.#read(document);
      const part = fragment === undefined ? root : findNamed(root, fragment);
      if (part) {
        // Parsed once, but it stands in the document as often as it is imported.
        this.budget.read(fragment === undefined ? (root.source.text ?? "") : "", root.source.name);
        this.budget.measure(part);
        return await this.#expand(part, [...trail, uri]);
      }
      // What is named may be imported there in its turn.
      const whole = trail.includes(document) ? undefined : await this.#expand(root, [...trail, document]);
      const inner = whole && findNamed(whole, fragment!);
      if (inner) return inner;
      at.error(`${displayName(document)} has nothing named ${quoted(`#${fragment}`)}`);
    } catch (error) {
      this.#report(reference, "$import", error);
    }
    return nothing;
  }

  async #include(reference: Node): Promise<Node> {
    const name = new Cursor(reference, "$include", this.problems).string("the path or URL of a text");
    if (name === undefined) return withValue(reference, "");
    try {
      const uri = resolveUri(name, reference.source.uri);
      const content = await this.#fetchText(uri);
      this.budget.read(content, reference.source.name);
      return {
        value: content,
        source: { uri, name: displayName(uri), text: content },
        offset: 0,
        keyOffset: reference.keyOffset,
      };
    } catch (error) {
      this.#report(reference, "$include", error);
      return withValue(reference, "");
    }
  }
}

/** The document that everything starts from cannot be read. */
export function failedRead(uri: string, error: unknown): never {
  if (error instanceof DocumentError) throw error;
  const file = displayName(splitFragment(uri).document);
  throw new DocumentError([
    { severity: "error", file, line: 1, column: 1, path: "", message: `cannot be read: ${readFailure(error)}` },
  ]);
}

function readFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : error.message;
}

/** All `run: reference` of the workflows in a document. */
function runReferences(node: Node): (Node & { value: string })[] {
  return processes(node).flatMap((process) =>
    stepNodes(process).flatMap((step) => {
      const run = child(step, "run");
      return typeof run?.value === "string" ? [run as Node & { value: string }] : [];
    }),
  );
}

/** Every process written in a document: the root, the parts of `$graph`, and what steps hold inline. */
export function processes(root: Node): Node[] {
  const graph = child(root, "$graph");
  if (isSequence(graph)) return graph.value.flatMap(processes);
  if (!isMapping(root)) return [];
  const inline = stepNodes(root).flatMap((step) => {
    const run = child(step, "run");
    return isMapping(run) ? processes(run) : [];
  });
  return [root, ...inline];
}

export function stepNodes(process: Node): Node[] {
  const steps = child(process, "steps");
  if (isSequence(steps)) return [...steps.value];
  return isMapping(steps) ? [...steps.value.values()] : [];
}

/** `cwltool:Loop` with `{cwltool: http://commonwl.org/cwltool#}` → the whole IRI; other names stay. */
export function expandPrefix(name: string, namespaces: { readonly [prefix: string]: string }): string {
  const colon = name.indexOf(":");
  if (colon === -1 || isAbsolute(name)) return name;
  const namespace = Object.hasOwn(namespaces, name.slice(0, colon)) ? namespaces[name.slice(0, colon)] : undefined;
  return namespace === undefined ? name : namespace + name.slice(colon + 1);
}

/** `$namespaces` of a document. */
export function namespacesOf(root: Node | undefined): { [prefix: string]: string } {
  const found: { [prefix: string]: string } = {};
  const declared = child(root, "$namespaces");
  if (isMapping(declared))
    for (const [prefix, iri] of declared.value) if (typeof iri.value === "string") found[prefix] = iri.value;
  return found;
}
