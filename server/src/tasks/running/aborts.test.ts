import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { sql } from "kysely";
import { type World, withWorld } from "../../testing/world.ts";

/** Longer than an abort may take anywhere, on a machine that has much other work. */
const GENEROUS_MS = 60_000;

const tool = (script: string, more: object = {}) => ({
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  requirements: [{ class: "InlineJavascriptRequirement" }],
  baseCommand: ["bash", "-c", script],
  inputs: [{ id: "word", type: "string?" }],
  outputs: [{ id: "out", type: "File?", outputBinding: { glob: "out" } }],
  ...more,
});
const LOOP = "${ while (true) {} }";
const SLEEP = tool("sleep 600");
/** Bytes that nothing holds: some minutes of reading, no room on the disk. */
const HUGE = tool("truncate -s 60G out");

async function appOf(world: World, project: string, document: object): Promise<string> {
  const name = `app${Math.random().toString(36).slice(2)}`;
  const { status, body } = await world.post("mira", `/apps/${project}/${name}/raw`, document);
  assert.equal(status, 200, JSON.stringify(body));
  return `${project}/${name}`;
}

interface Point {
  at: string;
  tool: object;
  more?: object;
  /** Resolves when the task is there. */
  reached(world: World, id: string): Promise<unknown>;
}

async function until(what: string, ask: () => Promise<unknown>): Promise<void> {
  for (const end = Date.now() + GENEROUS_MS; Date.now() < end; await wait(25)) if (await ask()) return;
  throw new Error(`waited in vain for ${what}`);
}

const job = async (world: World, id: string) =>
  world.platform.db.selectFrom("jobs").selectAll().where("task_id", "=", id).executeTakeFirst();
const isRunning = (world: World, id: string) => until("a running job", async () => (await job(world, id))?.status === "RUNNING");
const childRuns = (world: World, id: string) =>
  until("a running child", async () => {
    const { rows } = await sql`
      select from jobs join tasks on tasks.id = jobs.task_id where parent_id = ${id} and jobs.status = 'RUNNING'`.execute(
      world.platform.db,
    );
    return rows.length > 0;
  });
const taskRuns = (world: World, id: string) =>
  until("a driven task", async () => {
    const task = world.platform.db.selectFrom("tasks").select("status").where("id", "=", id);
    return (await task.executeTakeFirstOrThrow()).status === "RUNNING";
  });
/** The command has ended, and what it left is being looked at or stored. */
const hasEnded = (world: World, id: string) =>
  until("the end of its command", async () => {
    const row = await job(world, id);
    if (!row) return false;
    const record = `${world.directory}/jobs/executor/${row.executor_id}/result.json`;
    return existsSync(record);
  });

const POINTS: Point[] = [
  { at: "its command runs", tool: SLEEP, reached: isRunning },
  {
    at: "its command ignores SIGTERM",
    tool: tool("trap '' TERM INT HUP; echo $$ >here; while :; do sleep 1; done"),
    reached: isRunning,
  },
  {
    at: "its command makes processes without an end",
    tool: tool("while :; do (sleep 100 & sleep 100) & sleep 0.05; done"),
    reached: isRunning,
  },
  {
    at: "an expression of its inputs runs for ever",
    tool: tool("true", { arguments: [LOOP] }),
    reached: taskRuns,
  },
  {
    at: "an expression of its outputs runs for ever",
    tool: tool("true", { outputs: [{ id: "out", type: "Any", outputBinding: { glob: ".", outputEval: LOOP } }] }),
    reached: hasEnded,
  },
  { at: "a huge output is read", tool: HUGE, reached: hasEnded },
  {
    at: "it waits for an instance",
    tool: {
      ...tool(""),
      class: "Workflow",
      baseCommand: undefined,
      requirements: [{ class: "ScatterFeatureRequirement" }],
      outputs: [],
      steps: [
        {
          id: "s",
          scatter: "word",
          in: [{ id: "word", default: ["a", "b", "c"] }],
          out: [],
          run: { ...tool("sleep 600"), outputs: [] },
        },
      ],
    },
    more: { execution_settings: { instance_type: "c5.large", max_parallel_instances: 1 } },
    reached: isRunning,
  },
];

test(
  "an abort is obeyed at every point of a task's life",
  withWorld(async (world) => {
    const { id: project } = await world.project("mira");
    const begin = async (document: object, more: object = {}) => {
      const app = await appOf(world, project, document);
      const { status, body } = await world.post("mira", "/tasks?action=run", { project, app, inputs: { word: "x" }, ...more });
      assert.equal(status, 200, JSON.stringify(body));
      return body.id as string;
    };
    const abort = async (id: string, at: string) => {
      const { status, body } = await world.post("mira", `/tasks/${id}/actions/abort`);
      assert.equal(status, 200, `${at}: ${JSON.stringify(body)}`);
      await until(`the end of a task that is aborted while ${at}`, async () => {
        const task = (await world.get("mira", `/tasks/${id}`)).body;
        assert.ok(!["COMPLETED", "FAILED"].includes(task.status), `${at}: ${task.status} ${task.execution_status.message}`);
        return task.status === "ABORTED";
      });
      await until(`its processes to end, ${at}`, async () => {
        for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name)))
          if ((await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).includes(id)) return false;
        return true;
      });
    };

    for (const { at, tool: document, more, reached } of POINTS) {
      const id = await begin(document, more);
      await reached(world, id).catch(async (error) => {
        const task = (await world.get("mira", `/tasks/${id}`)).body;
        throw new Error(`${at}: ${task.status}, ${task.execution_status.message}`, { cause: error });
      });
      await abort(id, at);
    }

    // A task that waits for its next try, after a fault of the platform's.
    await sql`alter table job_results rename to away`.execute(world.platform.db);
    const faulty = await begin(tool("echo y >out"));
    await until("a fault", async () => {
      const { rows } = await sql`select from tasks where id = ${faulty} and fault is not null and driver is null`.execute(
        world.platform.db,
      );
      return rows.length > 0;
    });
    await abort(faulty, "it waits for its next try");
    await sql`alter table away rename to job_results`.execute(world.platform.db);

    // A batch whose children run, and one that has just been asked for.
    for (const at of ["its children run", "its children are made"]) {
      const app = await appOf(world, project, { ...SLEEP, inputs: [{ id: "word", type: "string" }] });
      const batch = { project, app, batch_input: "word", batch_by: { type: "ITEM" }, inputs: { word: ["a", "b", "c"] } };
      const { status, body } = await world.post("mira", "/tasks?action=run", batch);
      assert.equal(status, 200, JSON.stringify(body));
      if (at === "its children run") await childRuns(world, body.id);
      await abort(body.id, at);
    }
  }),
);
