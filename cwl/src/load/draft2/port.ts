import { child, isMapping, isSequence, type Node, text, withValue } from "../node.ts";
import type { Problems } from "../problem.ts";
import { upgradeText } from "./expression.ts";
import { bareId, filled, items, list, mapping, vendorFields } from "./shape.ts";

/** An input of a tool, a workflow, or a field of a record type. */
export function upgradeInput(port: Node, problems: Problems): Node {
  const written = child(port, "inputBinding");
  const type = child(port, "type");
  const isRepeated = isMapping(written) && written.value.get("itemSeparator")?.value === null;
  const binding = written && onCommandLine(written) ? upgradeBinding(written, problems) : undefined;
  const secondary = child(written, "secondaryFiles") ?? child(port, "secondaryFiles");
  return mapping(port, {
    ...vendorFields(port),
    id: bareId(port),
    label: child(port, "label"),
    doc: child(port, "doc") ?? child(port, "description"),
    type: type && upgradeType(type, problems, isRepeated && binding ? binding : undefined),
    default: child(port, "default"),
    inputBinding: binding && isRepeated ? mapping(binding, { position: child(binding, "position") }) : binding,
    loadContents: child(written, "loadContents"),
    secondaryFiles: secondary && upgradeSecondaryFiles(secondary, problems),
  });
}

/** A binding counts when it says anything about the line, or that it is on it. */
function onCommandLine(binding: Node): boolean {
  if (child(binding, "sbg:cmdInclude")?.value === true) return true;
  return ["position", "prefix", "separate", "itemSeparator", "valueFrom"].some((key) => child(binding, key) !== undefined);
}

/** What a binding says of the line; every value stands unquoted. */
export function upgradeBinding(binding: Node, problems: Problems): Node {
  const valueFrom = child(binding, "valueFrom");
  return mapping(binding, {
    position: child(binding, "position"),
    prefix: filled(child(binding, "prefix")),
    separate: child(binding, "separate"),
    itemSeparator: child(binding, "itemSeparator"),
    valueFrom: valueFrom && upgradeText(valueFrom, problems, "valueFrom"),
    shellQuote: false,
  });
}

/** Types are written alike; bindings in their fields are not. `each`: the binding that every item of an array repeats. */
export function upgradeType(type: Node, problems: Problems, each?: Node): Node {
  if (isSequence(type))
    return withValue(
      type,
      type.value.map((member) => upgradeType(member, problems, each)),
    );
  if (!isMapping(type)) return type;
  const fields = child(type, "fields");
  const itemsType = child(type, "items");
  const repeated = each && mapping(each, { prefix: child(each, "prefix"), separate: child(each, "separate"), shellQuote: false });
  return mapping(type, {
    type: child(type, "type"),
    name: child(type, "name"),
    label: child(type, "label"),
    symbols: child(type, "symbols"),
    items: itemsType && upgradeType(itemsType, problems),
    fields:
      fields &&
      list(
        fields,
        items(fields).map((field) => upgradeField(field, problems)),
      ),
    inputBinding: text(type, "type") === "array" ? repeated : undefined,
  });
}

function upgradeField(field: Node, problems: Problems): Node {
  const { id: _, ...port } = Object.fromEntries((upgradeInput(field, problems).value as ReadonlyMap<string, Node>).entries());
  const name = child(field, "name");
  return mapping(field, { ...port, default: undefined, name });
}

/** Draft-2 does not insist that a secondary file is there. */
export function upgradeSecondaryFiles(secondary: Node, problems: Problems): Node {
  const files = items(secondary).map((pattern) =>
    mapping(pattern, { pattern: upgradeText(pattern, problems, "secondaryFiles"), required: false }),
  );
  return list(secondary, files);
}
