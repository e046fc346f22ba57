import assert from "node:assert/strict";
import { test } from "node:test";
import type { CommandLineTool, Workflow } from "../model.ts";
import { load, loadObject, loadText } from "./index.ts";
import { fromMemory } from "./memory-documents.ts";

const at = "file:///lab/main.cwl";
const loadFrom = (documents: { [name: string]: string }, name = "main.cwl") =>
  load(`file:///lab/${name}`, { fetchText: fromMemory(documents) });
const tool = async (text: string) => (await loadText(text, at)).process as CommandLineTool;

test("maps and lists of ports, and every short form of a type, give the same ports", async () => {
  const asMap = await tool(`
cwlVersion: v1.2
class: CommandLineTool
inputs:
  reads: File[]?
  pairs: {type: "File[][]"}
  level: [int, string]
outputs: {}
baseCommand: echo`);
  const asList = await tool(`{
  "cwlVersion": "v1.2", "class": "CommandLineTool", "baseCommand": ["echo"], "outputs": [],
  "inputs": [
    {"id": "#reads", "type": ["null", {"type": "array", "items": "File"}]},
    {"id": "#main/pairs", "type": {"type": "array", "items": {"type": "array", "items": "File"}}},
    {"id": "level", "type": ["int", "string"]}
  ]}`);
  assert.deepEqual(asMap.inputs, asList.inputs);
  assert.deepEqual(asMap.inputs[0], { id: "reads", type: ["null", { type: "array", items: "File" }] });
  assert.deepEqual(asMap.baseCommand, asList.baseCommand);
});

test("types of SchemaDefRequirement can come from another file, in any order, and name each other", async () => {
  const { process } = await loadFrom({
    "main.cwl": `
cwlVersion: v1.2
class: CommandLineTool
requirements:
  SchemaDefRequirement:
    types: [{$import: types.yml}]
inputs:
  sample: "types.yml#sample"
  kind: types.yml#kind
outputs: []
baseCommand: echo`,
    "types.yml": `
- name: sample
  type: record
  fields:
    kind: kind
    reads: File[]
- {name: kind, type: enum, symbols: [tumor, normal]}`,
  });
  const kind = { type: "enum", symbols: ["tumor", "normal"], name: "kind" };
  assert.deepEqual(process.inputs[1]!.type, kind);
  assert.deepEqual(process.inputs[0]!.type, {
    type: "record",
    name: "sample",
    fields: [
      { name: "kind", type: kind },
      { name: "reads", type: { type: "array", items: "File" } },
    ],
  });
});

test("imports, includes and mixins are put in place at any depth, relative to the file they stand in", async () => {
  const { process } = await loadFrom({
    "main.cwl": `
cwlVersion: v1.2
class: CommandLineTool
hints: [{$import: docker.yml}]
requirements:
  - class: InlineJavascriptRequirement
    expressionLib: [{$include: library.js}]
inputs:
  reads: {$mixin: port.yml, label: Reads}
outputs: []
baseCommand: echo`,
    "docker.yml": "class: DockerRequirement\ndockerPull: {$include: image.txt}",
    "image.txt": "debian:stable",
    "library.js": "function twice(x) { return 2 * x; }",
    "port.yml": "type: File\nlabel: Anything\ndoc: text",
  });
  assert.deepEqual(process.hints.docker, { dockerPull: "debian:stable" });
  assert.deepEqual(process.requirements.inlineJavascript, { expressionLib: ["function twice(x) { return 2 * x; }"] });
  assert.deepEqual(process.inputs, [{ id: "reads", type: "File", label: "Reads", doc: "text" }]);
});

const PACKED = `{
  "cwlVersion": "v1.2",
  "$graph": [
    {"class": "CommandLineTool", "id": "#count", "baseCommand": "wc", "stdout": "n",
     "inputs": [{"id": "#count/text", "type": "File"}],
     "outputs": [{"id": "#count/n", "type": "stdout"}]},
    {"class": "Workflow", "id": "#main",
     "inputs": [{"id": "#main/text", "type": "File"}],
     "outputs": [{"id": "#main/n", "type": "File", "outputSource": "#main/step/n"}],
     "steps": [{"id": "#main/step", "run": "#count", "in": [{"id": "#main/step/text", "source": "#main/text"}], "out": ["#main/step/n"]}]}
  ]
}`;

test("a packed document runs its #main, or the process that is named", async () => {
  const main = (await loadFrom({ "main.cwl": PACKED })).process as Workflow;
  assert.equal(main.id, "file:///lab/main.cwl#main");
  assert.deepEqual(main.steps[0]!.in[0]!.source, [{ port: "text" }]);
  assert.deepEqual(main.outputs[0]!.outputSource, [{ step: "step", port: "n" }]);
  assert.equal(main.steps[0]!.run.id, "file:///lab/main.cwl#count");
  const named = await load("file:///lab/main.cwl#count", { fetchText: fromMemory({ "main.cwl": PACKED }) });
  assert.equal(named.process.class, "CommandLineTool");
});

test("a stored app, whose id is a URL that its links do not repeat, still finds its sources", async () => {
  const app = JSON.parse(PACKED).$graph[1];
  app.id = "https://causeway.example.org/v2/apps/lab/rna/count/1/raw/";
  app.cwlVersion = "v1.2";
  app.steps[0].run = { ...JSON.parse(PACKED).$graph[0], id: "lab/rna/count/1" };
  const { process } = await loadObject(app, "causeway:lab/rna/count/1");
  assert.deepEqual((process as Workflow).outputs[0]!.outputSource, [{ step: "step", port: "n" }]);
});

test("steps run files, and each process keeps the version it was written in", async () => {
  const { process } = await loadFrom({
    "main.cwl": `
cwlVersion: v1.2
class: Workflow
inputs: {text: File}
outputs: {}
steps:
  old: {run: old.cwl, in: {text: text}, out: []}
  new: {run: "sub/new.cwl", in: {text: text}, out: []}`,
    "old.cwl": "{cwlVersion: v1.0, class: CommandLineTool, inputs: {text: File}, outputs: [], baseCommand: wc}",
    "new.cwl": "{cwlVersion: v1.2, class: CommandLineTool, inputs: {text: File}, outputs: [], baseCommand: wc}",
  });
  const [old, current] = (process as Workflow).steps.map((step) => step.run);
  assert.equal(old!.cwlVersion, "v1.0");
  assert.deepEqual(old!.hints.networkAccess, { networkAccess: true });
  assert.equal(current!.cwlVersion, "v1.2");
  assert.equal(current!.hints.networkAccess, undefined);
});

test("defaults of v1.0 do not reach a v1.2 tool inside a v1.0 workflow", async () => {
  const { process } = await loadFrom({
    "main.cwl": "{cwlVersion: v1.0, class: Workflow, inputs: [], outputs: [], steps: {s: {run: new.cwl, in: [], out: []}}}",
    "new.cwl": "{cwlVersion: v1.2, class: CommandLineTool, inputs: [], outputs: [], baseCommand: ls}",
  });
  assert.deepEqual(process.hints.loadListing, { loadListing: "deep_listing" });
  assert.equal((process as Workflow).steps[0]!.run.hints.loadListing, undefined);
});

test("the nearest requirement wins, and any requirement wins over a hint", async () => {
  const { process } = await loadFrom({
    "main.cwl": `
cwlVersion: v1.2
class: Workflow
requirements:
  ResourceRequirement: {coresMin: 1}
  EnvVarRequirement: {envDef: {A: workflow}}
hints:
  NetworkAccess: {networkAccess: true}
inputs: []
outputs: []
steps:
  s:
    requirements: {ResourceRequirement: {coresMin: 2}}
    in: []
    out: []
    run:
      class: CommandLineTool
      inputs: []
      outputs: []
      baseCommand: ls
      hints:
        ResourceRequirement: {coresMin: 3}
        EnvVarRequirement: {envDef: {A: tool}}
        "sbg:AWSInstanceType": {value: c5.large}`,
  });
  const { run, requirements } = (process as Workflow).steps[0]!;
  assert.deepEqual(requirements.resource, { coresMin: 2 });
  assert.deepEqual(run.requirements, { resource: { coresMin: 2 }, envVar: [{ name: "A", value: "workflow" }] });
  assert.deepEqual(run.hints, {
    networkAccess: { networkAccess: true },
    other: [{ value: "c5.large", class: "sbg:AWSInstanceType" }],
  });
});

test("standard streams as types get a name and a glob, the same at every load", async () => {
  const text =
    "{cwlVersion: v1.2, class: CommandLineTool, inputs: {text: stdin}, outputs: {a: stdout, b: stderr}, baseCommand: cat}";
  const first = await tool(text);
  assert.equal(first.stdin, "$(inputs.text.path)");
  assert.deepEqual(first.outputs[0]!.outputBinding, { glob: [first.stdout] });
  assert.deepEqual(first.outputs[1]!.outputBinding, { glob: [first.stderr] });
  assert.notEqual(first.stdout, first.stderr);
  assert.deepEqual(await tool(text), first);
});

test("secondary files say whether they are required, by side, by mark and by version", async () => {
  const ports = (version: string) => `
cwlVersion: ${version}
class: CommandLineTool
inputs: {bam: {type: File, secondaryFiles: [.bai, .csi?]}}
outputs: {out: {type: File, secondaryFiles: .bai, outputBinding: {glob: x}}}
baseCommand: ls`;
  const current = await tool(ports("v1.2"));
  assert.deepEqual(current.inputs[0]!.secondaryFiles, [
    { pattern: ".bai", required: true },
    { pattern: ".csi", required: false },
  ]);
  assert.deepEqual(current.outputs[0]!.secondaryFiles, [{ pattern: ".bai", required: false }]);
  assert.deepEqual((await tool(ports("v1.0"))).inputs[0]!.secondaryFiles![1], { pattern: ".csi?", required: true });
});

test("extensions that v1.1 took over work in v1.0 under their old names", async () => {
  const { hints, requirements } = await tool(`
cwlVersion: v1.0
$namespaces: {cwltool: "http://commonwl.org/cwltool#"}
class: CommandLineTool
requirements: {"cwltool:TimeLimit": {timelimit: 9}}
hints:
  - {class: "cwltool:WorkReuse", enableReuse: false}
  - {class: "http://commonwl.org/cwltool#LoadListingRequirement", loadListing: no_listing}
inputs: []
outputs: []
baseCommand: ls`);
  assert.deepEqual(requirements, { toolTimeLimit: { timelimit: 9 } });
  assert.deepEqual(hints, {
    networkAccess: { networkAccess: true },
    loadListing: { loadListing: "no_listing" },
    workReuse: { enableReuse: false },
  });
});

test("files in defaults are located relative to the document they stand in", async () => {
  const { inputs } = await tool(`
cwlVersion: v1.2
class: CommandLineTool
inputs:
  a: {type: File, default: {class: File, location: "data/a%23b.txt"}}
  b: {type: File, default: {class: File, path: "data/a#b.txt"}}
outputs: []
baseCommand: ls`);
  for (const port of inputs) assert.deepEqual(port.default, { class: "File", location: "file:///lab/data/a%23b.txt" });
});

test("formats are related by the ontologies of $schemas, as far as ports ask", async () => {
  const { formats, process } = await loadFrom({
    "main.cwl": `
cwlVersion: v1.2
$namespaces: {edam: "http://edamontology.org/"}
$schemas: [terms.ttl]
class: CommandLineTool
inputs: {text: {type: File, format: edam:format_2330}}
outputs: []
baseCommand: ls`,
    "terms.ttl": `@prefix : <http://edamontology.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:format_1929 rdfs:subClassOf :format_2200 . :format_2200 rdfs:subClassOf :format_2330 . :other rdfs:subClassOf :more .`,
  });
  assert.deepEqual(process.inputs[0]!.format, ["http://edamontology.org/format_2330"]);
  const plainText = ["http://edamontology.org/format_2330"];
  assert.deepEqual(formats, {
    "http://edamontology.org/format_2200": plainText,
    "http://edamontology.org/format_1929": plainText,
  });
});

test("what the input object demands stands for the tool's own requirement", async () => {
  const demanded = { requirements: { envVar: [{ name: "A", value: "asked" }] }, hints: {} };
  const text =
    "{cwlVersion: v1.2, class: CommandLineTool, requirements: {EnvVarRequirement: {envDef: {A: own}}}, inputs: [], outputs: [], baseCommand: ls}";
  const { process } = await loadText(text, at, { demanded });
  assert.deepEqual(process.requirements.envVar, demanded.requirements.envVar);
});

test("a document is not read from the network unless the caller says so", async () => {
  await assert.rejects(load("https://example.org/tool.cwl"), /documents are not read from the network here/);
});

test("lines may end with a carriage return alone, as old editors write them", async () => {
  const text = "cwlVersion: v1.2\rclass: CommandLineTool\rbaseCommand: echo\rinputs: {}\routputs: {}\r";
  assert.deepEqual((await tool(text)).baseCommand, ["echo"]);
  await assert.rejects(tool(text.replace("echo", "[")), /main\.cwl:\d+:\d+: /);
});
