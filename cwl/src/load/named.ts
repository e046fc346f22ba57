import { isMapping, isSequence, type Node, text, withKey, withValue } from "./node.ts";

const INDEXES = new WeakMap<Node, ReadonlyMap<string, Node>>();

/**
 * What a URI's fragment names in a document (schema-salad §Import): a process, a type in whatever requirement it stands,
 * a port. Names are those of schema-salad §Identifiers: `#shapes.yml/box` as written, `box` inside of `#draw` also as
 * `draw/box`, and by its own name alone where nothing else has that. A type keeps its whole name wherever it is imported.
 */
export function findNamed(root: Node, fragment: string): Node | undefined {
  let index = INDEXES.get(root);
  if (!index) {
    index = indexOf(root);
    INDEXES.set(root, index);
  }
  return index.get(fragment);
}

function indexOf(root: Node): ReadonlyMap<string, Node> {
  const whole = new Map<string, Node>();
  const short = new Map<string, Node>();
  const note = (node: Node, name: string) => {
    if (!whole.has(name)) whole.set(name, node);
    const last = name.slice(name.lastIndexOf("/") + 1);
    if (!short.has(last)) short.set(last, node);
  };
  const visit = (node: Node, scope: string): void => {
    if (isSequence(node)) for (const item of node.value) visit(item, scope);
    if (!isMapping(node)) return;
    const written = text(node, "id") ?? text(node, "name");
    const name = written === undefined ? scope : within(scope, written);
    if (written !== undefined)
      note(text(node, "name") === undefined ? node : withKey(node, "name", withValue(node, `#${name}`)), name);
    for (const [key, inner] of node.value) {
      if (key === "types" && isMapping(inner)) for (const [id, type] of inner.value) visit(typeNamed(id, type), name);
      else visit(inner, name);
    }
  };
  visit(root, "");
  for (const [name, node] of short) if (!whole.has(name)) whole.set(name, node);
  return whole;
}

const within = (scope: string, written: string): string => {
  if (written.includes("#")) return written.slice(written.lastIndexOf("#") + 1);
  return scope === "" ? written : `${scope}/${written}`;
};

/** In SchemaDefRequirement's map form the name of a type is its key. */
function typeNamed(id: string, type: Node): Node {
  return isMapping(type) && text(type, "name") === undefined ? withKey(type, "name", withValue(type, id)) : type;
}
