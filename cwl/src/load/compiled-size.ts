import type { CompiledDocument, Process } from "../model.ts";
import type { Budget } from "./limits.ts";

/**
 * Refuses a process whose own description, written out, has too many values: named types stand for as much as they say
 * wherever they are named, so that forty records of which each has the next one twice are a document of 2^40 fields.
 * What steps run counts for itself.
 *
 * @throws OverLimit
 */
export function refuseTooLarge({ process }: CompiledDocument, budget: Budget): void {
  const sizes = new Map<object, number>();
  const sizeOf = (value: unknown): number => {
    if (typeof value !== "object" || value === null) return 1;
    const known = sizes.get(value);
    if (known !== undefined) return known;
    let size = 1;
    for (const [key, inner] of Object.entries(value)) size += key === "run" && isProcess(inner) ? 1 : sizeOf(inner);
    sizes.set(value, size);
    return size;
  };
  const seen = new Set<Process>();
  const open: Process[] = [process];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const size = sizeOf(next);
    if (size > budget.limits.entries) {
      const { file = next.id, ...place } = next.source ?? { line: 1, column: 1 };
      budget.refuse("entries", file, `with its types written out it has ${size.toLocaleString("en-US")} values`, {
        ...place,
        path: "",
      });
    }
    if (next.class === "Workflow") open.push(...next.steps.map(({ run }) => run));
  }
}

const isProcess = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "class" in value && "inputs" in value;
