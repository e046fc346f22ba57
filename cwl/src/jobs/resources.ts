import type { Job } from "../job.ts";
import type { Process, Runtime, Value } from "../model.ts";
import type { ExpressionScope } from "./expression-scope.ts";
import { JobError, shown } from "./job-error.ts";
import { vendorValues } from "./vendor-hints.ts";

/** What a job gets that asks for nothing (execution-hints.md §3): CWL's own 256 MiB of v1.1 and later does not apply. */
const DEFAULTS = { cores: 1, ram: 1024, tmpdir: 1024, outdir: 1024 };

/**
 * The cores and MiB a job asks for: ResourceRequirement (CWL v1.2 §ResourceRequirement; Min where there are both, Max
 * where it is alone), else `sbg:CPURequirement` and `sbg:MemRequirement`, else the defaults. Amounts may be expressions,
 * and numbers written as strings.
 */
export async function resourcesOf(process: Process, scope: ExpressionScope): Promise<Job["resources"]> {
  const asked = process.requirements.resource ?? process.hints.resource;
  const vendor = asked
    ? {}
    : {
        cores: vendorValues(process, "CPURequirement")[0] as Value | undefined,
        ram: vendorValues(process, "MemRequirement")[0] as Value | undefined,
        tmpdir: undefined,
        outdir: undefined,
      };
  const number = async (given: Value | undefined, place: string): Promise<number | undefined> => {
    if (given === undefined) return undefined;
    const value = typeof given === "string" ? await scope.evaluate(given, null, place) : given;
    if (value === null) return undefined;
    const amount = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof amount !== "number" || !Number.isFinite(amount) || amount < 0) {
      throw new JobError("expression", place, `${shown(given)} gave ${shown(value)}, and an amount is a number of 0 or more`);
    }
    return amount;
  };
  const amount = (kind: keyof typeof DEFAULTS): Promise<number | undefined> => {
    const given = asked?.[`${kind}Min`] ?? asked?.[`${kind}Max`] ?? (vendor as Partial<Record<typeof kind, Value>>)[kind];
    return number(given, asked ? `ResourceRequirement.${kind}` : `sbg:${kind === "cores" ? "CPU" : "Mem"}Requirement`);
  };
  const most = async (kind: "ram" | "outdir" | "tmpdir") => {
    const value = await number(asked?.[`${kind}Max`], `ResourceRequirement.${kind}Max`);
    return value === undefined ? undefined : Math.ceil(value);
  };
  const [ram, ramMax, outdirMax, tmpdirMax] = [
    await amount("ram"),
    await most("ram"),
    await most("outdir"),
    await most("tmpdir"),
  ];
  const ramMiB = ramMax === undefined ? ram && Math.ceil(ram) : Math.max(ramMax, Math.ceil(ram ?? 0));
  const ramFrom = ramMax !== undefined ? "ramMax" : asked ? "ramMin" : "sbg:MemRequirement";
  return {
    cores: (await amount("cores")) ?? DEFAULTS.cores,
    ramMiB: Math.ceil(ram ?? DEFAULTS.ram),
    tmpdirMiB: Math.ceil((await amount("tmpdir")) ?? DEFAULTS.tmpdir),
    outdirMiB: Math.ceil((await amount("outdir")) ?? DEFAULTS.outdir),
    asked: {
      ...(ramMiB === undefined ? {} : { ramMiB, ramFrom }),
      ...(outdirMax === undefined ? {} : { outdirMiB: outdirMax }),
      ...(tmpdirMax === undefined ? {} : { tmpdirMiB: tmpdirMax }),
    },
  };
}

/** What a machine has for one job. `advice`: what its user may do where that is too little. */
export interface Machine {
  cores: number;
  ramMiB: number;
  advice?: string;
}

/**
 * Refuses a job whose ResourceRequirement no machine here can meet (CWL v1.2 §ResourceRequirement: what "min" asks for
 * must be there). A hint is a wish, and is not refused.
 */
export function refuseBeyond(machine: Machine, { requirements }: Process, resources: Job["resources"]): void {
  const { resource } = requirements;
  if (!resource) return;
  const refuse = (field: string, asked: string, there: string) => {
    const advice = machine.advice === undefined ? "" : `; ${machine.advice}`;
    throw new JobError("command", `ResourceRequirement.${field}`, `${asked} are asked for, and there are ${there}${advice}`);
  };
  if (resources.ramMiB > machine.ramMiB)
    refuse(
      resource.ramMin === undefined ? "ramMax" : "ramMin",
      `${showMiB(resources.ramMiB)} of memory`,
      `only ${showMiB(machine.ramMiB)} here`,
    );
  if (resources.cores > machine.cores)
    refuse(resource.coresMin === undefined ? "coresMax" : "coresMin", `${resources.cores} cores`, `only ${machine.cores} here`);
}

/** An amount of memory in the unit that documents use, and in one that people read. */
export function showMiB(mebibytes: number): string {
  const unit = mebibytes >= 2 ** 20 ? { size: 2 ** 20, name: "TiB" } : { size: 2 ** 10, name: "GiB" };
  return mebibytes < 2 ** 10 ? `${mebibytes} MiB` : `${mebibytes} MiB (${(mebibytes / unit.size).toFixed(1)} ${unit.name})`;
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
