import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ProcessRunner } from "../process/run.ts";
import { testEngine } from "../testing/engine-suite.ts";
import { environmentIsTheCommandsAlone } from "../testing/environment-suite.ts";
import { JobWorld, until } from "../testing/world.ts";
import type { Probe } from "./engine.ts";
import { hostSources } from "./host-sources.ts";
import { noEngine } from "./none.ts";
import { podmanEnvironment } from "./podman.ts";
import { findDocker, findEngine } from "./probe.ts";

testEngine("bubblewrap", () => findEngine("bubblewrap"));
testEngine("podman", () => findEngine("podman", { sources: hostSources, hostNetwork: true }));
// In front of podman's server; docker's own has none of these.
testEngine("docker", dockerOnPodman, { missingProgram: 1, quotesPaths: false });
testEngine("apptainer", () => findEngine("apptainer", { sources: hostSources }), { missingProgram: 255 });
testEngine("singularity", () => findEngine("singularity", { sources: hostSources }), { missingProgram: 255 });

test("without walls, too, what a document says of the environment is the command's alone", async () => {
  const world = new JobWorld();
  const runner = new ProcessRunner(noEngine);
  const { directory } = world;
  await environmentIsTheCommandsAlone({
    directory,
    job: (argv, more) => world.job(argv, more),
    run: (job) => runner.run(job),
    hasWalls: false,
    isExact: true,
  });
  await runner.close();
  world.remove();
});

let service: ChildProcess | undefined;
const directory = mkdtempSync(join(tmpdir(), "causeway-podman-"));
after(() => {
  service?.kill();
  rmSync(directory, { recursive: true });
});

/** Docker's own server where one runs; else its command line in front of podman, which serves the same API. */
async function dockerOnPodman(): Promise<Probe> {
  const own = await findDocker({ sources: hostSources });
  if (!("unusable" in own) || "unusable" in (await findEngine("podman", { sources: hostSources, hostNetwork: true }))) return own;
  const socket = join(directory, "socket");
  // Monitors of containers are started where the service is, and leave a file `oom` there.
  service = spawn("podman", ["system", "service", "--time=0", `unix://${socket}`], {
    cwd: directory,
    env: podmanEnvironment(),
    stdio: "ignore",
  });
  await until("podman's socket", () => existsSync(socket));
  return findDocker({ host: `unix://${socket}`, sources: hostSources, networks: ["host"] });
}
