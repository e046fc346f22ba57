import { child, isMapping, isSequence, type Node, text, withKey, withValue } from "../node.ts";
import type { Problems } from "../problem.ts";
import { isExpression, upgradeText } from "./expression.ts";
import { upgradeOutputs } from "./output.ts";
import { upgradeRequirements } from "./requirement.ts";
import { bareId, filled, items, list, mapping, vendorFields } from "./shape.ts";

/** The base command stands before every argument, whatever position that has. */
const FIRST = -1_000_000;

/**
 * A draft-2 tool as a v1.x tool. Its command was always a line for a shell with nothing quoted, so every part of it becomes
 * an argument with `shellQuote: false`.
 */
export function upgradeTool(tool: Node, problems: Problems): Node {
  const base = items(child(tool, "baseCommand"))
    .filter(filled)
    .map((part, index) => argument(part, problems, FIRST + index));
  const given = items(child(tool, "arguments")).map((part) => argument(part, problems));
  if (base.length === 0 && given.length === 0) problems.error(tool, "baseCommand", "Base command empty.");
  const { inputs, staged } = upgradeInputs(tool, problems);
  const { requirements, hints } = upgradeRequirements(tool, problems, staged);
  const stream = (name: string) => {
    const node = filled(child(tool, name));
    return node && upgradeText(node, problems, name);
  };
  return mapping(tool, {
    ...described(tool),
    inputs,
    outputs: upgradeOutputs(tool, problems),
    arguments: list(tool, [...base, ...given]),
    requirements: list(requirements, [...items(requirements), mapping(tool, { class: "ShellCommandRequirement" })]),
    hints,
    stdin: stream("stdin"),
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    successCodes: child(tool, "successCodes"),
    temporaryFailCodes: child(tool, "temporaryFailCodes"),
    permanentFailCodes: child(tool, "permanentFailCodes"),
  });
}

export function upgradeExpressionTool(tool: Node, problems: Problems): Node {
  const expression = child(tool, "expression");
  const { inputs, staged } = upgradeInputs(tool, problems);
  return mapping(tool, {
    ...described(tool),
    inputs,
    outputs: upgradeOutputs(tool, problems),
    ...upgradeRequirements(tool, problems, staged),
    expression: expression && upgradeText(expression, problems, "expression"),
  });
}

/** What every process has: class, id, label, text, and the vendor's keys. */
export function described(process: Node): { [key: string]: Node | undefined } {
  return {
    ...vendorFields(process),
    $namespaces: child(process, "$namespaces"),
    class: child(process, "class"),
    id: bareId(process),
    label: child(process, "label"),
    doc: child(process, "doc") ?? child(process, "description"),
  };
}

function argument(part: Node, problems: Problems, position?: number): Node {
  const binding = isMapping(part) && !isExpression(part) ? part : mapping(part, { valueFrom: part });
  return withPosition(upgradeBinding(binding, problems), position);
}

function withPosition(binding: Node, position: number | undefined): Node {
  return position === undefined ? binding : withKey(binding, "position", withValue(binding, position));
}

/** Ports of a tool; and what of them is put into the working directory (`sbg:stageInput`). */
function upgradeInputs(tool: Node, problems: Problems): { inputs: Node; staged: Node[] } {
  const staged: Node[] = [];
  const inputs = items(child(tool, "inputs")).map((port) => {
    const id = bareId(port);
    const stage = text(port, "sbg:stageInput");
    if (id !== undefined && (stage === "link" || stage === "copy")) {
      staged.push(mapping(port, { entry: `$(inputs.${id.value})`, writable: stage === "copy" }));
    }
    return upgradeInput(port, problems);
  });
  return { inputs: list(tool, inputs), staged };
}

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

function upgradeBinding(binding: Node, problems: Problems): Node {
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
