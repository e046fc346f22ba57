import { child, isMapping, isSequence, type Node, text, withKey, withValue } from "../node.ts";
import type { Problems } from "../problem.ts";
import { upgradeExpressionTool, upgradeTool } from "./tool.ts";
import { upgradeWorkflow } from "./workflow.ts";

/** The platform's older language. Documents in it become v1.2 in form and run by the rules of v1.0. */
export const DRAFT2 = "sbg:draft-2";

/**
 * Rewrites every `sbg:draft-2` process of a document (execution-hints.md §10). What has no counterpart is a problem that
 * names it. Documents of other versions stay as they are.
 */
export function upgradeDraft2(root: Node, problems: Problems, outer?: string): Node {
  const version = text(root, "cwlVersion") ?? outer;
  const graph = child(root, "$graph");
  if (isSequence(graph)) {
    return withKey(
      root,
      "$graph",
      withValue(
        graph,
        graph.value.map((part) => upgradeDraft2(part, problems, version)),
      ),
    );
  }
  const inner = withSteps(root, (run) => upgradeDraft2(run, problems, version));
  if (version !== DRAFT2) return inner;
  const upgraded = upgradeProcess(inner, problems);
  return withKey(upgraded, "cwlVersion", withValue(root, DRAFT2));
}

function upgradeProcess(process: Node, problems: Problems): Node {
  switch (text(process, "class")) {
    case "CommandLineTool":
      return upgradeTool(process, problems);
    case "ExpressionTool":
      return upgradeExpressionTool(process, problems);
    case "Workflow":
      return upgradeWorkflow(process, problems);
    default:
      return process;
  }
}

/** The workflow with each inline process changed. */
function withSteps(root: Node, change: (run: Node) => Node): Node {
  const steps = child(root, "steps");
  const changed = (step: Node) => {
    const run = child(step, "run");
    return isMapping(run) ? withKey(step, "run", change(run)) : step;
  };
  if (isSequence(steps)) return withKey(root, "steps", withValue(steps, steps.value.map(changed)));
  if (!isMapping(steps)) return root;
  return withKey(root, "steps", withValue(steps, new Map([...steps.value].map(([id, step]) => [id, changed(step)]))));
}
