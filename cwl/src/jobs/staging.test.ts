import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { test } from "node:test";
import type { CommandLineTool, FileValue, Inputs } from "../model.ts";
import { bindInputs } from "./input-binding.ts";
import { type JobOptions, prepareJob } from "./prepare.ts";
import { stage } from "./staging.ts";
import { file, script, type ToolBench, tool, toolBench } from "./tool-bench.ts";

const prepared = async (bench: ToolBench, process: CommandLineTool, given: Inputs, more: Partial<JobOptions> = {}) =>
  prepareJob(process, await bindInputs(process, given, bench.context), {
    id: "job",
    name: "step",
    directory: `${bench.directory}/job`,
    wraps: "none",
    evaluator: bench.context.evaluator,
    ...more,
  });

test("inputs are links; files of one name are in different directories, secondary files beside their primary", async (t) => {
  const bench = toolBench(t);
  for (const name of ["a", "b"]) {
    mkdirSync(`${bench.directory}/${name}`);
    writeFileSync(`${bench.directory}/${name}/x.bam`, name);
    writeFileSync(`${bench.directory}/${name}/x.bam.bai`, `index of ${name}`);
  }
  const process = tool({
    baseCommand: ["cat"],
    inputs: [
      {
        id: "reads",
        type: { type: "array", items: "File" },
        secondaryFiles: [{ pattern: ".bai", required: true }],
        inputBinding: {},
      },
      { id: "text", type: "File", inputBinding: {} },
    ],
  });
  const job = await prepared(bench, process, {
    reads: [file(`${bench.directory}/a/x.bam`), file(`${bench.directory}/b/x.bam`)],
    text: { class: "File", basename: "t.txt", contents: "literal" },
  });
  const { bytesCopied } = await stage(job);

  assert.equal(bytesCopied, 0);
  const inputs = `${bench.directory}/job/inputs`;
  assert.deepEqual(job.argv, ["cat", `${inputs}/1/x.bam`, `${inputs}/2/x.bam`, `${inputs}/3/t.txt`]);
  assert.equal(readlinkSync(`${inputs}/2/x.bam`), `${bench.directory}/b/x.bam`);
  assert.equal(readFileSync(`${inputs}/2/x.bam.bai`, "utf8"), "index of b");
  assert.equal(readFileSync(`${inputs}/3/t.txt`, "utf8"), "literal");
});

test("staging again starts afresh, without following what the first attempt's command left", async (t) => {
  const bench = toolBench(t);
  writeFileSync(`${bench.directory}/precious`, "precious");
  const process = script("true", { requirements: { initialWorkDir: { listing: [{ entryname: "c.txt", entry: "config" }] } } });
  const job = await prepared(bench, process, {});
  await stage(job);
  writeFileSync(`${job.outdir.host}/half-written`, "");
  writeFileSync(`${job.tmpdir.host}/left`, "");
  symlinkSync(bench.directory, `${job.outdir.host}/d`);

  await stage(JSON.parse(JSON.stringify(job)));

  assert.deepEqual(readdirSync(job.outdir.host), ["c.txt"]);
  assert.deepEqual(readdirSync(job.tmpdir.host), []);
  assert.equal(readFileSync(`${bench.directory}/precious`, "utf8"), "precious");
});

test("the inputs of a job can be bound again for another attempt, in a container too", async (t) => {
  const bench = toolBench(t);
  const process = tool({
    baseCommand: ["cat"],
    inputs: [
      { id: "text", type: "File", inputBinding: {} },
      { id: "d", type: "Directory" },
    ],
  });
  const literal: FileValue = { class: "File", basename: "t.txt", contents: "literal" };
  const first = await prepared(
    bench,
    process,
    { text: literal, d: { class: "Directory", basename: "d", listing: [literal] } },
    { wraps: "container" },
  );
  const second = await prepared(bench, process, JSON.parse(JSON.stringify(first.inputs)), { wraps: "container" });
  assert.deepEqual(second, first);
});

test("thousands of files of one array are links in one directory", async (t) => {
  const bench = toolBench(t);
  const given: FileValue[] = [];
  mkdirSync(`${bench.directory}/many`);
  for (let index = 0; index < 3000; index++) {
    const path = `${bench.directory}/many/${index}.txt`;
    writeFileSync(path, "");
    given.push(file(path));
  }
  const process = tool({ baseCommand: ["true"], inputs: [{ id: "all", type: { type: "array", items: "File" } }] });
  const job = await prepared(bench, process, { all: given });
  await stage(job);
  assert.equal(readdirSync(`${bench.directory}/job/inputs/1`).length, 3000);
  assert.ok(lstatSync(`${bench.directory}/job/inputs/1/2999.txt`).isSymbolicLink());
});

test("in a container a few files are mounted where they are, many are shared into one mounted directory", async (t) => {
  const bench = toolBench(t);
  const process = tool({ baseCommand: ["true"], inputs: [{ id: "all", type: { type: "array", items: "File" } }] });
  const given: FileValue[] = [];
  mkdirSync(`${bench.directory}/many`);
  for (let index = 0; index < 300; index++) {
    writeFileSync(`${bench.directory}/many/${index}`, "x");
    given.push(file(`${bench.directory}/many/${index}`));
  }
  const few = await prepared(bench, process, { all: given.slice(0, 2) }, { wraps: "container" });
  assert.deepEqual(few.mounts, [
    { source: `${bench.directory}/many/0`, target: "/cwl/in/1/0", writable: false },
    { source: `${bench.directory}/many/1`, target: "/cwl/in/1/1", writable: false },
  ]);

  const many = await prepared(bench, process, { all: given }, { wraps: "container" });
  assert.deepEqual(many.mounts, [{ source: `${bench.directory}/job/inputs`, target: "/cwl/in", writable: false }]);
  const { bytesCopied } = await stage(many);
  assert.equal(bytesCopied, 0);
  assert.equal(statSync(`${bench.directory}/job/inputs/1/299`).ino, statSync(`${bench.directory}/many/299`).ino);
});

test("a writable directory is a copy, its own links kept, links out of it replaced", async (t) => {
  const bench = toolBench(t);
  mkdirSync(`${bench.directory}/d/sub`, { recursive: true });
  writeFileSync(`${bench.directory}/d/sub/f`, "12345");
  writeFileSync(`${bench.directory}/outside`, "123");
  symlinkSync("sub/f", `${bench.directory}/d/inner`);
  symlinkSync("../outside", `${bench.directory}/d/outer`);
  const process = script("true", {
    inputs: [{ id: "d", type: "Directory" }],
    requirements: { initialWorkDir: { listing: [{ entry: "$(inputs.d)", writable: true }] } },
  });
  const job = await prepared(bench, process, { d: { class: "Directory", path: `${bench.directory}/d` } });
  const { bytesCopied } = await stage(job);

  const copy = `${job.outdir.host}/d`;
  assert.equal(readlinkSync(`${copy}/inner`), "sub/f");
  assert.ok(lstatSync(`${copy}/outer`).isFile());
  assert.ok(bytesCopied === 8 || bytesCopied === 0, "copied, or cloned where the file system can");
  assert.equal(existsSync(`${bench.directory}/job/inputs`), false);
});

test("resources are Min, else Max, else the platform's defaults; numbers may be strings or expressions", async (t) => {
  const bench = toolBench(t);
  const asked = async (fields: Partial<CommandLineTool>) => {
    const { resources, runtime } = await prepared(bench, script("true", { inputs: [{ id: "n", type: "int" }], ...fields }), {
      n: 4,
    });
    return [resources.cores, resources.ramMiB, runtime.cores, runtime.ram];
  };
  const js = { inlineJavascript: { expressionLib: [] } };
  assert.deepEqual(await asked({}), [1, 1024, 1, 1024]);
  assert.deepEqual(await asked({ requirements: { resource: { coresMin: 2, coresMax: 8, ramMax: 512.5 } } }), [2, 513, 2, 513]);
  assert.deepEqual(
    await asked({ requirements: { ...js, resource: { coresMin: "$(inputs.n / 8)", ramMin: "$('2' + '00')" } } }),
    [0.5, 200, 1, 200],
  );
  assert.deepEqual(
    await asked({
      hints: {
        other: [
          { class: "sbg:CPURequirement", value: "8" },
          { class: "https://sevenbridges.comMemRequirement", value: 3000 },
        ],
      },
    }),
    [8, 3000, 8, 3000],
  );
  await assert.rejects(
    asked({ requirements: { ...js, resource: { coresMin: "$('many')" } } }),
    /ResourceRequirement.cores: .* gave "many"/,
  );
});

test("environment, network and time limit are what the requirements say", async (t) => {
  const bench = toolBench(t);
  const job = await prepared(
    bench,
    script("true", {
      inputs: [{ id: "n", type: "int" }],
      hints: {
        envVar: [
          { name: "A", value: "hint" },
          { name: "B", value: "hint" },
        ],
      },
      requirements: {
        envVar: [{ name: "A", value: "n=$(inputs.n)" }],
        networkAccess: { networkAccess: true },
        toolTimeLimit: { timelimit: "$(inputs.n)" },
      },
    }),
    { n: 4 },
  );
  assert.deepEqual(job.env, { HOME: job.outdir.path, TMPDIR: job.tmpdir.path, A: "n=4", B: "hint" });
  assert.deepEqual([job.network, job.timeLimitSeconds], [true, 4]);
  await assert.rejects(
    prepared(bench, script("true", { requirements: { toolTimeLimit: { timelimit: -1 } } }), {}),
    /ToolTimeLimit.timelimit: -1 is no time/,
  );
});

test("an output directory of the document's is in the container, and not the root of it", async (t) => {
  const bench = toolBench(t);
  for (const [named, path] of [
    ["/../oldroot/srv", "/oldroot/srv"],
    ["work//out/", "/work/out"],
  ] as const) {
    const process = tool({ baseCommand: ["true"], hints: { docker: { dockerPull: "debian", dockerOutputDirectory: named } } });
    assert.equal((await prepared(bench, process, {}, { wraps: "container" })).outdir.path, path);
  }
  const root = tool({ baseCommand: ["true"], hints: { docker: { dockerPull: "debian", dockerOutputDirectory: "/.." } } });
  await assert.rejects(prepared(bench, root, {}, { wraps: "container" }), /is no directory for outputs/);
});
