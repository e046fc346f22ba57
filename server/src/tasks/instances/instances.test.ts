import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { type World, withWorld } from "../../testing/world.ts";
import { abortAll, ended } from "../testing.ts";

/** Notes when it began and ended, so that a test can tell how many ran side by side. */
const NOTE = {
  class: "CommandLineTool",
  baseCommand: ["sh", "-c", 'date +%s%N; sleep 0.3; date +%s%N; : "$1"', "sh"],
  inputs: [{ id: "name", type: "string", inputBinding: { position: 1 } }],
  outputs: [{ id: "times", type: "stdout" }],
  stdout: "times.txt",
};

const SCATTER = {
  cwlVersion: "v1.2",
  class: "Workflow",
  requirements: [{ class: "ScatterFeatureRequirement" }],
  inputs: [{ id: "names", type: "string[]" }],
  outputs: [{ id: "times", type: "File[]", outputSource: "note/times" }],
  steps: [{ id: "note", scatter: "name", in: [{ id: "name", source: "names" }], out: ["times"], run: NOTE }],
};

/** Two cores at most, whatever this machine has, and 36,000 USD an hour: ten a second. */
const PRICES = {
  diskGbHour: 36,
  interruptibleFactor: 0.5,
  instances: [
    { name: "c5.large", cpus: 1, memoryMib: 4096, hourly: 36_000 },
    { name: "c5.xlarge", cpus: 2, memoryMib: 8192, hourly: 72_000 },
  ],
};

async function appIn(world: World, document: object): Promise<{ project: string; app: string }> {
  await world.platform.services.billingAdministration.setPrices(PRICES);
  const project = await world.project("mira");
  const { status, body } = await world.post("mira", `/apps/${project.id}/app/raw`, document);
  assert.equal(status, 200, JSON.stringify(body));
  return { project: project.id, app: `${project.id}/app` };
}

async function run(world: World, task: object) {
  const { status, body } = await world.post("mira", "/tasks?action=run", task);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(body.errors, []);
  return body;
}

const jobsOf = async (world: World, id: string) => (await world.get("mira", `/tasks/${id}/execution_details`)).body.jobs;

/** The most jobs of a task of SCATTER that ran at one moment. */
async function mostAtOnce(world: World, task: { outputs: { times: { path: string }[] } }): Promise<number> {
  const changes: { at: bigint; by: number }[] = [];
  for (const { path } of task.outputs.times) {
    const { url } = (await world.get("mira", `/files/${path}/download_info`)).body;
    const [began, ended] = (await (await fetch(url)).text()).trim().split("\n").map(BigInt);
    changes.push({ at: began!, by: 1 }, { at: ended!, by: -1 });
  }
  let [now, most] = [0, 0];
  for (const { by } of changes.sort((a, b) => Number(a.at - b.at) || a.by - b.by)) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

const names = ["a", "b", "c", "d"];

test(
  "a task's jobs share as many instances as it may have, and run on no more",
  withWorld(async (world) => {
    const app = await appIn(world, SCATTER);
    const settings = { instance_type: "c5.large", max_parallel_instances: 1 };
    const made = await run(world, { ...app, name: "one", inputs: { names }, execution_settings: settings });
    const task = await ended(world, "mira", made.id);
    assert.equal(task.status, "COMPLETED", task.execution_status.message);
    const jobs = await jobsOf(world, task.id);
    assert.equal(new Set(jobs.map(({ instance }: { instance: { id: string } }) => instance.id)).size, 1);
    assert.equal(jobs[0].instance.type, "c5.large");
    assert.equal(jobs[0].instance.provider, "AWS");
    assert.equal(jobs[0].instance.disk.unit, "GB");
    assert.equal(await mostAtOnce(world, task), 1, "a c5.large holds one of them");

    const two = await run(world, {
      ...app,
      inputs: { names },
      execution_settings: { instance_type: "c5.large", max_parallel_instances: 2 },
    });
    const wide = await ended(world, "mira", two.id);
    const wideJobs = await jobsOf(world, wide.id);
    assert.equal(new Set(wideJobs.map(({ instance }: { instance: { id: string } }) => instance.id)).size, 2);
    assert.ok((await mostAtOnce(world, wide)) <= 2);
  }),
);

test(
  "each of many short jobs tells the instance that it ran on",
  withWorld(async (world) => {
    const short = { ...NOTE, baseCommand: ["echo"] };
    const app = await appIn(world, { ...SCATTER, steps: [{ ...SCATTER.steps[0], run: short }] });
    const many = Array.from({ length: 12 }, (_, index) => `name-${index}`);
    const settings = { instance_type: "c5.large", max_parallel_instances: 2 };
    const { id } = await run(world, { ...app, inputs: { names: many }, execution_settings: settings });
    assert.equal((await ended(world, "mira", id)).status, "COMPLETED");
    const jobs = await jobsOf(world, id);
    assert.deepEqual(
      jobs.map(({ instance }: { instance: { type: string } | null }) => instance?.type),
      many.map(() => "c5.large"),
    );
  }),
);

test(
  "a workflow's own hints say which instance and how many, unless the task says otherwise; inner ones do not count",
  withWorld(async (world) => {
    const hinted = {
      ...SCATTER,
      hints: [
        { class: "sbg:AWSInstanceType", value: "c5.large; ebs-gp2 ; 300" },
        { class: "https://sevenbridges.commaxNumberOfParallelInstances", value: "2" },
      ],
      steps: [
        {
          ...SCATTER.steps[0],
          hints: [{ class: "sbg:AWSInstanceType", value: "c5.xlarge" }],
          run: { ...NOTE, hints: [{ class: "sbg:GoogleInstanceType", value: "n1-standard-4" }] },
        },
      ],
    };
    const app = await appIn(world, hinted);
    const byHint = await ended(world, "mira", (await run(world, { ...app, inputs: { names } })).id);
    const jobs = await jobsOf(world, byHint.id);
    assert.deepEqual(
      new Set(jobs.map(({ instance }: { instance: object }) => JSON.stringify({ ...instance, id: "" }))),
      new Set([JSON.stringify({ id: "", type: "c5.large", provider: "AWS", disk: { size: 300, unit: "GB", type: "ebs-gp2" } })]),
    );
    assert.equal(new Set(jobs.map(({ instance }: { instance: { id: string } }) => instance.id)).size, 2);
    const { amount, breakdown } = byHint.price;
    assert.ok(Number(breakdown.storage) > 0 && Number(breakdown.computation) > 0, JSON.stringify(breakdown));
    assert.ok(Math.abs(amount - Number(breakdown.storage) - Number(breakdown.computation)) < 0.011);

    const settings = { instance_type: ["AUTO", "c5.xlarge"], max_parallel_instances: 1 };
    const bySetting = await ended(
      world,
      "mira",
      (await run(world, { ...app, inputs: { names }, execution_settings: settings })).id,
    );
    const own = await jobsOf(world, bySetting.id);
    assert.deepEqual([...new Set(own.map(({ instance }: { instance: { type: string } }) => instance.type))], ["c5.xlarge"]);
    assert.equal(new Set(own.map(({ instance }: { instance: { id: string } }) => instance.id)).size, 1);
  }),
);

test(
  "a running task costs what its instances cost so far, and a batch what its children cost",
  withWorld(async (world) => {
    const tool = { ...NOTE, cwlVersion: "v1.2", baseCommand: ["sh", "-c", "sleep 600"] };
    const app = await appIn(world, tool);
    const settings = { execution_settings: { instance_type: "c5.large" }, use_interruptible_instances: false };
    const { id } = await run(world, { ...app, inputs: { name: "x" }, ...settings });
    const price = async () => (await world.get("mira", `/tasks/${id}`)).body.price;
    let first = await price();
    while (first.amount === 0) first = await price();
    let later = await price();
    while (later.amount === first.amount) later = await price();
    assert.ok(later.amount > first.amount);
    assert.equal(later.breakdown.computation, later.amount.toFixed(2));
    const { execution_status: status } = (await world.get("mira", `/tasks/${id}`)).body;
    assert.ok(status.execution_duration > 0 && status.execution_duration <= status.running_duration, JSON.stringify(status));

    await abortAll(world, "mira");
    const aborted = await ended(world, "mira", id);
    assert.ok(aborted.price.amount >= later.amount);
    assert.deepEqual(await price(), aborted.price, "nothing is added after its end");

    const batch = await run(world, {
      ...app,
      inputs: { name: ["x", "y"] },
      batch_input: "name",
      batch_by: { type: "ITEM" },
      ...settings,
    });
    const parent = async () => (await world.get("mira", `/tasks/${batch.id}`)).body;
    while ((await parent()).price.amount < 2) assert.equal((await parent()).end_time, null);
    await abortAll(world, "mira");
    const whole = await ended(world, "mira", batch.id);
    const { body: children } = await world.get("mira", `/tasks?parent=${batch.id}&fields=price`);
    const sum = children.items.reduce((so: number, child: { price: { amount: number } }) => so + child.price.amount, 0);
    assert.ok(Math.abs(whole.price.amount - sum) < 0.02, `${whole.price.amount} and ${sum}`);
  }),
);

test(
  "a job that needs more than the instance has fails the task; a type that nobody knows keeps a draft from running",
  withWorld(async (world) => {
    const large = { ...NOTE, cwlVersion: "v1.2", hints: [{ class: "sbg:CPURequirement", value: "2" }] };
    const app = await appIn(world, large);
    const inputs = { name: "x" };
    const small = await run(world, { ...app, inputs, execution_settings: { instance_type: "c5.large" } });
    const failed = await ended(world, "mira", small.id);
    assert.equal(failed.status, "FAILED");
    assert.match(failed.execution_status.message, /it needs 2 cores and 1024 MiB, and c5.large has 1 core and 4096 MiB/);

    const either = await run(world, { ...app, inputs, execution_settings: { instance_type: ["c5.large", "c5.xlarge"] } });
    assert.equal((await ended(world, "mira", either.id)).status, "COMPLETED");
    assert.equal((await jobsOf(world, either.id))[0].instance.type, "c5.xlarge");

    const { body: draft } = await world.post("mira", "/tasks", {
      ...app,
      inputs,
      execution_settings: { instance_type: "p3.2xlarge" },
    });
    assert.deepEqual(
      draft.errors.map(({ code }: { code: string }) => code),
      ["EXECUTION_SETTINGS"],
    );
    const refused = await world.post("mira", `/tasks/${draft.id}/actions/run`);
    assert.deepEqual([refused.status, refused.body.code], [400, 7024]);
  }),
);

test(
  "a task that lets its instances be interrupted pays the part that the operator says",
  withWorld(async (world) => {
    const app = await appIn(world, { ...NOTE, cwlVersion: "v1.2" });
    const settings = { inputs: { name: "x" }, execution_settings: { instance_type: "c5.large" } };
    const hourly = async (interruptible: boolean) => {
      const made = await run(world, { ...app, ...settings, use_interruptible_instances: interruptible });
      await ended(world, "mira", made.id);
      const { db } = world.platform;
      const row = await db.selectFrom("instances").select("hourly").where("task_id", "=", made.id).executeTakeFirstOrThrow();
      return Number(row.hourly);
    };
    assert.equal(await hourly(false), 36_000);
    assert.equal(await hourly(true), 18_000);
  }),
);

test(
  "a job that nobody knows the fate of is tried once more, on another instance",
  withWorld(async (world) => {
    const mark = randomUUID();
    const app = await appIn(world, { ...NOTE, cwlVersion: "v1.2", baseCommand: ["sh", "-c", `sleep 600; : ${mark}`] });
    const { id } = await run(world, { ...app, inputs: { name: "x" }, execution_settings: { instance_type: "c5.large" } });
    let [job] = await jobsOf(world, id);
    while (job?.status !== "RUNNING") [job] = await jobsOf(world, id);
    const first = job.instance.id;
    assert.equal(job.retried, false);
    process.kill(await watcherOf(mark), "SIGKILL");
    while (!job.retried || job.instance === null) [job] = await jobsOf(world, id);
    assert.notEqual(job.instance.id, first);

    while (job.status !== "RUNNING") [job] = await jobsOf(world, id);
    process.kill(await watcherOf(mark), "SIGKILL");
    const task = await ended(world, "mira", id);
    assert.equal(task.status, "FAILED");
    assert.match(task.execution_status.message, /the shell that watched over it was killed/);
  }),
);

/** The id of the shell of this process that watches over the command with `mark` in it. */
async function watcherOf(mark: string): Promise<number> {
  for (;;) {
    for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (!command.includes(mark)) continue;
      for (let at = Number(pid); at > 1; ) {
        const parent = Number((await readFile(`/proc/${at}/stat`, "utf8").catch(() => ") x 0")).split(") ")[1]!.split(" ")[1]);
        if (parent === process.pid) return at;
        at = parent;
      }
    }
  }
}
