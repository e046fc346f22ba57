import { child, type Node, text, withValue } from "../node.ts";
import type { Problems } from "../problem.ts";
import { upgradeInput, upgradeType } from "./port.ts";
import { upgradeRequirements } from "./requirement.ts";
import { bareId, items, list, mapping, vendorFields } from "./shape.ts";
import { described } from "./tool.ts";

const FEATURES = [
  "ScatterFeatureRequirement",
  "SubworkflowFeatureRequirement",
  "MultipleInputFeatureRequirement",
  "StepInputExpressionRequirement",
];

/** A draft-2 workflow as a v1.x workflow: `#step.port` becomes `step/port`, and features need no requirement. */
export function upgradeWorkflow(workflow: Node, problems: Problems): Node {
  const steps = items(child(workflow, "steps"));
  const stepIds = steps.flatMap((step) => text(step, "id")?.replace(/^#/, "") ?? []);
  const { requirements, hints } = upgradeRequirements(workflow, problems, []);
  const features = FEATURES.map((name) => mapping(workflow, { class: name }));
  const kept = items(requirements).filter((requirement) => !FEATURES.includes(text(requirement, "class") ?? ""));
  return mapping(workflow, {
    ...described(workflow),
    inputs: list(
      workflow,
      items(child(workflow, "inputs")).map((port) => withoutBinding(upgradeInput(port, problems))),
    ),
    outputs: list(
      workflow,
      items(child(workflow, "outputs")).map((port) => upgradeOutput(port, problems, stepIds)),
    ),
    steps: list(
      workflow,
      steps.map((step) => upgradeStep(step, stepIds, problems)),
    ),
    requirements: list(requirements, [...kept, ...features]),
    hints,
  });
}

function withoutBinding(port: Node): Node {
  const entries = new Map(port.value as ReadonlyMap<string, Node>);
  entries.delete("inputBinding");
  return withValue(port, entries);
}

function upgradeOutput(port: Node, problems: Problems, stepIds: readonly string[]): Node {
  const type = child(port, "type");
  return mapping(port, {
    ...vendorFields(port),
    id: bareId(port),
    label: child(port, "label"),
    doc: child(port, "doc") ?? child(port, "description"),
    type: type && upgradeType(type, problems),
    outputSource: sources(port, stepIds),
    linkMerge: linkMerge(port),
  });
}

function upgradeStep(step: Node, stepIds: readonly string[], problems: Problems): Node {
  const id = bareId(step);
  const prefix = `${id?.value ?? ""}.`;
  const portName = (node: Node) => {
    const written = typeof node.value === "string" ? node.value.replace(/^#/, "") : "";
    return withValue(node, written.startsWith(prefix) ? written.slice(prefix.length) : written);
  };
  const port = (node: Node) => {
    const written = child(node, "id");
    return written && portName(written);
  };
  const scatter = child(step, "scatter");
  const hints = child(step, "hints");
  return mapping(step, {
    ...vendorFields(step),
    id,
    label: child(step, "label"),
    in: list(
      step,
      items(child(step, "inputs")).map((input) =>
        mapping(input, {
          id: port(input),
          source: sources(input, stepIds),
          default: child(input, "default"),
          linkMerge: linkMerge(input),
        }),
      ),
    ),
    out: list(
      step,
      items(child(step, "outputs")).flatMap((output) => port(output) ?? []),
    ),
    run: child(step, "run"),
    scatter: scatter && list(scatter, items(scatter).map(portName)),
    scatterMethod: child(step, "scatterMethod"),
    hints: hints && upgradeRequirements(step, problems, []).hints,
  });
}

/** `["#align.bam", "#reads"]` → `["align/bam", "reads"]`; no source where the list is empty. */
function sources(sink: Node, stepIds: readonly string[]): Node | undefined {
  const written = items(child(sink, "source"));
  if (written.length === 0) return undefined;
  const upgraded = written.map((node) => {
    if (typeof node.value !== "string") return node;
    const reference = node.value.replace(/^#/, "");
    // Ids may hold dots themselves: the longest step id that fits is meant.
    const step = stepIds.filter((id) => reference.startsWith(`${id}.`)).sort((a, b) => b.length - a.length)[0];
    return withValue(node, step === undefined ? reference : `${step}/${reference.slice(step.length + 1)}`);
  });
  return upgraded.length === 1 ? upgraded[0] : list(sink, upgraded);
}

/** Several sources flow together into one list, whether each gives a file or a list of them. */
function linkMerge(sink: Node): Node | undefined {
  const written = child(sink, "linkMerge");
  if (written) return written;
  return items(child(sink, "source")).length > 1 ? withValue(sink, "merge_flattened") : undefined;
}
