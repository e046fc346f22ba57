import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeSandbox } from "../expressions/index.ts";
import type { FileValue } from "../model.ts";
import { runFiles } from "./document-bench.ts";

after(closeSandbox);

const JS = "InlineJavascriptRequirement: {}";
const expressionTool = (fields: string, version = "v1.2") => `cwlVersion: ${version}
class: ExpressionTool
requirements: {${JS}}
${fields}
`;

const NOTES = { "a.txt": "left", "b.txt": "right", "job.yml": "" };

for (const version of ["v1.0", "v1.1", "v1.2"]) {
  test(`loadContents in the binding of a type is obeyed wherever the type stands, in ${version}`, async (t) => {
    const loaded = "{type: array, items: File, inputBinding: {loadContents: true}}";
    const main = expressionTool(
      `inputs:
  list: {type: ${loaded}}
  maybe: {type: ["null", ${loaded}]}
  nested: {type: {type: array, items: ${loaded}}}
  record:
    type:
      type: record
      fields:
        one: {type: File, inputBinding: {loadContents: true}}
        many: {type: ${loaded}}
        bare: {type: File}
outputs: {all: "string[]"}
expression: |
  \${
    var r = inputs.record;
    var all = inputs.list.concat(inputs.maybe, inputs.nested[0], r.many, [r.one, r.bare]);
    return {all: all.map(function (f) { return f.contents === undefined ? "none" : f.contents; })};
  }`,
      version,
    );
    const a = "{class: File, path: a.txt}";
    const job = `list: [${a}, {class: File, path: b.txt}]\nmaybe: [${a}]\nnested: [[${a}]]\nrecord: {one: ${a}, many: [${a}], bare: ${a}}\n`;
    const { outputs } = await runFiles(t, { ...NOTES, "main.cwl": main, "job.yml": job });
    assert.deepEqual(outputs.all, ["left", "right", "left", "left", "left", "left", "none"]);
  });
}

test("literals without a name get one, the same each time, in every place of an output", async (t) => {
  const main = expressionTool(`inputs: []
outputs: {file: File, list: "File[]", folder: Directory, record: {type: {type: record, fields: {f: File}}}}
expression: |
  \${
    var f = {class: "File", contents: "by hand"};
    return {file: f, list: [f, {class: "File", contents: "other", secondaryFiles: [f]}], folder: {class: "Directory", listing: [f]}, record: {f: f}};
  }`);
  const first = (await runFiles(t, { "main.cwl": main })).raw;
  const name = (first.file as unknown as FileValue).basename!;
  assert.match(name, /^literal-[0-9a-f]{12}$/);
  const names = JSON.stringify(first).match(/"basename":"[^"]+"/g);
  assert.equal(names?.length, 7);
  assert.deepEqual((await runFiles(t, { "main.cwl": main })).raw, first);

  const tool = `cwlVersion: v1.2
class: CommandLineTool
requirements: {${JS}}
baseCommand: "true"
inputs: []
outputs: {f: {type: File, outputBinding: {outputEval: '$({class: "File", contents: "by hand"})'}}}
`;
  assert.equal(((await runFiles(t, { "main.cwl": tool })).raw.f as unknown as FileValue).basename, name);
});

test("a File or Directory of nothing is refused with what it needs, wherever it stands", async (t) => {
  const gives = (value: string) =>
    runFiles(t, { "main.cwl": expressionTool(`inputs: []\noutputs: {o: Any}\nexpression: '$({o: ${value}})'`) });
  await assert.rejects(gives('{class: "File"}'), /outputs\.o: a File needs a location, a path or contents/);
  await assert.rejects(gives('{class: "Directory"}'), /outputs\.o: a Directory needs a location, a path or a listing/);
  await assert.rejects(
    gives('{class: "Directory", listing: [{class: "File", basename: "x"}]}'),
    /outputs\.o\.listing\[0\]: a File needs a location/,
  );
});

const BOX = `{name: box, type: record, fields: {side: {type: int, inputBinding: {prefix: --side}}}}`;
const draw = (types: string, type: string) => `cwlVersion: v1.2
class: CommandLineTool
requirements: {SchemaDefRequirement: {types: ${types}}}
baseCommand: echo
inputs: {b: {type: ${type}, inputBinding: {}, default: {side: 7}}}
outputs: {out: stdout}
`;

test("a fragment of a file, and of the same document, is imported by its name", async (t) => {
  const outputs = async (files: { [path: string]: string }) => (await runFiles(t, files)).outputs;
  const shown = { out: "--side 7\n" };
  const imported = draw("[{$import: 'types.yml#box'}]", "types.yml#box");
  assert.deepEqual(await outputs({ "main.cwl": imported, "types.yml": BOX }), shown);
  assert.deepEqual(
    await outputs({ "main.cwl": imported, "types.yml": `[{name: lid, type: enum, symbols: [x]}, ${BOX}]` }),
    shown,
  );
  assert.deepEqual(
    await outputs({
      "main.cwl": imported.replace("type: types.yml#box", "type: inner.yml#box"),
      "types.yml": "- $import: inner.yml\n- {name: lid, type: enum, symbols: [x]}\n",
      "inner.yml": BOX,
    }),
    shown,
  );
  const packed = (second: string, types: string) => `cwlVersion: v1.2
$graph:
- class: CommandLineTool
  id: draw
  requirements: {SchemaDefRequirement: {types: ${types}}}
  baseCommand: echo
  inputs: {b: {type: '#draw/box', inputBinding: {}}}
  outputs: {out: stdout}
- class: Workflow
  id: main
  requirements: {SchemaDefRequirement: {types: [{$import: '${second}'}]}}
  inputs: {b: {type: '#draw/box', default: {side: 7}}}
  outputs: {out: {type: File, outputSource: one/out}}
  steps: {one: {run: '#draw', in: {b: b}, out: [out]}}
`;
  assert.deepEqual(await outputs({ "main.cwl": packed("#draw/box", `[${BOX}]`) }), shown);
  assert.deepEqual(await outputs({ "main.cwl": packed("#box", `[${BOX}]`) }), shown);
  assert.deepEqual(
    await outputs({
      "main.cwl": packed("#box", "{box: {type: record, fields: {side: {type: int, inputBinding: {prefix: --side}}}}}"),
    }),
    shown,
  );
});

test("imports that do go in a circle are refused", async (t) => {
  const a = draw("[{$import: 'a.yml'}]", "Any");
  await assert.rejects(
    runFiles(t, { "main.cwl": a, "a.yml": "[{$import: b.yml}]", "b.yml": "[{$import: a.yml}]" }),
    /`a\.yml` imports itself/,
  );
  const own = "{name: x, type: record, fields: {y: {$import: '#x'}}}";
  await assert.rejects(runFiles(t, { "main.cwl": a, "a.yml": own }), /`#x` imports itself/);
});

test("only what stands where a type does makes one type need another", async (t) => {
  const tube = (field: string) =>
    runFiles(t, {
      "main.cwl": draw("[{$import: tube.yml}]", '["null", tube.yml#tube]').replace("{side: 7}", "{code: T7}"),
      "tube.yml": `{name: tube, label: tube, doc: tube, type: record, fields: {code: ${field}}}`,
    });
  for (const field of [
    "{type: string, label: tube, inputBinding: {prefix: -c}}",
    "{type: string, doc: [tube, tube], inputBinding: {prefix: -c}}",
    "{type: string, inputBinding: {prefix: -c, valueFrom: $(self)}, format: tube}",
    "{type: [string, {type: enum, name: code, symbols: [tube]}], inputBinding: {prefix: -c}}",
  ])
    assert.deepEqual((await tube(field)).outputs, { out: "-c T7\n" });
  await assert.rejects(tube('{type: ["null", tube]}'), /type `tube` contains itself/);
  await assert.rejects(tube("{type: {type: array, items: tube}}"), /type `tube` contains itself/);
});

test("an output of a workflow without a source is null, with a warning", async (t) => {
  const main = `cwlVersion: v1.2
class: Workflow
inputs: {w: {type: string, default: hi}}
outputs: {later: File, list: {type: "string[]"}, w: {type: string, outputSource: w}}
steps: {}
`;
  const { outputs, warnings } = await runFiles(t, { "main.cwl": main });
  assert.deepEqual(outputs, { later: null, list: null, w: "hi" });
  assert.equal(warnings.length, 2);
  assert.match(warnings[0]!, /main\.cwl:4:\d+: warning: outputs\.later: without `outputSource` its value is null/);
});

test("requirements whose only field has a default may be empty", async (t) => {
  for (const requirement of ["LoadListingRequirement", "WorkReuse"]) {
    for (const list of ["requirements", "hints"]) {
      const main = `cwlVersion: v1.2\nclass: CommandLineTool\n${list}: {${requirement}: {}}\nbaseCommand: "true"\ninputs: []\noutputs: []\n`;
      assert.deepEqual((await runFiles(t, { "main.cwl": main })).outputs, {});
    }
  }
});

test("a version is read with the prefix of CWL's vocabulary; a near miss is told with what is meant", async (t) => {
  const versioned = (version: string) =>
    runFiles(t, { "main.cwl": `cwlVersion: ${version}\nclass: CommandLineTool\nbaseCommand: "true"\ninputs: []\noutputs: []\n` });
  for (const version of ["cwl:v1.0", "cwl:v1.1", "cwl:v1.2", "https://w3id.org/cwl/cwl#v1.2"]) await versioned(version);
  for (const [written, meant] of [
    ["1.2", "v1.2"],
    ["1.0", "v1.0"],
    ["1", "v1.0"],
    ['"1.1"', "v1.1"],
    ["V1.2", "v1.2"],
    ["v1.2.1", "v1.2"],
  ])
    await assert.rejects(versioned(written!), new RegExp(`main\\.cwl:1:13: cwlVersion: .*did you mean \`${meant}\``));
  await assert.rejects(
    versioned("draft-3"),
    /version `draft-3` is not supported; this engine has v1\.0, v1\.1, v1\.2 and sbg:draft-2/,
  );
});

test("what a requirement asks for and is not there is refused; a hint is a wish", async (t) => {
  const asking = (list: string, amount: string) =>
    runFiles(
      t,
      {
        "main.cwl": `cwlVersion: v1.2\nclass: CommandLineTool\n${list}: {ResourceRequirement: {${amount}}}\nbaseCommand: "true"\ninputs: []\noutputs: []\n`,
      },
      { machine: { cores: 2, ramMiB: 4096, advice: "ask less" } },
    );
  await assert.rejects(
    asking("requirements", "ramMin: 90000000"),
    /ResourceRequirement\.ramMin: 90000000 MiB \(85\.8 TiB\) of memory are asked for, and there are only 4096 MiB \(4\.0 GiB\) here; ask less/,
  );
  await assert.rejects(asking("requirements", "ramMax: 5000"), /5000 MiB/);
  await assert.rejects(
    asking("requirements", "coresMin: 3"),
    /ResourceRequirement\.coresMin: 3 cores are asked for, and there are only 2 here/,
  );
  assert.deepEqual((await asking("hints", "ramMin: 90000000")).outputs, {});
  assert.deepEqual((await asking("requirements", "ramMin: 4096, coresMin: 2")).outputs, {});
});

test("a default that is not of its type is said where it stands, and matters only where it is used", async (t) => {
  const tool = `cwlVersion: v1.2
class: CommandLineTool
baseCommand: echo
inputs:
  n: {type: int, default: "8", inputBinding: {}}
  r: {type: {type: record, fields: {a: "int[]"}}, default: {a: [1, x]}}
outputs: {out: stdout}
`;
  const { outputs, warnings } = await runFiles(t, { "main.cwl": tool, "job.yml": "n: 3\nr: {a: []}\n" });
  assert.deepEqual(outputs, { out: "3\n" });
  assert.match(
    warnings[0]!,
    /main\.cwl:5:27: warning: inputs\.n\.default: the default does not fit the input's type: expected int, got the string "8"/,
  );
  assert.match(warnings[1]!, /main\.cwl:6:\d+: warning: inputs\.r\.default: .* a\[1\]: expected int, got the string "x"/);
  await assert.rejects(runFiles(t, { "main.cwl": tool, "job.yml": "r: {a: []}\n" }), /inputs\.n: expected int/);
  const workflow = `cwlVersion: v1.2
class: Workflow
inputs: []
outputs: []
steps: {s: {run: tool.cwl, in: {n: {default: many}, r: {default: {a: []}}}, out: []}}
`;
  const step = await runFiles(t, { "main.cwl": workflow, "tool.cwl": tool }).catch((error: Error) => error);
  assert.match(String(step), /inputs\.n: expected int, got the string "many"/);
});

test("too many files, and two files of one name, are told by their names", async (t) => {
  const tool = (fields: string) => `cwlVersion: v1.2\nclass: CommandLineTool\n${fields}\n`;
  const globbing = (command: string) =>
    runFiles(t, {
      "main.cwl": tool(
        `baseCommand: [touch, ${command}]\ninputs: []\noutputs: {one: {type: File, outputBinding: {glob: "*.txt"}}}`,
      ),
    });
  await assert.rejects(
    globbing("a.txt, b.txt"),
    /outputs\.one: 2 files \("a\.txt", "b\.txt"\) match "\*\.txt" where one is wanted/,
  );
  await assert.rejects(globbing("a.txt, b.txt, c.txt, d.txt, e.txt, f.txt"), /6 files \("a\.txt", .*"e\.txt", …\) match/);
  const staged = (listing: string) =>
    runFiles(t, {
      "main.cwl": tool(
        `requirements: {InitialWorkDirRequirement: {listing: ${listing}}}\nbaseCommand: "true"\ninputs: {a: File, b: File}\noutputs: []`,
      ),
      "job.yml": "a: {class: File, path: east/x.txt}\nb: {class: File, path: west/x.txt}\n",
      "east/x.txt": "e",
      "west/x.txt": "w",
    });
  await assert.rejects(staged("[$(inputs.a), $(inputs.b)]"), /east\/x\.txt and \S*west\/x\.txt/);
  await assert.rejects(staged("[$(inputs.a), {entryname: x.txt, entry: text}]"), /east\/x\.txt and a File made of contents/);
});
