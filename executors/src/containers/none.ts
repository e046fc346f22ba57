import type { JobSpec } from "../job.ts";
import type { ContainerEngine } from "./engine.ts";

/** No wrapping: the command runs as this user and sees the whole host. Only for one's own machine and trusted documents. */
export const noEngine: ContainerEngine = {
  name: "none",
  programs: "host",
  client: false,
  version: "no isolation",
  network: { is: "host" },
  wrap(job) {
    refuseMovedPaths(job);
    return { argv: job.argv, env: job.env, cwd: job.outdir.host };
  },
};

/** Without a wrapper nothing can appear under another path. */
function refuseMovedPaths(job: JobSpec): void {
  const moved =
    [job.outdir, job.tmpdir].find((place) => place.host !== place.path) ??
    job.mounts.find((mount) => mount.source !== mount.target);
  if (moved) throw new Error(`job ${job.id} wants a path moved, which needs a container engine: ${JSON.stringify(moved)}`);
}
