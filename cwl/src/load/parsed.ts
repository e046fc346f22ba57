import type { Node } from "./node.ts";
import type { Problem } from "./problem.ts";

/** A text that was read. `warnings`: what was taken although YAML 1.2 does not have it. */
export interface Parsed {
  root: Node;
  warnings: readonly Problem[];
}
