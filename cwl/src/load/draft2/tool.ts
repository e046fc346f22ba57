import { child, isMapping, type Node, text, withKey, withValue } from "../node.ts";
import type { Problems } from "../problem.ts";
import { isExpression, upgradeText } from "./expression.ts";
import { upgradeOutputs } from "./output.ts";
import { upgradeBinding, upgradeInput } from "./port.ts";
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
