import assert from "node:assert/strict";
import { test } from "node:test";
import { DocumentError, expandFormats, jobOrderOf, loadJobOrder } from "./index.ts";
import { fromMemory } from "./memory-documents.ts";

const read = (text: string, others: { [name: string]: string } = {}) =>
  loadJobOrder("file:///lab/job.yml", { fetchText: fromMemory({ "job.yml": text, ...others }) });

test("files are located relative to the input object, wherever they stand in it", async () => {
  const { inputs } = await read(`
reads: [{class: File, path: "a b#1.fq", secondaryFiles: [{class: File, location: a%20b.idx}]}]
sample: {dir: {class: Directory, location: /data/x}, remote: {class: File, location: "s3://bucket/key"}}
literal: {class: File, basename: x, contents: hi}
`);
  assert.deepEqual(inputs, {
    reads: [
      {
        class: "File",
        location: "file:///lab/a%20b%231.fq",
        secondaryFiles: [{ class: "File", location: "file:///lab/a%20b.idx" }],
      },
    ],
    sample: { dir: { class: "Directory", location: "file:///data/x" }, remote: { class: "File", location: "s3://bucket/key" } },
    literal: { class: "File", basename: "x", contents: "hi" },
  });
});

test("imports, prefixes, the tool and requirements are taken out of the input object", async () => {
  const order = await read(
    `
$namespaces: {edam: "http://edamontology.org/"}
cwl:tool: ../tool.cwl
cwl:requirements: [{class: EnvVarRequirement, envDef: {A: $(inputs.a)}}]
a: {$import: value.yml}
text: {$include: note.txt}
f: {class: File, location: x, format: edam:format_1929}
`,
    { "value.yml": "[1, 2]", "note.txt": "line\n" },
  );
  assert.equal(order.tool, "file:///tool.cwl");
  assert.deepEqual(order.demanded.requirements, { envVar: [{ name: "A", value: "$(inputs.a)" }] });
  assert.deepEqual(order.inputs, {
    a: [1, 2],
    text: "line\n",
    f: { class: "File", location: "file:///lab/x", format: "http://edamontology.org/format_1929" },
  });
});

test("every fault of an input object is told with its line", async () => {
  await assert.rejects(read("a: {class: File}\nb:\n  - {class: Directory, basename: 1}\n"), (error) => {
    assert.ok(error instanceof DocumentError);
    assert.deepEqual(
      error.problems.map(({ line, path, message }) => [line, path, message]),
      [
        [1, "a", "a File needs `location`, `path` or `contents`"],
        [3, "b[0]", "a Directory needs `location`, `path` or `listing`"],
        [3, "b[0].basename", "must be a text, not 1"],
      ],
    );
    return true;
  });
  await assert.rejects(read("[1]"), /must be a mapping from input ids to values, not a list/);
});

test("an empty input object gives no inputs", async () => {
  assert.deepEqual((await read("")).inputs, {});
  assert.deepEqual((await jobOrderOf({}, "file:///lab/job.yml")).inputs, {});
});

test("prefixes of the tool's document hold in the input object too", () => {
  const file = { class: "File" as const, location: "file:///x", format: "edam:format_1929", metadata: { format: "edam:x" } };
  assert.deepEqual(expandFormats({ f: [file] }, { edam: "http://edamontology.org/" }), {
    f: [{ ...file, format: "http://edamontology.org/format_1929" }],
  });
});
