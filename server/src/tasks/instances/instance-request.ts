import { type CommandLineTool, type CompiledDocument, type Process, type Requirements, vendorValues } from "@causeway/cwl";
import type { InstanceType } from "../../billing/instances.ts";
import type { ExecutionSettings } from "../tables.ts";

/** Any instance: the platform chooses. */
const AUTO = "AUTO";

/** `ebs-gp2`, `pd-ssd`: blanks around the parts do not matter (execution-hints.md §2). */
const DISK = /^[a-z][a-z0-9-]*$/i;

/** The hints that name an instance; where a tool has several the first counts that this platform knows. */
const HINTS = ["AWSInstanceType", "GoogleInstanceType", "AzureInstanceType", "AlibabaInstanceType"];

/** A disk that is asked for with an instance, in GB. */
export interface AskedDisk {
  type: string;
  gb: number;
}

/** One instance that would do: `c5.4xlarge;ebs-gp2;700`. */
export interface AskedInstance {
  type: InstanceType;
  disk: AskedDisk | null;
}

/** The instances that would do for a job, the first that holds it first; none: the platform chooses. */
export type InstanceRequest = readonly AskedInstance[];

export type ParsedInstance = { is: "auto" } | { is: "malformed" } | { is: "named"; name: string; disk: AskedDisk | null };

/** Reads `type[;disk-type;GB]` or `AUTO`. */
export function parseInstance(text: string): ParsedInstance {
  if (text.trim().toUpperCase() === AUTO) return { is: "auto" };
  const [name = "", ...disk] = text.split(";").map((part) => part.trim());
  if (disk.length === 0) return { is: "named", name, disk: null };
  const [type = "", gb = ""] = disk;
  if (disk.length !== 2 || !DISK.test(type) || !/^[1-9]\d{0,6}$/.test(gb)) return { is: "malformed" };
  return { is: "named", name, disk: { type, gb: Number(gb) } };
}

/** What instances the jobs of a task want. */
export interface InstanceRequests {
  /** Instances at once, from 1. */
  atMost: number;
  of(tool: CommandLineTool): InstanceRequest;
  /** Types that the document hints at and that this platform does not have: they are passed over. */
  unknown: readonly string[];
}

/**
 * What the task and its document say about instances, strongest first (execution-hints.md §3): the task's settings, then
 * the hints of the workflow, of the step, of the tool; around nested workflows the outermost. How many may run at once
 * only the task or the outermost workflow says, else it is one.
 */
export function readInstanceRequests(
  { process }: CompiledDocument,
  settings: ExecutionSettings | null,
  types: readonly InstanceType[],
): InstanceRequests {
  const byName = new Map(types.map((type) => [type.name, type]));
  const unknown = new Set<string>();
  const known = (text: string): AskedInstance[] => {
    const parsed = parseInstance(text);
    if (parsed.is === "auto") return [];
    const type = parsed.is === "named" ? byName.get(parsed.name) : undefined;
    if (parsed.is === "named" && type) return [{ type, disk: parsed.disk }];
    unknown.add(text);
    return [];
  };
  const hinted = (declared: Declared): InstanceRequest => {
    const texts = HINTS.flatMap((word) => vendorValues(declared, word)).filter((value) => typeof value === "string");
    return texts.flatMap(known).slice(0, 1);
  };
  const ofTask = [settings?.instance_type ?? []].flat().flatMap(known);
  const wishes = new Map<Process, InstanceRequest>();
  // The hints of a process hold those of what surrounds it: only where these say nothing are they its own.
  const visit = (inner: Process, outer: InstanceRequest): void => {
    const request = outer.length > 0 ? outer : hinted(inner);
    wishes.set(inner, request);
    if (inner.class !== "Workflow") return;
    for (const step of inner.steps) visit(step.run, request.length > 0 ? request : hinted(step));
  };
  visit(process, ofTask);
  return {
    atMost: settings?.max_parallel_instances ?? atMostIn(process),
    of: (tool) => wishes.get(tool) ?? [],
    unknown: [...unknown],
  };
}

interface Declared {
  requirements: Requirements;
  hints: Requirements;
}

function atMostIn(process: Process): number {
  if (process.class !== "Workflow") return 1;
  const count = Number(vendorValues(process, "maxNumberOfParallelInstances")[0]);
  return Number.isInteger(count) && count >= 1 ? count : 1;
}
