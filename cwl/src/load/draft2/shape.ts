import { child, isMapping, isSequence, type Node, type Scalar, withValue } from "../node.ts";

/** A mapping at the place of `at`. Fields that are undefined are left out. */
export function mapping(at: Node, fields: { [key: string]: Node | Scalar | undefined }): Node {
  const entries = new Map<string, Node>();
  for (const [key, field] of Object.entries(fields)) {
    if (field === undefined) continue;
    entries.set(
      key,
      typeof field === "object" && field !== null ? field : { value: field, source: at.source, offset: at.offset },
    );
  }
  return withValue(at, entries);
}

export function list(at: Node, items: readonly Node[]): Node {
  return withValue(at, items);
}

export function items(node: Node | undefined): readonly Node[] {
  return isSequence(node) ? node.value : node === undefined ? [] : [node];
}

/** The vendor's keys, which are carried along. */
export function vendorFields(node: Node): { [key: string]: Node } {
  return isMapping(node) ? Object.fromEntries([...node.value].filter(([key]) => key.includes(":"))) : {};
}

/** `#reads` → `reads`. Ids of stored apps (`lab/project/app/3`, or a URL) name nothing inside the document and are dropped. */
export function bareId(node: Node): Node | undefined {
  const id = child(node, "id");
  if (typeof id?.value !== "string" || id.value.includes("/")) return undefined;
  return withValue(id, id.value.replace(/^#/, ""));
}

/** A text that is not empty: draft-2 editors write `""` for "none". */
export function filled(node: Node | undefined): Node | undefined {
  return node?.value === "" ? undefined : node;
}
