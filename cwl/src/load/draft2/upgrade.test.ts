import assert from "node:assert/strict";
import { test } from "node:test";
import type { CommandLineTool, Workflow } from "../../model.ts";
import { loadObject } from "../index.ts";

const script = (text: string) => ({ class: "Expression", engine: "#cwl-js-engine", script: text });
const at = "app:lab/rna/count/3";

const COUNT = {
  cwlVersion: "sbg:draft-2",
  class: "CommandLineTool",
  id: "lab/rna/count/3",
  description: "Counts.",
  x: 12,
  baseCommand: ["python", "count.py", script("{ return '&& ls' }")],
  arguments: [{ prefix: "-t", valueFrom: script("$job.allocatedResources.cpu"), position: 3 }],
  inputs: [
    {
      id: "#reads",
      type: ["File"],
      required: true,
      "sbg:stageInput": "link",
      inputBinding: { "sbg:cmdInclude": true, secondaryFiles: [".idx"] },
    },
    {
      id: "#tags",
      type: ["null", { type: "array", items: "string" }],
      inputBinding: { prefix: "-e", itemSeparator: null, position: 2 },
    },
    { id: "#hidden", type: ["null", "int"], inputBinding: {} },
  ],
  outputs: [
    {
      id: "#report",
      type: ["null", "File"],
      outputBinding: {
        glob: "*.{txt,log}",
        secondaryFiles: ["^.bai"],
        "sbg:inheritMetadataFrom": "#reads",
        "sbg:metadata": { tool: "count", level: script("$job.inputs.hidden") },
      },
    },
  ],
  requirements: [
    { class: "CreateFileRequirement", fileDef: [{ filename: "count.py", fileContent: "print('$(literal)')" }] },
    { class: "ExpressionEngineRequirement", id: "#cwl-js-engine", engineConfig: ["function f() {}"] },
  ],
  hints: [
    { class: "sbg:CPURequirement", value: "2" },
    { class: "sbg:MemRequirement", value: script("1000 * 2") },
    { class: "DockerRequirement", dockerPull: "debian", dockerImageId: "" },
    { class: "sbg:AWSInstanceType", value: "c5.large" },
  ],
  stdin: "",
  stdout: script("$job.inputs.reads.name + '.txt'"),
};

const tool = async (document: object) => (await loadObject(document, at)).process as CommandLineTool;

test("a draft-2 tool becomes a line for a shell, by the rules of v1.0", async () => {
  const { cwlVersion, doc, baseCommand, arguments: parts, requirements, stdin } = await tool(COUNT);
  assert.deepEqual([cwlVersion, doc, baseCommand, stdin], ["v1.0", "Counts.", [], undefined]);
  assert.equal(requirements.shellCommand, true);
  assert.deepEqual(
    parts.map((part) => (typeof part === "string" ? part : [part.position, part.prefix, part.valueFrom, part.shellQuote])),
    [
      [-1_000_000, undefined, "python", false],
      [-999_999, undefined, "count.py", false],
      [-999_998, undefined, "${  return '&& ls' }", false],
      [3, "-t", "$(runtime.cores)", false],
    ],
  );
});

test("ports keep what a binding says, and one that says nothing is not on the line", async () => {
  const { inputs } = await tool(COUNT);
  assert.deepEqual(inputs[0]!.secondaryFiles, [{ pattern: ".idx", required: false }]);
  assert.deepEqual(inputs[0]!.inputBinding, { shellQuote: false });
  const repeated = { type: "array", items: "string", inputBinding: { prefix: "-e", shellQuote: false } };
  assert.deepEqual([inputs[1]!.type, inputs[1]!.inputBinding], [["null", repeated], { position: 2 }]);
  assert.equal(inputs[2]!.inputBinding, undefined);
});

test("files made, files staged and resources become requirements", async () => {
  const { requirements, hints } = await tool(COUNT);
  assert.deepEqual(requirements.initialWorkDir, {
    listing: [
      { entryname: "count.py", entry: "${return \"print('$(literal)')\";}" },
      { entry: "$(inputs.reads)", writable: false },
    ],
  });
  assert.deepEqual(requirements.resource, { coresMin: 2, ramMin: "${ return (1000 * 2\n);}" });
  assert.equal(requirements.inlineJavascript!.expressionLib[1], "function f() {}");
  assert.deepEqual(hints.docker, { dockerPull: "debian" });
  assert.deepEqual(hints.other, [{ class: "sbg:AWSInstanceType", value: "c5.large" }]);
});

test("outputs inherit metadata by their outputEval, and braces in globs are written out", async () => {
  const { outputs } = await tool(COUNT);
  assert.deepEqual(outputs[0]!.outputBinding!.glob, ["*.txt", "*.log"]);
  assert.match(outputs[0]!.outputBinding!.outputEval!, /\$draft2Metadata\(self, inputs\["reads"\], \{"tool": "count", "level": /);
  assert.deepEqual(outputs[0]!.secondaryFiles, [{ pattern: "^.bai", required: false }]);
});

test("statements without return count by their last value, as they did", async () => {
  const { stdout } = await tool({ ...COUNT, stdout: script("if ($job.inputs.hidden)\n 'a'\nelse\n 'b'") });
  assert.equal(
    stdout,
    `\${var $job = $draft2Job(inputs, runtime); return eval(${JSON.stringify("if ($job.inputs.hidden)\n 'a'\nelse\n 'b'")});}`,
  );
});

test("a draft-2 workflow finds its steps' ports, even where ids hold dots", async () => {
  const workflow = {
    cwlVersion: "sbg:draft-2",
    class: "Workflow",
    id: "https://causeway.example.org/v2/apps/lab/rna/wf/1/raw/",
    inputs: [{ id: "#reads", type: [{ type: "array", items: "File" }], "sbg:x": 1, batchType: "item" }],
    outputs: [
      {
        id: "#all",
        type: ["null", { type: "array", items: "File" }],
        required: false,
        source: ["#count.v1.report", "#again.report"],
      },
    ],
    steps: ["count.v1", "again"].map((id) => ({
      id: `#${id}`,
      run: COUNT,
      inputs: [
        { id: `#${id}.reads`, source: ["#reads"] },
        { id: `#${id}.tags`, default: ["a"] },
      ],
      outputs: [{ id: `#${id}.report` }],
      scatter: `#${id}.reads`,
    })),
    requirements: [],
    hints: [],
  };
  const { process } = await loadObject(workflow, at);
  const { steps, outputs } = process as Workflow;
  assert.deepEqual(
    steps.map((step) => [step.id, step.scatter, step.out, step.in.map((input) => input.id)]),
    [
      ["count.v1", ["reads"], ["report"], ["reads", "tags"]],
      ["again", ["reads"], ["report"], ["reads", "tags"]],
    ],
  );
  assert.deepEqual(outputs[0]!.outputSource, [
    { step: "count.v1", port: "report" },
    { step: "again", port: "report" },
  ]);
  assert.equal(outputs[0]!.linkMerge, "merge_flattened");
});

test("what has no counterpart is named, as not supported", async () => {
  const strange = {
    ...COUNT,
    baseCommand: [],
    arguments: [],
    stdout: { class: "Expression", engine: "#python-engine", script: "1" },
    outputs: [{ id: "#x", type: ["File"], outputBinding: { glob: "!(a).txt" } }],
    requirements: [{ class: "MapReduceRequirement" }],
  };
  await assert.rejects(tool(strange), (error: Error) => {
    for (const words of [
      "Base command empty.",
      "the requirement `MapReduceRequirement` is not supported",
      "a glob with a negation, `!(…)`, is not supported",
      'the expression engine "#python-engine" is not supported',
    ])
      assert.ok(error.message.includes(words), words);
    return true;
  });
});
