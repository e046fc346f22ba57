import type { Inputs, Outputs, ScatterMethod, Step, Value } from "../model.ts";

/** A step whose inputs are known, and how many scatter items it has. Plain data; scatter items are made of it one by one. */
export interface StepWork {
  /** Before scattering: scattered inputs are still arrays. */
  inputs: Inputs;
  /** 1 without a scatter; 0 for an empty one. */
  count: number;
  scatter?: Scatter;
}
export interface Scatter {
  ports: string[];
  /** The length of each port's array, in the order of `ports`. */
  lengths: number[];
  method: ScatterMethod;
}

/** Inputs that cannot be scattered over; the message is for people. */
export class ScatterProblem extends Error {}

/**
 * Counts a step's scatter items (CWL v1.2 §WorkflowStep, "scatter/gather").
 *
 * @throws ScatterProblem for a value that is no array, or for a dot product of arrays of different lengths.
 */
export function scatterOver(step: Step, inputs: Inputs): StepWork {
  if (step.scatter.length === 0) return { inputs, count: 1 };
  const lengths = step.scatter.map((port) => lengthOf(port, inputs[port] ?? null));
  const method = step.scatterMethod ?? "dotproduct";
  if (method !== "dotproduct") {
    return {
      inputs,
      count: lengths.reduce((count, length) => count * length, 1),
      scatter: { ports: step.scatter, lengths, method },
    };
  }
  if (new Set(lengths).size > 1) {
    const shown = step.scatter.map((port, at) => `${port} has ${lengths[at]}`).join(", ");
    throw new ScatterProblem(`a dot product needs arrays of one length: ${shown}`);
  }
  return { inputs, count: lengths[0]!, scatter: { ports: step.scatter, lengths, method } };
}

function lengthOf(port: string, value: Value): number {
  if (Array.isArray(value)) return value.length;
  const shown = JSON.stringify(value);
  throw new ScatterProblem(
    `cannot scatter over \`${port}\`: its value is no array but ${shown.length > 100 ? `${shown.slice(0, 99)}…` : shown}`,
  );
}

/** The inputs of one scatter item, before `valueFrom`. In a cross product the last port changes fastest. */
export function scatterItemInputs({ inputs, scatter }: StepWork, index: number): Inputs {
  if (!scatter) return inputs;
  const own: Record<string, Value> = { ...inputs };
  let rest = index;
  for (let at = scatter.ports.length - 1; at >= 0; at--) {
    const port = scatter.ports[at]!;
    const length = scatter.lengths[at]!;
    const position = scatter.method === "dotproduct" ? index : rest % length;
    rest = Math.floor(rest / length);
    own[port] = (inputs[port] as readonly Value[])[position] ?? null;
  }
  return own;
}

/**
 * The step's outputs, out of those of its scatter items in the order of their index; null stands for a scatter item that was
 * skipped. A nested cross product gives nested arrays, everything else flat ones.
 */
export function gatherOutputs(step: Step, { scatter }: StepWork, items: readonly (Outputs | null)[]): Outputs {
  const outputs: Record<string, Value> = {};
  for (const port of step.out) {
    const values = items.map((item) => item?.[port] ?? null);
    if (!scatter) outputs[port] = values[0] ?? null;
    else outputs[port] = scatter.method === "nested_crossproduct" ? nest(values, scatter.lengths) : values;
  }
  return outputs;
}

function nest(values: readonly Value[], lengths: readonly number[]): Value {
  const [length, ...inner] = lengths;
  if (inner.length === 0) return values;
  const size = inner.reduce((count, each) => count * each, 1);
  return Array.from({ length: length! }, (_, at) => nest(values.slice(at * size, (at + 1) * size), inner));
}
