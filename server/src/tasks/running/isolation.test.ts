import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { HostEngines } from "@causeway/executors";
import { createTestDatabase } from "../../testing/database.ts";
import { callerWith, startKillable } from "../../testing/killable-platform.ts";

const TOOL = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  label: "Nothing",
  baseCommand: "true",
  inputs: [{ id: "word", type: "string?" }],
  outputs: [],
};

test("without walls tasks wait, say why, can be aborted, and run without a restart once bubblewrap is installed", async (context) => {
  const engines = new HostEngines({ isolation: "required", images: "ignore" });
  await engines.known();
  engines.close();
  const hasWalls = engines.found.host;
  if ("unusable" in hasWalls || process.getuid!() !== 0) return context.skip("only root can hide a bubblewrap that works");

  const directory = await mkdtemp(join(tmpdir(), "causeway-open-"));
  const database = await createTestDatabase();
  // In file systems of its own the platform does not see the program, until that is taken back.
  const program = execFileSync("/bin/sh", ["-c", "command -v bwrap"], { encoding: "utf8" }).trim();
  const hidden = `mount --bind /dev/null ${program} && exec "$@"`;
  const settings = { CAUSEWAY_ISOLATION: "required", CAUSEWAY_IMAGES: "ignore" };
  const within = ["unshare", "--mount", "sh", "-c", hidden, "sh"];
  const [platform, url] = await startKillable(directory, database.url, { within, settings });
  try {
    const call = callerWith((await readFile(join(directory, "admin.token"), "utf8")).trim());
    const { id: project } = await call(`${url}/projects`, { name: "Open" });
    await call(`${url}/apps/${project}/nothing/raw`, TOOL);
    const run = () => call(`${url}/tasks?action=run`, { project, app: `${project}/nothing`, inputs: {} });
    const until = async (id: string, isSo: (task: { status: string; execution_status: { message: string } }) => boolean) => {
      for (;;) {
        const task = await call(`${url}/tasks/${id}`);
        if (isSo(task)) return task;
        await new Promise((wake) => setTimeout(wake, 50));
      }
    };
    const isTold = /^Waiting: tools do not run without isolation: .*bwrap.* is not installed. Install bubblewrap/;
    const [waiting, unwanted] = [await run(), await run()];
    for (const { id } of [waiting, unwanted]) await until(id, (task) => isTold.test(task.execution_status.message));
    await call(`${url}/tasks/${unwanted.id}/actions/abort`, {});
    await until(unwanted.id, ({ status }) => status === "ABORTED");

    execFileSync("nsenter", ["--target", String(platform.pid), "--mount", "umount", program]);
    // The next job that needs an engine has it looked for again; those that wait need not.
    const next = await run();
    for (const { id } of [waiting, next]) await until(id, ({ status }) => status === "COMPLETED");
  } finally {
    const gone = once(platform, "exit");
    platform.kill();
    await gone;
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  }
});
