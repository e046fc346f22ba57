import assert from "node:assert/strict";
import { test } from "node:test";
import { script, tool } from "../jobs/tool-bench.ts";
import type { CommandLineTool, FileValue, Inputs } from "../model.ts";
import { jobKey } from "./job-key.ts";

const resources = { cores: 1, ramMiB: 1024, tmpdirMiB: 1024, outdirMiB: 1024 };
const TOOL = script("cat", { inputs: [{ id: "reads", type: "File", default: null }], outputs: [{ id: "out", type: "File" }] });
const READS: FileValue = {
  class: "File",
  location: "file:///a/r.fq",
  basename: "r.fq",
  checksum: "sha1$1234",
  metadata: { sample: "s" },
};
const key = (process: CommandLineTool = TOOL, inputs: Inputs = { reads: READS }, image = "none") =>
  jobKey(process, inputs, { image, resources }).key;

test("a key is 64 hex digits and does not depend on the order in which things are named", () => {
  assert.match(key(), /^[0-9a-f]{64}$/);
  const { metadata, checksum, basename, location } = READS;
  assert.equal(key(TOOL, { reads: { metadata, checksum, basename, location, class: "File" } as FileValue }), key());
});

for (const [what, inputs] of [
  ["its bytes", { checksum: "sha1$5678" }],
  ["its name", { basename: "q.fq" }],
  ["its format", { format: "http://edamontology.org/format_1930" }],
  ["its metadata", { metadata: { sample: "t" } }],
  [
    "a secondary file",
    { secondaryFiles: [{ class: "File", location: "/a/r.fq.fai", basename: "r.fq.fai", checksum: "sha1$9" }] },
  ],
] as [string, Partial<FileValue>][]) {
  test(`a File counts with ${what}`, () => assert.notEqual(key(TOOL, { reads: { ...READS, ...inputs } }), key()));
}

test("a File does not count with where it is", () => {
  const elsewhere = { ...READS, location: "file:///b/r.fq", path: "/b/r.fq", dirname: "/b" };
  assert.equal(key(TOOL, { reads: elsewhere }), key());
});

test("a Directory counts with what is in it, a literal with its text", () => {
  const directory = (checksum: string) => ({
    reads: { class: "Directory" as const, location: "file:///d", basename: "d", listing: [{ ...READS, checksum }] },
  });
  assert.equal(key(TOOL, directory("sha1$1")), key(TOOL, directory("sha1$1")));
  assert.notEqual(key(TOOL, directory("sha1$1")), key(TOOL, directory("sha1$2")));
  const literal = (contents: string) => ({ reads: { class: "File" as const, basename: "l", contents } });
  assert.notEqual(key(TOOL, literal("a")), key(TOOL, literal("b")));
});

test("what has not been measured has no key", () => {
  assert.throws(() => key(TOOL, { reads: { class: "File", location: "file:///a" } }), /file:\/\/\/a has no checksum/);
  assert.throws(() => key(TOOL, { reads: { class: "Directory", location: "file:///d" } }), /file:\/\/\/d has no listing/);
});

test("what only people and the scheduler read does not count", () => {
  const described: CommandLineTool = {
    ...TOOL,
    id: "other.cwl#x",
    label: "Cats",
    doc: "About cats",
    source: { file: "other.cwl", line: 3, column: 1 },
    extensions: { "sbg:author": "ana" },
    inputs: [{ ...TOOL.inputs[0]!, label: "Reads", doc: "In", extensions: { "sbg:fileTypes": "FQ" }, default: "x" }],
    requirements: { resource: { coresMin: 8 }, toolTimeLimit: { timelimit: 60 } },
    hints: { other: [{ class: "sbg:AWSInstanceType", value: "c4.large" }] },
  };
  assert.equal(key(described), key());
});

test("what the command does or sees counts: words, environment, image, version of CWL", () => {
  const others = [
    key({ ...TOOL, arguments: ["-n"] }),
    key({ ...TOOL, requirements: { envVar: [{ name: "LC_ALL", value: "C" }] } }),
    key({ ...TOOL, cwlVersion: "v1.0" }),
    key(TOOL, { reads: READS }, "sha256:abc"),
    key(),
  ];
  assert.equal(new Set(others).size, others.length);
});

test("a miss can be told by its parts", () => {
  const parts = (inputs: Inputs) =>
    jobKey(
      tool({
        inputs: [
          { id: "a", type: "int" },
          { id: "b", type: "int" },
        ],
      }),
      inputs,
      { image: "none", resources },
    ).parts;
  const [one, two] = [parts({ a: 1, b: 1 }), parts({ a: 1, b: 2 })];
  assert.equal(one.tool, two.tool);
  assert.equal(one.inputs.a, two.inputs.a);
  assert.notEqual(one.inputs.b, two.inputs.b);
});

test("tools whose ports stand in another order are of one family, those with other ports are not", () => {
  const family = (ins: string[], outs: string[]) => {
    const ports = {
      inputs: ins.map((id) => ({ id, type: "int" as const })),
      outputs: outs.map((id) => ({ id, type: "File" as const })),
    };
    return jobKey(tool(ports), Object.fromEntries(ins.map((id) => [id, 1])), { image: "none", resources }).parts.family;
  };
  assert.equal(family(["b", "a"], ["y", "x"]), family(["a", "b"], ["x", "y"]));
  assert.notEqual(family(["a", "b"], ["x", "y"]), family(["a", "b"], ["x", "z"]));
  assert.notEqual(family(["a", "b"], ["x"]), family(["a", "x"], ["b"]));
});
