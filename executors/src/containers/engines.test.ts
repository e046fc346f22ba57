import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { testEngine } from "../testing/engine-suite.ts";
import { until } from "../testing/world.ts";
import type { Probe } from "./engine.ts";
import { podmanEnvironment } from "./podman.ts";
import { findDocker, findEngine } from "./probe.ts";

testEngine("bubblewrap", () => findEngine("bubblewrap"));
testEngine("podman", () => findEngine("podman"));
// In front of podman's server; docker's own has none of these.
testEngine("docker", dockerOnPodman, { missingProgram: 1, quotesPaths: false });
testEngine("apptainer", () => findEngine("apptainer"), { missingProgram: 255 });
testEngine("singularity", () => findEngine("singularity"), { missingProgram: 255 });

let service: ChildProcess | undefined;
const directory = mkdtempSync(join(tmpdir(), "causeway-podman-"));
after(() => {
  service?.kill();
  rmSync(directory, { recursive: true });
});

/** Docker's own server where one runs; else its command line in front of podman, which serves the same API. */
async function dockerOnPodman(): Promise<Probe> {
  const own = await findDocker();
  if (!("unusable" in own) || "unusable" in (await findEngine("podman"))) return own;
  const socket = join(directory, "socket");
  // Monitors of containers are started where the service is, and leave a file `oom` there.
  service = spawn("podman", ["system", "service", "--time=0", `unix://${socket}`], {
    cwd: directory,
    env: podmanEnvironment(),
    stdio: "ignore",
  });
  await until("podman's socket", () => existsSync(socket));
  return findDocker({ host: `unix://${socket}`, network: "host" });
}
