import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import {
  bindInputs,
  type CommandLineTool,
  closeSandbox,
  createEvaluator,
  type Inputs,
  JobError,
  loadText,
  type Outputs,
  parseExactJson,
  prepareJob,
} from "@causeway/cwl";
import { type JobResult, noEngine, ProcessRunner } from "@causeway/executors";
import { DiskBlobStore, newBlobKey } from "@causeway/storage";
import { Agent } from "./agent.ts";
import { childCommands } from "./commands/commands.ts";
import { openHostAgent } from "./host-agent.ts";
import type { AgentOrder, AgentResult, SmallLog, StoredLog } from "./order.ts";
import type { JobPlatform } from "./platform.ts";

const evaluator = createEvaluator();
const never = new AbortController().signal;
const log = { warn: () => {}, error: () => {} };
test.after(() => closeSandbox());

/** A directory with an agent, a store, and a platform that remembers what it was told. */
class Bench {
  readonly directory = mkdtempSync(join(tmpdir(), "agent-"));
  readonly told: string[] = [];
  #jobs = 0;
  found: Outputs | undefined;

  /** What one process has for the agent; `commands` outlive it or are its children. */
  async agent(t: TestContext, commands: "durable" | "child"): Promise<{ agent: Agent; wraps: "none" | "images" | "container" }> {
    if (commands === "child") {
      const processes = new ProcessRunner(noEngine, { controlGroups: false });
      t.after(() => processes.close());
      const environment = () => ({ PATH: process.env.PATH! });
      return { agent: new Agent({ commands: childCommands((...job) => processes.run(...job)), environment }), wraps: "none" };
    }
    const directory = join(this.directory, "executor");
    const host = await openHostAgent({ directory, images: "ignore", isolation: "none", keepFreeMiB: 0, firstJobCores: 0, log });
    await host.enginesKnown();
    t.after(() => host.close());
    return { agent: host.agent, wraps: host.wraps };
  }

  async platform(): Promise<JobPlatform> {
    const blobs = await DiskBlobStore.open(join(this.directory, "blobs"));
    return {
      waiting: async () => {},
      running: async () => void this.told.push("running"),
      logs: async (logs: readonly StoredLog[]) => void this.told.push(`logs ${logs.map(({ name }) => name).join(" ")}`),
      ended: async (end: JobResult) => void this.told.push(`ended ${end.is}`),
      found: async (outputs) => {
        this.told.push("found");
        this.found = outputs;
      },
      store: async (path, signal) => {
        const key = newBlobKey();
        return { key, ...(await blobs.adopt(key, path, { signal })) };
      },
    };
  }

  async textAt(key: string): Promise<string> {
    const blobs = await DiskBlobStore.open(join(this.directory, "blobs"));
    return readFileSync(await blobs.localPath(key), "utf8");
  }

  /** The order of a tool's job, as it comes out of JSON. */
  async order(document: object, given: Inputs, wraps: "none" | "images" | "container", more: Partial<AgentOrder> = {}) {
    const text = JSON.stringify({ cwlVersion: "v1.2", class: "CommandLineTool", ...document });
    const tool = (await loadText(text, `file://${this.directory}/tool.cwl`)).process as CommandLineTool;
    const inputs = await bindInputs(tool, given, { evaluator, formats: {} });
    const id = `job-${++this.#jobs}`;
    const setting = { id, name: "step", directory: join(this.directory, id), wraps, evaluator };
    const job = await prepareJob(tool, inputs, setting);
    return throughJson<AgentOrder>({ tool, job, network: false, isLast: true, ...more });
  }
}

const throughJson = <T>(value: T): T => parseExactJson(JSON.stringify(value)) as T;

function bench(t: TestContext): Bench {
  const made = new Bench();
  t.after(() => rmSync(made.directory, { recursive: true }));
  return made;
}

function completed(result: AgentResult) {
  assert.equal(result.is, "completed", JSON.stringify(result));
  return result as Extract<AgentResult, { is: "completed" }>;
}

function failed(result: AgentResult) {
  assert.equal(result.is, "failed", JSON.stringify(result));
  return result as Extract<AgentResult, { is: "failed" }>;
}

/** Says a number beyond 2^53, and what is in a file. */
const SAY = {
  requirements: [{ class: "InlineJavascriptRequirement" }],
  baseCommand: ["sh", "-c", 'echo out; echo err >&2; cat "$0" > kept.txt; echo "$1" >> kept.txt'],
  inputs: [
    { id: "file", type: "File", inputBinding: { position: 0 } },
    { id: "number", type: "long", inputBinding: { position: 1 } },
  ],
  outputs: [
    { id: "kept", type: "File", outputBinding: { glob: "kept.txt" } },
    { id: "size", type: "long", outputBinding: { glob: "kept.txt", outputEval: "${ return self[0].size; }" } },
    { id: "same", type: "long", outputBinding: { outputEval: "$(inputs.number)" } },
  ],
};

for (const commands of ["durable", "child"] as const) {
  test(`${commands} commands: an order and its result are plain data, and the platform hears of all in order`, async (t) => {
    const world = bench(t);
    const { agent, wraps } = await world.agent(t, commands);
    writeFileSync(join(world.directory, "in.txt"), "given\n");
    const given = { file: { class: "File" as const, location: `file://${world.directory}/in.txt` }, number: 9007199254740993n };
    const order = await world.order(SAY, given, wraps);
    const result = completed(await agent.perform(order, { evaluator, signal: never, platform: await world.platform() }));
    assert.deepEqual(throughJson(result), result);

    assert.deepEqual(
      world.told.filter((told) => told !== "running"),
      ["ended exited"],
    );
    const { kept, size, same } = result.outputs;
    assert.equal(readFileSync(new URL((kept as { location: string }).location), "utf8"), "given\n9007199254740993\n");
    assert.equal(size, 23);
    assert.equal(same, 9007199254740993n);
    assert.equal(world.found, undefined, "nothing is stored yet");

    const { store } = await world.platform();
    const stored = await agent.store(result.outputs, store, never);
    const { location } = stored.outputs.kept as { location: string };
    assert.equal(await world.textAt(location.replace(/^blob:/, "")), "given\n9007199254740993\n");
    assert.deepEqual(Object.keys(stored.bytes), [join(world.directory, "job-1/out/kept.txt")]);
    const names = result.logs.map(({ name }) => name).sort();
    assert.deepEqual(names, ["cmd.log", "cwl.output.json", "job.err.log", "job.json", "job.out.log", "job.tree.log"]);
    const errors = result.logs.find(({ name }) => name === "job.err.log") as SmallLog;
    assert.equal(Buffer.from(errors.base64, "base64").toString(), "err\n");

    await agent.remove("job-1");
    await agent.remove("job-1");
  });

  test(`${commands} commands: without a platform there is the result alone`, async (t) => {
    const world = bench(t);
    const { agent, wraps } = await world.agent(t, commands);
    const document = { baseCommand: ["echo", "hello"], inputs: [], stdout: "said", outputs: [{ id: "said", type: "stdout" }] };
    const result = completed(await agent.perform(await world.order(document, {}, wraps), { evaluator, signal: never }));
    assert.equal((result.outputs.said as { basename: string }).basename, "said");
    assert.deepEqual([result.logs, result.imageDigest], [[], null]);
    assert.equal(existsSync(join(world.directory, "job-1/cmd.log")), false);
  });

  test(`${commands} commands: what the command or its document is to blame for is a result`, async (t) => {
    const world = bench(t);
    const { agent, wraps } = await world.agent(t, commands);
    const context = { evaluator, signal: never, platform: await world.platform() };
    const tool = { inputs: [], outputs: [], temporaryFailCodes: [9] };
    const order = (script: string, more = {}, fields = {}) =>
      world.order({ ...tool, ...fields, baseCommand: ["sh", "-c", script] }, {}, wraps, more);

    const exits = failed(await agent.perform(await order("echo no such luck >&2; exit 3"), context));
    assert.match(exits.failure.message, /failed permanently with exit code 3.*no such luck/s);
    assert.deepEqual([exits.failure.kind, exits.failure.temporary, exits.end.is], ["exit", false, "exited"]);
    assert.ok(exits.logs.some(({ name }) => name === "job.err.log"));
    assert.deepEqual(throughJson(exits), exits);

    // The logs of an attempt that is repeated are not kept.
    const again = failed(await agent.perform(await order("exit 9", { isLast: false }), context));
    assert.deepEqual([again.failure.temporary, again.logs], [true, []]);
    const last = failed(await agent.perform(await order("exit 9"), context));
    assert.deepEqual([last.failure.temporary, last.logs.length > 0], [true, true]);

    const missing = [{ id: "o", type: "File", outputBinding: { glob: "nothing" } }];
    const nothing = failed(await agent.perform(await order("true", {}, { outputs: missing }), context));
    assert.deepEqual([nothing.failure.kind, nothing.end.is], ["output", "exited"]);

    const unmade = await order("true");
    unmade.job.staged.push({ is: "share", source: join(world.directory, "gone"), at: `${unmade.job.outdir.host}/x` });
    const staging = failed(await agent.perform(unmade, context));
    assert.deepEqual([staging.failure.kind, staging.end], ["staging", { is: "lost", why: "it was not started" }]);
    assert.ok(staging.logs.some(({ name }) => name === "cmd.log"));

    const refused = failed(await agent.refuse(unmade, new JobError("command", "DockerRequirement", "no engine"), context));
    assert.equal(refused.failure.message, "DockerRequirement: no engine");
  });
}

test("a job outlives its agent: the next one goes on with it, and takes what was found without looking again", async (t) => {
  const world = bench(t);
  const first = await world.agent(t, "durable");
  const ran = join(world.directory, "job-1/out/ran");
  const script = "echo x >> ran; while [ ! -e go ]; do sleep 0.02; done; echo done > kept";
  const outputs = [{ id: "kept", type: "File", outputBinding: { glob: "kept" } }];
  const document = { baseCommand: ["sh", "-c", script], inputs: [], outputs };
  const order = await world.order(document, {}, first.wraps);
  const death = new AbortController();
  const platform = await world.platform();
  const dying = first.agent.perform(order, { evaluator, signal: death.signal, platform });
  while (!existsSync(ran)) await wait(10);
  death.abort(new Error("the agent dies"));
  await assert.rejects(dying, /the agent dies/);

  const second = await world.agent(t, "durable");
  assert.equal(await second.agent.has("job-1"), true);
  const resumed = second.agent.perform(order, { evaluator, signal: never, platform });
  writeFileSync(join(world.directory, "job-1/out/go"), "");
  const result = completed(await resumed);
  assert.equal(readFileSync(ran, "utf8"), "x\n");

  // It died once more, after the outputs were found: they are not collected again, whatever lies there now.
  rmSync(join(world.directory, "job-1/out/kept"));
  writeFileSync(join(world.directory, "job-1/out/kept"), "other bytes\n");
  const third = await world.agent(t, "durable");
  const found = throughJson({ ...order, found: result.outputs });
  const again = completed(await third.agent.perform(found, { evaluator, signal: never, platform }));
  assert.deepEqual(again.outputs, result.outputs);
  await third.agent.remove("job-1");
});

test("small logs come along; a large one is stored when the platform knows what the command left", async (t) => {
  const world = bench(t);
  const { agent, wraps } = await world.agent(t, "child");
  const script = "seq 5000; i=0; while [ $i -lt 20 ]; do seq 1000 >$i.log; i=$((i+1)); done";
  const hints = [{ class: "sbg:SaveLogs", value: "*.log" }];
  const outputs = [{ id: "said", type: "stdout" }];
  const document = { baseCommand: ["sh", "-c", script], inputs: [], stdout: "said.log", outputs, hints };
  const context = { evaluator, signal: never, platform: await world.platform() };
  const result = completed(await agent.perform(await world.order(document, {}, wraps), context));
  assert.deepEqual(world.found, result.outputs);
  const logs = new Map(result.logs.map((log) => [log.name, log]));
  const large = logs.get("said.log") as StoredLog;
  assert.ok((await world.textAt(large.bytes.key)).endsWith("\n5000\n"));
  // More of them than there is room for.
  const small = result.logs.filter((log) => "base64" in log);
  const numbered = Array.from({ length: 20 }, (_, n) => logs.get(`${n}.log`)!);
  assert.ok(small.length > 4 && numbered.some((log) => "bytes" in log) && numbered.some((log) => "base64" in log));
  for (const log of numbered) {
    const text = "base64" in log ? Buffer.from(log.base64, "base64").toString() : await world.textAt(log.bytes.key);
    assert.ok(text.endsWith("\n999\n1000\n"), log.name);
  }
});
