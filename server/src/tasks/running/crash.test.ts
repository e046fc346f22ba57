import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sql } from "kysely";
import { openDatabase } from "../../db/database.ts";
import { createTestDatabase } from "../../testing/database.ts";
import { callerWith, startKillable, untilEnded } from "../../testing/killable-platform.ts";

/** How often the platform is killed while one task runs. */
const KILLS = 8;

/** Twelve jobs that each take a moment and say on a line of their own that they ran, then one that joins them. */
const WORKFLOW = {
  cwlVersion: "v1.2",
  class: "Workflow",
  requirements: [{ class: "ScatterFeatureRequirement" }, { class: "InlineJavascriptRequirement" }],
  inputs: [{ id: "names", type: "string[]" }],
  outputs: [{ id: "joined", type: "File", outputSource: "join/joined" }],
  steps: [
    {
      id: "greet",
      scatter: "name",
      in: [{ id: "name", source: "names" }],
      out: ["greeting"],
      run: {
        class: "CommandLineTool",
        baseCommand: ["sh", "-c", 'sleep 0.4; echo "$1"', "sh"],
        inputs: [{ id: "name", type: "string", inputBinding: { position: 1 } }],
        outputs: [{ id: "greeting", type: "File", outputBinding: { glob: "greeting.txt" } }],
        stdout: "greeting.txt",
      },
    },
    {
      id: "join",
      in: [{ id: "greetings", source: "greet/greeting" }],
      out: ["joined"],
      run: {
        class: "CommandLineTool",
        baseCommand: "cat",
        inputs: [{ id: "greetings", type: "File[]", inputBinding: { position: 1 } }],
        outputs: [{ id: "joined", type: "File", outputBinding: { glob: "joined.txt" } }],
        stdout: "joined.txt",
      },
    },
  ],
};

test("a platform that is killed again and again while a task runs ends it as if nothing had happened", async () => {
  const directory = await mkdtemp(join(tmpdir(), "causeway-crash-"));
  const database = await createTestDatabase();
  const names = Array.from({ length: 12 }, (_, index) => `name-${String(index).padStart(2, "0")}`);
  let server: ChildProcess | undefined;
  try {
    let url: string;
    [server, url] = await startKillable(directory, database.url);
    const token = (await readFile(join(directory, "admin.token"), "utf8")).trim();
    const call = callerWith(token);
    const project = await call(`${url}/projects`, { name: "Crash" });
    await call(`${url}/apps/${project.id}/greet/raw`, WORKFLOW);
    const settings = { execution_settings: { instance_type: "c5.large", max_parallel_instances: 2 } };
    const greet = { project: project.id, app: `${project.id}/greet`, inputs: { names }, ...settings };
    const { id } = await call(`${url}/tasks?action=run`, greet);

    for (let kill = 0; kill < KILLS; kill++) {
      // A moment of its own each time: the point is to hit every line once in a while.
      await new Promise((wake) => setTimeout(wake, Math.random() * 700));
      server.kill("SIGKILL");
      await once(server, "exit");
      [server, url] = await startKillable(directory, database.url);
    }
    const task = await untilEnded(call, `${url}/tasks/${id}`);

    assert.equal(task.status, "COMPLETED", task.execution_status.message);
    const { url: link } = await call(`${url}/files/${task.outputs.joined.path}/download_info`);
    assert.equal(await (await fetch(link)).text(), names.map((name) => `${name}\n`).join(""));
    const { items } = await call(`${url}/files?project=${project.id}`);
    assert.deepEqual(
      items.map(({ name }: { name: string }) => name),
      ["joined.txt"],
      "each output is saved once",
    );
    const { jobs } = await call(`${url}/tasks/${id}/execution_details`);
    assert.equal(jobs.length, names.length + 1);
    assert.ok(jobs.every(({ status, retried }: { status: string; retried: boolean }) => status === "COMPLETED" && !retried));
    assert.deepEqual(await processesIn(directory), [], "no process is left behind");
    const changes = await instanceChanges(database.url);
    assert.ok(Math.max(...changes) <= 2, "never more instances at once than the task may have");
    assert.equal(changes.at(-1), 0, "all of them are given back");
  } finally {
    server?.kill("SIGKILL");
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  }
});

/** How many instances were taken after each of the moments at which one was taken or given back. */
async function instanceChanges(databaseUrl: string): Promise<number[]> {
  const { db, close } = openDatabase(databaseUrl, 1);
  try {
    const { rows } = await sql<{ taken: number }>`
      select sum(change) over (order by at)::int as taken from (
        select started_at as at, 1 as change from instances
        union all select released_at, -1 from instances where released_at is not null) changes order by at`.execute(db);
    return rows.map(({ taken }) => taken);
  } finally {
    await close();
  }
}

/** Command lines of the processes that work in a directory; the platform's own excepted. */
async function processesIn(directory: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (command.includes(`${directory}/jobs/tasks`)) found.push(command.replaceAll("\0", " "));
  }
  return found;
}
