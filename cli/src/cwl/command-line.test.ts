import assert from "node:assert/strict";
import { test } from "node:test";
import type { InputPort } from "@causeway/cwl";
import { readCommandLine, UsageError } from "./command-line.ts";
import { describeInputs, readInputOptions } from "./input-options.ts";
import { inputTemplate } from "./input-template.ts";

test("options, the tool, its job order and its inputs are told apart", () => {
  const read = readCommandLine(["--outdir=out", "--quiet", "--no-container", "tool.cwl", "job.yml", "--threads", "4"]);
  assert.equal(read.outdir, "out");
  assert.ok(read.quiet && read.noContainer);
  assert.equal(read.tool, "tool.cwl");
  assert.equal(read.jobOrder, "job.yml");
  assert.deepEqual(read.inputArguments, ["--threads", "4"]);
});

test("our options may follow the tool", () => {
  const read = readCommandLine(["tool.cwl", "--outdir", "out", "--podman", "--reads", "--quiet"]);
  assert.equal(read.outdir, "out");
  assert.equal(read.engine, "podman");
  assert.deepEqual(read.inputArguments, ["--reads", "--quiet"]);
});

test("help is about the runner before a tool, about the tool after one", () => {
  assert.equal(readCommandLine(["--help"]).action, "help");
  assert.equal(readCommandLine(["tool.cwl", "--help"]).action, "tool-help");
});

test("a command line that makes no sense is refused", () => {
  assert.throws(() => readCommandLine([]), UsageError);
  assert.throws(() => readCommandLine(["--outdir"]), /--outdir needs a value/);
  assert.throws(() => readCommandLine(["--unknown", "tool.cwl"]), /unknown option --unknown/);
  assert.throws(() => readCommandLine(["a.cwl", "b.yml", "c"]), /one argument too many: c/);
  assert.throws(() => readCommandLine(["--cores=none", "a.cwl"]), /--cores needs a number/);
});

const PORTS: InputPort[] = [
  { id: "reads", type: { type: "array", items: "File" }, doc: "What to align.\nMore about it." },
  { id: "threads", type: ["null", "int"], default: 2 },
  { id: "verbose", type: "boolean" },
  { id: "mode", type: { type: "enum", symbols: ["fast", "safe"] } },
  { id: "limits", type: { type: "record", fields: [{ name: "share", type: "float" }] } },
];

test("a tool's inputs are read by their types", () => {
  const argv = ["--reads", "/a.fq", "--reads=/b c.fq", "--threads", "8", "--verbose", "--mode", "safe", "--limits.share", "0.5"];
  assert.deepEqual(readInputOptions(PORTS, argv), {
    reads: [
      { class: "File", location: "file:///a.fq" },
      { class: "File", location: "file:///b%20c.fq" },
    ],
    threads: 8,
    verbose: true,
    mode: "safe",
    limits: { share: 0.5 },
  });
  assert.deepEqual(readInputOptions(PORTS, ["--verbose=false"]), { verbose: false });
  assert.deepEqual(readInputOptions([{ id: "a.b", type: "int" }], ["--a.b", "3"]), { "a.b": 3 });
});

test("an input that is not there, or of another type, is told with what there is", () => {
  assert.throws(() => readInputOptions(PORTS, ["--read", "x"]), /no input is called --read; there are: --reads --threads/);
  assert.throws(() => readInputOptions(PORTS, ["--threads", "many"]), /--threads: "many" is no int/);
  assert.throws(() => readInputOptions(PORTS, ["--mode", "slow"]), /no fast\|safe/);
  assert.throws(() => readInputOptions(PORTS, ["--mode"]), /--mode needs a value/);
});

test("a tool's inputs are described, and can be written as a job order to fill in", () => {
  assert.match(describeInputs(PORTS), /--reads File \(may be repeated\) \(required\) {2}What to align\.\n/);
  assert.match(describeInputs(PORTS), /--threads int {2}\(default: 2\)/);
  assert.match(
    inputTemplate(PORTS),
    /^reads:\n {2}- class: File\n {4}path: a\/path\nthreads: 2\nverbose: false\nmode: fast\nlimits:\n {2}share: 0.1\n$/,
  );
});
