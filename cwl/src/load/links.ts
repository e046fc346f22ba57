import type { PortSource } from "../model.ts";
import { suggestion } from "../suggestion.ts";
import type { Cursor } from "./cursor.ts";
import { quoted } from "./cursor.ts";
import { candidates, within } from "./identifier.ts";
import type { ProcessScope } from "./process-scope.ts";

/** The things of one workflow that can be a source, by IRI. References are resolved when all steps have been read. */
export class Links {
  readonly #scope: ProcessScope;
  readonly #known = new Map<string, PortSource>();
  readonly #waiting: (() => void)[] = [];

  constructor(scope: ProcessScope) {
    this.#scope = scope;
  }

  add(iri: string, source: PortSource): void {
    this.#known.set(iri, source);
  }

  /** The sources named under `key` of a sink. The list is filled by `resolve`. */
  read(sink: Cursor, key: "source" | "outputSource"): { sources: PortSource[]; isList: boolean } {
    const at = sink.get(key);
    const sources: PortSource[] = [];
    if (at) this.#waiting.push(() => sources.push(...at.itemsOrOne().flatMap((item) => this.#find(item) ?? [])));
    return { sources, isList: at?.isSequence ?? false };
  }

  resolve(): void {
    for (const fill of this.#waiting.splice(0)) fill();
  }

  #find(at: Cursor): PortSource | undefined {
    const reference = at.string("the id of a workflow input or of a step's output");
    if (reference === undefined) return undefined;
    for (const iri of candidates(reference, this.#scope.id, at.node.source.uri)) {
      const found = this.#known.get(iri);
      if (found) return found;
    }
    return this.#findByLastParts(reference) ?? this.#findImported(reference) ?? this.#missing(at, reference);
  }

  /** What an imported step gives is named within its own file: people write the name that it has here. */
  #findImported(reference: string): PortSource | undefined {
    const found = [...this.#known.values()].filter((source) => showSource(source) === reference);
    return found.length === 1 ? found[0] : undefined;
  }

  /** A document may be stored under another URI than the one its ids were written for: then their last parts decide. */
  #findByLastParts(reference: string): PortSource | undefined {
    if (!reference.includes("#")) return undefined;
    const parts = reference.slice(reference.lastIndexOf("#") + 1).split("/");
    for (const length of [2, 1]) {
      const found = this.#known.get(within(this.#scope.id, parts.slice(-length).join("/")));
      if (found && (found.step === undefined) === (length === 1)) return found;
    }
    return undefined;
  }

  #missing(at: Cursor, reference: string): undefined {
    const names = [...this.#known.values()].map(showSource);
    return at.error(`no workflow input or step output is named ${quoted(reference)}; ${suggestion(reference, names)}`);
  }
}

export function showSource({ step, port }: PortSource): string {
  return step === undefined ? port : `${step}/${port}`;
}
