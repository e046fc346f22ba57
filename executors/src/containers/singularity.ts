import type { Probe } from "./probe.ts";
export async function findSingularity(name: "singularity" | "apptainer"): Promise<Probe> {
  return { unusable: `${name} is not installed` };
}
