import type { Job } from "../job.ts";
import type { Process, Runtime, Value } from "../model.ts";
import { JobError, shown } from "./job-error.ts";
import type { Scope } from "./scope.ts";
import { vendorValues } from "./vendor-hints.ts";

/** What a job gets that asks for nothing (execution-hints.md §3): CWL's own 256 MiB of v1.1 and later does not apply. */
const DEFAULTS = { cores: 1, ram: 1024, tmpdir: 1024, outdir: 1024 };

/**
 * The cores and MiB a job asks for: ResourceRequirement (CWL v1.2 §ResourceRequirement; Min where there are both, Max
 * where it is alone), else `sbg:CPURequirement` and `sbg:MemRequirement`, else the defaults. Amounts may be expressions,
 * and numbers written as strings.
 */
export async function resourcesOf(process: Process, scope: Scope): Promise<Job["resources"]> {
  const asked = process.requirements.resource ?? process.hints.resource;
  const vendor = asked
    ? {}
    : {
        cores: vendorValues(process, "CPURequirement")[0] as Value | undefined,
        ram: vendorValues(process, "MemRequirement")[0] as Value | undefined,
        tmpdir: undefined,
        outdir: undefined,
      };
  const amount = async (kind: keyof typeof DEFAULTS): Promise<number> => {
    const given = asked?.[`${kind}Min`] ?? asked?.[`${kind}Max`] ?? (vendor as Partial<Record<typeof kind, Value>>)[kind];
    if (given === undefined) return DEFAULTS[kind];
    const place = asked ? `ResourceRequirement.${kind}` : `sbg:${kind === "cores" ? "CPU" : "Mem"}Requirement`;
    const value = typeof given === "string" ? await scope.evaluate(given, null, place) : given;
    if (value === null) return DEFAULTS[kind];
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof number !== "number" || !Number.isFinite(number) || number < 0) {
      throw new JobError("expression", place, `${shown(given)} gave ${shown(value)}, and an amount is a number of 0 or more`);
    }
    return number;
  };
  return {
    cores: await amount("cores"),
    ramMiB: Math.ceil(await amount("ram")),
    tmpdirMiB: Math.ceil(await amount("tmpdir")),
    outdirMiB: Math.ceil(await amount("outdir")),
  };
}

/** What expressions see as `runtime`: whole numbers, a fraction of a core is one (CWL v1.2 §Runtime environment). */
export function runtimeOf(resources: Job["resources"], outdir: string, tmpdir: string): Runtime {
  return {
    cores: Math.max(1, Math.ceil(resources.cores)),
    ram: resources.ramMiB,
    outdir,
    tmpdir,
    outdirSize: resources.outdirMiB,
    tmpdirSize: resources.tmpdirMiB,
  };
}
