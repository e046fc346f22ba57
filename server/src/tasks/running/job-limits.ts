import type { Job } from "@causeway/cwl";
import type { JobLimits } from "@causeway/executors";
import type { Room } from "../../billing/instances.ts";

/** What an operator allows every job, whatever its tool and its instance say. */
export interface JobLimitSettings {
  /** 0: by the machine's cores. */
  processes: number;
  files: number;
  /** What a job may write where neither its tool nor its instance's disk says less; in GB. 0: no limit of its own. */
  diskGb: number;
}

/** The instance a job runs on, as far as it limits it. */
export interface InstanceSize {
  memoryMib: number;
  diskGb: number;
}

/**
 * What a job may have while it runs: the memory that its tool asks for (`ramMax`, else `ramMin`), or all of its instance's
 * when the tool says nothing, and never more than `memoryMib` of this machine; on the disk what the tool asks for
 * (`outdirMax`, `tmpdirMax`), within the instance's disk.
 */
export function limitsOf(
  { resources: { asked = {} } }: Pick<Job, "resources">,
  instance: InstanceSize,
  settings: JobLimitSettings,
  machine: Room,
): JobLimits {
  const ofInstance = Math.min(instance.memoryMib, machine.memoryMib);
  const diskGb = Math.min(instance.diskGb, settings.diskGb || Number.POSITIVE_INFINITY);
  return {
    // The kernel cannot start a command in less.
    memoryMiB: Math.max(LEAST_MEMORY_MIB, Math.min(asked.ramMiB || ofInstance, ofInstance)),
    processes: settings.processes || SOME_PROCESSES + PROCESSES_A_CORE * machine.cpus,
    files: settings.files,
    ...(Number.isFinite(diskGb) ? { diskMiB: Math.floor((diskGb * 1e9) / 2 ** 20) } : {}),
    ...(asked.outdirMiB === undefined ? {} : { outdirMiB: asked.outdirMiB }),
    ...(asked.tmpdirMiB === undefined ? {} : { tmpdirMiB: asked.tmpdirMiB }),
  };
}

const LEAST_MEMORY_MIB = 16;

/** A tool has threads for each core, and some more; thousands of busy ones are a burden to those who share the machine. */
const SOME_PROCESSES = 512;
const PROCESSES_A_CORE = 64;
