import type { ArgumentsOf, Operations } from "@causeway/contract/client";
import { CliError, EXIT } from "../exit.ts";

/** What `--output-location`, `--instance-type` and the like say. */
export interface HowOptions {
  readonly outputLocation?: readonly string[];
  readonly instanceType?: readonly string[];
  readonly instances?: string;
  readonly memoization?: boolean;
  readonly elasticDisk?: boolean;
  readonly interruptible?: boolean;
}

type Body = ArgumentsOf<Operations["createTask"]>["body"];

/**
 * How a task is to be run and where its outputs go, as the API takes it; only what was given.
 *
 * @param outputs the ids of the app's outputs: `--output-location report=/reports` is about one of them
 * @throws CliError
 */
export function howToRun(
  options: HowOptions,
  outputs: readonly string[],
): Pick<Body, "execution_settings" | "output_location" | "use_interruptible_instances"> {
  const settings = executionSettings(options);
  const location = outputLocation(options.outputLocation ?? [], outputs);
  return {
    ...(settings === undefined ? {} : { execution_settings: settings }),
    ...(location === undefined ? {} : { output_location: location }),
    ...(options.interruptible === undefined ? {} : { use_interruptible_instances: options.interruptible }),
  };
}

function executionSettings({ instanceType = [], instances, memoization, elasticDisk }: HowOptions): Body["execution_settings"] {
  const settings = {
    ...(instanceType.length === 0 ? {} : { instance_type: instanceType.length === 1 ? instanceType[0]! : [...instanceType] }),
    ...(instances === undefined ? {} : { max_parallel_instances: countOf(instances) }),
    ...(memoization === undefined ? {} : { use_memoization: memoization }),
    ...(elasticDisk === undefined ? {} : { use_elastic_disk: elasticDisk }),
  };
  return Object.keys(settings).length === 0 ? undefined : settings;
}

function countOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new CliError(`--instances takes a number from 1, and ${text} is none.`, { exit: EXIT.usage });
}

function outputLocation(given: readonly string[], outputs: readonly string[]): Body["output_location"] {
  if (given.length === 0) return undefined;
  const main: string[] = [];
  const nodes: Record<string, { output_location: string }> = {};
  for (const text of given) {
    const at = text.indexOf("=");
    const output = text.slice(0, Math.max(at, 0));
    if (at > 0 && outputs.includes(output)) nodes[output] = { output_location: text.slice(at + 1) };
    else main.push(text);
  }
  if (main.length > 1)
    throw new CliError(`--output-location is given for all outputs twice: ${main.join(", ")}.`, {
      exit: EXIT.usage,
      advice: `For one output of ${outputs.join(", ")} it is OUTPUT=PATH.`,
    });
  return {
    ...(main[0] === undefined ? {} : { main_location: main[0] }),
    ...(Object.keys(nodes).length === 0 ? {} : { nodes_override: true, nodes_location: nodes }),
  };
}
