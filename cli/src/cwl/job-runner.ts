import type { Job, JobResult, JobRunner } from "@causeway/cwl";
import type { JobSpec, ProcessRunner } from "@causeway/executors";

/**
 * Runs the engine's jobs as processes of this host. A tool sees nothing of our environment but the PATH (CWL v1.2
 * §Runtime environment); what it prints and no output takes goes to files beside its directories.
 */
export function createJobRunner(processes: ProcessRunner, options: { wraps: JobRunner["wraps"]; enableNet: boolean }): JobRunner {
  return {
    wraps: options.wraps,
    run: (job: Job, signal: AbortSignal): Promise<JobResult> => processes.run(specOf(job, options), signal),
  };
}

function specOf(job: Job, { wraps, enableNet }: { wraps: JobRunner["wraps"]; enableNet: boolean }): JobSpec {
  const { id, name, argv, outdir, tmpdir, mounts, stdin, stdout, stderr, image, resources, timeLimitSeconds, network } = job;
  return {
    id,
    name,
    argv,
    env: { PATH: process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin", ...job.env },
    outdir,
    tmpdir,
    mounts,
    ...(stdin !== undefined && { stdin }),
    stdout: stdout ?? `${job.directory}/stdout.log`,
    stderr: stderr ?? `${job.directory}/stderr.log`,
    ...(image && wraps !== "none" && { image }),
    resources,
    ...(timeLimitSeconds !== undefined && { timeLimitSeconds }),
    network: network || enableNet,
  };
}
