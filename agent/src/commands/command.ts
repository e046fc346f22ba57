import type { Staged } from "@causeway/cwl";
import type { JobSpec } from "@causeway/executors";
import type { AgentOrder } from "../order.ts";
import { stderrOf, stdoutOf } from "../store/job-logs.ts";

/** What commands find in their environment besides what the job says: a path of programs. */
export type Environment = (isInImage: boolean) => { readonly [name: string]: string };

/** The command of an order as executors know it. @param inOutdir what was staged into its working directory */
export function commandOf(order: AgentOrder, environment: Environment, inOutdir: Staged["inOutdir"]): JobSpec {
  const { id, name, argv, env, outdir, tmpdir, mounts, stdin, resources, timeLimitSeconds } = order.job;
  const { image, share, limits, network } = order;
  return {
    id,
    name,
    argv,
    env: { ...environment(image !== undefined), ...env },
    outdir,
    tmpdir,
    mounts,
    ...(stdin === undefined ? {} : { stdin }),
    stdout: stdoutOf(order.job),
    stderr: stderrOf(order.job),
    ...(image ? { image } : {}),
    resources,
    ...(share ? { share } : {}),
    ...(limits ? { limits: { ...limits, staged: inOutdir } } : {}),
    ...(timeLimitSeconds === undefined ? {} : { timeLimitSeconds }),
    network,
  };
}
