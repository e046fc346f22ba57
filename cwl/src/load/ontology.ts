/** For each class, the classes that an ontology says it is a kind of or the same as: one step each. */
export type Relations = Map<string, Set<string>>;

const RDFS = "http://www.w3.org/2000/01/rdf-schema#";
const OWL = "http://www.w3.org/2002/07/owl#";
const SUBCLASS = `${RDFS}subClassOf`;
const EQUIVALENT = `${OWL}equivalentClass`;

/**
 * Reads `rdfs:subClassOf` and `owl:equivalentClass` out of an ontology in RDF/XML or Turtle, and nothing else of it.
 * Relations to anonymous classes (restrictions) are left out: no format has such a name.
 */
export function readOntology(text: string): Relations {
  const relations: Relations = new Map();
  const relate = (subject: string, predicate: string, object: string) => {
    add(relations, subject, object);
    if (predicate === EQUIVALENT) add(relations, object, subject);
  };
  if (/^\s*</.test(text) && !/^\s*<[a-z][^>\s]*>\s*(a|<|[\w-]*:)/.test(text)) readRdfXml(text, relate);
  else readTurtle(text, relate);
  return relations;
}

/**
 * For each class, those above it, however far. Only classes of `wanted` are named as above: an ontology has thousands that
 * no port asks for. Undefined: all.
 */
export function closure(relations: Relations, wanted?: ReadonlySet<string>): { [iri: string]: string[] } {
  const below: Relations = new Map();
  for (const [iri, above] of relations) for (const one of above) add(below, one, iri);
  const closed: { [iri: string]: string[] } = {};
  for (const top of wanted ?? below.keys()) {
    const reached = new Set([top]);
    for (const iri of reached) for (const under of below.get(iri) ?? []) reached.add(under);
    reached.delete(top);
    for (const iri of reached) {
      closed[iri] ??= [];
      closed[iri].push(top);
    }
  }
  return closed;
}

type Relate = (subject: string, predicate: string, object: string) => void;

function add(relations: Relations, from: string, to: string): void {
  const known = relations.get(from);
  if (known) known.add(to);
  else relations.set(from, new Set([to]));
}

/**
 * One pass over the tags. A subject is the nearest element around with `rdf:about` or `rdf:ID`; an object is the
 * property's `rdf:resource` or the `rdf:about` of the element right inside it.
 */
function readRdfXml(text: string, relate: Relate): void {
  const entities = new Map([...text.matchAll(/<!ENTITY\s+(\S+)\s+["']([^"']*)["']/g)].map((found) => [found[1]!, found[2]!]));
  const prefixes = new Map(
    [...text.slice(0, 20_000).matchAll(/xmlns:([\w.-]+)\s*=\s*["']([^"']*)["']/g)].map((found) => [found[1]!, found[2]!]),
  );
  const whole = (written: string) =>
    written.replace(/&([\w.-]+);/g, (entity, name: string) => entities.get(name) ?? (name === "amp" ? "&" : entity));
  const base = whole(/xml:base\s*=\s*["']([^"']*)["']/.exec(text.slice(0, 20_000))?.[1] ?? "");
  const named = (tag: string) => {
    const [, prefix = "", local = ""] = /^([^:]*):(.*)$/.exec(tag) ?? [];
    return whole(prefixes.get(prefix) ?? "") + local;
  };
  const resolve = (written: string) => {
    const iri = whole(written);
    return iri.startsWith("#") || iri === "" ? base.replace(/#$/, "") + iri : iri;
  };
  /** The elements around, as the IRI of a subject or the name of a property; undefined: neither. */
  const around: ({ subject?: string; property?: string } | undefined)[] = [];
  const skipped =
    /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<[?!][^>]*>|<(\/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/g;
  for (let found = skipped.exec(text); found !== null; found = skipped.exec(text)) {
    const [, closing, tag, attributes = "", empty] = found;
    if (tag === undefined) continue;
    if (closing) {
      around.pop();
      continue;
    }
    const about = /\brdf:about\s*=\s*["']([^"']*)["']/.exec(attributes)?.[1];
    const id = /\brdf:ID\s*=\s*["']([^"']*)["']/.exec(attributes)?.[1];
    const subject = about !== undefined ? resolve(about) : id !== undefined ? resolve(`#${id}`) : undefined;
    const outer = around.at(-1);
    const owner = around.at(-2)?.subject;
    if (outer?.property !== undefined && owner !== undefined && subject !== undefined) relate(owner, outer.property, subject);
    const name = tag.endsWith("subClassOf") || tag.endsWith("equivalentClass") ? named(tag) : undefined;
    const isProperty = name === SUBCLASS || name === EQUIVALENT;
    const resource = isProperty ? /\brdf:resource\s*=\s*["']([^"']*)["']/.exec(attributes)?.[1] : undefined;
    if (isProperty && resource !== undefined && outer?.subject !== undefined) relate(outer.subject, name, resolve(resource));
    if (!empty) around.push({ ...(subject === undefined ? {} : { subject }), ...(isProperty ? { property: name } : {}) });
  }
}

/** The statements of a Turtle text, as far as they have named subjects and objects. */
function readTurtle(text: string, relate: Relate): void {
  const prefixes = new Map<string, string>();
  let base = "";
  const tokens = text.matchAll(
    /"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#[^\n]*|<([^>\s]*)>|@?[\w.-]*:?[\w.%/-]*[\w%/-]|[\w-]*:|[.;,[\]()]|\S/g,
  );
  let subject: string | undefined;
  let predicate: string | undefined;
  let depth = 0;
  let directive: string[] | undefined;
  const resolve = (token: string, iri: string | undefined) => {
    if (iri !== undefined) return /^[a-z][a-z0-9+.-]*:/i.test(iri) ? iri : base + iri;
    const colon = token.indexOf(":");
    const namespace = colon === -1 ? undefined : prefixes.get(token.slice(0, colon));
    return namespace === undefined ? undefined : namespace + token.slice(colon + 1);
  };
  for (const { 0: token, 1: iri } of tokens) {
    if (token.startsWith("#")) continue;
    if (/^@?(prefix|base)$/i.test(token)) directive = [];
    else if (directive) {
      directive.push(iri ?? token);
      // `@prefix p: <iri>` has two parts, `@base <iri>` one; the final dot of the @ form is read as an empty statement.
      if (iri !== undefined) {
        if (directive.length > 1) prefixes.set(directive[0]!.replace(/:$/, ""), resolve(token, iri)!);
        else base = iri;
        directive = undefined;
      }
    } else if (token === "[" || token === "(") depth += 1;
    else if (token === "]" || token === ")") depth -= 1;
    else if (depth > 0) continue;
    else if (token === ".") {
      subject = undefined;
      predicate = undefined;
    } else if (token === ";") predicate = undefined;
    else if (token === ",") continue;
    else if (subject === undefined) subject = resolve(token, iri) ?? "";
    else if (predicate === undefined) predicate = token === "a" ? "a" : (resolve(token, iri) ?? "");
    else {
      const object = resolve(token, iri);
      if (subject !== "" && object !== undefined && (predicate === SUBCLASS || predicate === EQUIVALENT))
        relate(subject, predicate, object);
    }
  }
}
