import type { Library } from "./library.ts";
import { stepNodes } from "./library.ts";
import type { Node } from "./node.ts";

/**
 * Refuses a process that has too many steps, each counted as often as it would run without a scatter: with those of the
 * workflows that it runs. They are counted, not gone through: forty workflows that each run the next one twice have 2^41.
 *
 * @throws OverLimit
 */
export function refuseTooManySteps(process: Node, library: Library): void {
  const { limits } = library.budget;
  const known = new Map<Node["value"], number>();
  const file = process.source.name;

  function count(node: Node, level: number): number {
    const counted = known.get(node.value);
    if (counted !== undefined) return counted;
    if (level > limits.depth) library.budget.refuse("depth", file, `its workflows run each other ${level} deep`);
    // That one runs itself is told elsewhere.
    known.set(node.value, 0);
    let steps = 0;
    for (const step of stepNodes(node)) {
      const run = library.runOf(step);
      steps += 1 + (run ? count(run, level + 1) : 0);
    }
    known.set(node.value, steps);
    return steps;
  }

  const steps = count(process, 1);
  if (steps > limits.steps)
    library.budget.refuse(
      "steps",
      file,
      `it has ${steps.toLocaleString("en-US")} steps, with those of the workflows that it runs`,
    );
}
