import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { HostEngines } from "@causeway/executors";
import pg from "pg";
import { createTestDatabase } from "../../testing/database.ts";
import { callerWith, startKillable } from "../../testing/killable-platform.ts";

const CLI = new URL("../../../../cli/src/main.ts", import.meta.url).pathname;
const DIRECTORIES = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

const tool = (docker: object) => ({
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  label: "Nothing",
  ...docker,
  baseCommand: "true",
  inputs: [{ id: "word", type: "string?" }],
  outputs: [],
});
const IMAGE = { class: "DockerRequirement", dockerPull: "docker.io/library/debian:stable-slim" };
const TOOLS = { plain: tool({}), hinted: tool({ hints: [IMAGE] }), insisting: tool({ requirements: [IMAGE] }) };

type Task = { id: string; status: string; execution_status: { message: string } };

/** A platform on a machine of which it sees no container engine, until `find` gives one back. */
interface BareMachine {
  run(tool: keyof typeof TOOLS): Promise<Task>;
  abort(task: Task): Promise<void>;
  until(task: Task, isSo: (task: Task) => boolean): Promise<Task>;
  find(program: string): void;
  /** What `causeway doctor` finds there, by what it looks at. */
  doctor(): Promise<Map<string, string>>;
  /** How many instances are paid for. */
  instances(): Promise<number>;
}

async function onBareMachine(
  context: TestContext,
  settings: Record<string, string>,
  story: (machine: BareMachine) => Promise<void>,
): Promise<void> {
  const engines = new HostEngines({ isolation: "required", images: "ignore" });
  await engines.known();
  engines.close();
  if ("unusable" in engines.found.host || process.getuid!() !== 0)
    return context.skip("only root can hide container engines, and bubblewrap must work");

  const directory = await mkdtemp(join(tmpdir(), "causeway-open-"));
  const database = await createTestDatabase();
  const pathsOf = (program: string) => DIRECTORIES.map((path) => join(path, program)).filter(existsSync);
  const programs = ["bwrap", "docker", "podman", "apptainer", "singularity"].flatMap(pathsOf);
  // In file systems of its own the platform does not see the programs, until that is taken back.
  const hidden = [...programs.map((path) => `mount --bind /dev/null ${path}`), 'exec "$@"'].join(" && ");
  const [platform, url] = await startKillable(directory, database.url, {
    within: ["unshare", "--mount", "sh", "-c", hidden, "sh"],
    settings,
  });
  const inside = ["--target", String(platform.pid), "--mount"];
  try {
    const call = callerWith((await readFile(join(directory, "admin.token"), "utf8")).trim());
    const { id: project } = await call(`${url}/projects`, { name: "Open" });
    for (const [name, document] of Object.entries(TOOLS)) await call(`${url}/apps/${project}/${name}/raw`, document);
    await story({
      run: (name) => call(`${url}/tasks?action=run`, { project, app: `${project}/${name}`, inputs: {} }),
      abort: ({ id }) => call(`${url}/tasks/${id}/actions/abort`, {}),
      async until({ id }, isSo) {
        for (;;) {
          const task = await call(`${url}/tasks/${id}`);
          if (isSo(task)) return task;
          await new Promise((wake) => setTimeout(wake, 50));
        }
      },
      // One mount for each name of the file: `/bin` may lead to `/usr/bin`.
      find: (program) => {
        for (const path of pathsOf(program)) execFileSync("nsenter", [...inside, "umount", path]);
      },
      async doctor() {
        const env = { ...process.env, ...settings, CAUSEWAY_DATA: directory, DATABASE_URL: database.url, CAUSEWAY_PORT: "0" };
        const looked = promisify(execFile)("nsenter", [...inside, process.execPath, CLI, "doctor", "--json"], { env });
        const { stdout } = await looked.catch((error: { stdout: string }) => error);
        const findings = JSON.parse(stdout) as { what: string; found: string }[];
        return new Map(findings.map(({ what, found }) => [what, found]));
      },
      async instances() {
        const client = new pg.Client(database.url);
        await client.connect();
        const { rows } = await client.query("select from instances where released_at is null");
        await client.end();
        return rows.length;
      },
    });
  } finally {
    const gone = once(platform, "exit");
    platform.kill();
    await gone;
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  }
}

const isEnded = ({ status }: Task) => ["COMPLETED", "FAILED", "ABORTED"].includes(status);

test("without walls tasks wait, say why, can be aborted, and run without a restart once bubblewrap is installed", (context) =>
  onBareMachine(context, { CAUSEWAY_ISOLATION: "required", CAUSEWAY_IMAGES: "ignore" }, async (machine) => {
    const isTold = /^Waiting: tools do not run without isolation: .*bwrap.* is not installed. Install bubblewrap/;
    const [waiting, unwanted] = [await machine.run("plain"), await machine.run("plain")];
    for (const task of [waiting, unwanted]) await machine.until(task, (now) => isTold.test(now.execution_status.message));
    await machine.abort(unwanted);
    assert.equal((await machine.until(unwanted, isEnded)).status, "ABORTED");

    machine.find("bwrap");
    // The next job that needs an engine has it looked for again; those that wait need not.
    const next = await machine.run("plain");
    for (const task of [waiting, next]) assert.equal((await machine.until(task, isEnded)).status, "COMPLETED");
  }));

test("a tool that insists on an image waits where nothing can run and fails where others can, in the doctor's words; an abort ends it", (context) =>
  onBareMachine(context, { CAUSEWAY_ISOLATION: "required", CAUSEWAY_IMAGES: "auto" }, async (machine) => {
    const why =
      "no container engine works here: docker is not installed; podman is not installed; apptainer is not installed; singularity is not installed. Install docker, podman or apptainer";
    const [waiting, patient] = [await machine.run("insisting"), await machine.run("insisting")];
    const told = await machine.until(waiting, ({ execution_status: { message } }) => message.startsWith("Waiting: no container"));
    assert.equal(told.execution_status.message, `Waiting: ${why}`);
    assert.equal((await machine.doctor()).get("Tools with an image"), `wait: ${why}`);
    await machine.until(patient, ({ execution_status: { message } }) => message === `Waiting: ${why}`);
    assert.equal(await machine.instances(), 2);
    await machine.abort(waiting);
    assert.equal((await machine.until(waiting, isEnded)).status, "ABORTED");
    assert.equal(await machine.instances(), 1);

    machine.find("bwrap");
    assert.equal((await machine.until(await machine.run("hinted"), isEnded)).status, "COMPLETED");
    // One that has waited for an image since before is told the same as one that comes now.
    for (const task of [patient, await machine.run("insisting")]) {
      const failed = await machine.until(task, isEnded);
      assert.equal(failed.status, "FAILED");
      const { message } = failed.execution_status;
      assert.ok(message.endsWith(`the tool runs in ${IMAGE.dockerPull}, and ${why}`), message);
    }
    const found = (await machine.doctor()).get("Tools with an image")!;
    assert.ok(found.endsWith(`fail where it is required: ${why}`), found);
  }));
