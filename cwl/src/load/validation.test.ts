import assert from "node:assert/strict";
import { test } from "node:test";
import { DocumentError, formatProblem, formatShort, loadObject, loadText, type Problem, validate } from "./index.ts";
import { fromMemory } from "./memory-documents.ts";

async function problemsOf(text: string, others: { [name: string]: string } = {}): Promise<string[]> {
  const documents = { "main.cwl": text, ...others };
  const problems = await validate("file:///lab/main.cwl", { fetchText: fromMemory(documents) });
  return problems.map(formatProblem).map((line) => line.replaceAll("/lab/", ""));
}

test("all problems of a tool are told at once, each with its place and what is allowed there", async () => {
  const problems = await problemsOf(`cwlVersion: v1.2
class: CommandLineTool
inputs:
  reads:
    type: Fil
  level:
    type: int
    inputBinding: {postion: 1}
outputs:
  - type: File
requirements:
  DockerRequirment: {dockerPull: debian}
hints:
  Whatever: {}
successCodes: 0
stdoutt: x
`);
  assert.deepEqual(problems, [
    "main.cwl:5:11: inputs.reads.type: unknown type `Fil`; did you mean `File`?",
    "main.cwl:8:20: inputs.level.inputBinding: unknown field `postion`; did you mean `position`?",
    "main.cwl:10:5: outputs[0]: `id` is missing",
    "main.cwl:12:21: requirements.DockerRequirment: unknown requirement `DockerRequirment`; did you mean `DockerRequirement`?",
    "main.cwl:15:15: successCodes: must be a list, not 0",
    "main.cwl:16:1: unknown field `stdoutt`; did you mean `stdout`?",
  ]);
});

test("problems of a workflow name the step, and those of its tools their own file", async () => {
  const problems = await problemsOf(
    `cwlVersion: v1.2
class: Workflow
inputs:
  text: File
  number: int
outputs:
  out: {type: int, outputSource: count/lins}
steps:
  count:
    run: count.cwl
    scatter: text
    in: {text: text, txt: number}
    out: [lines, words]
  again:
    run: count.cwl
    in: {text: number}
    out: [lines]
`,
    {
      "count.cwl": `cwlVersion: v1.2
class: CommandLineTool
inputs: {text: File, level: int}
outputs:
  lines: {type: int, outputBinding: {outputEval: $(1 +)}}
baseCommand: [wc, {}]
requirements: {InlineJavascriptRequirement: {}}
`,
    },
  );
  assert.deepEqual(problems, [
    "main.cwl:7:34: outputs.out.outputSource: no workflow input or step output is named `count/lins`; did you mean `count/lines`?",
    "main.cwl:11:14: steps.count.scatter: `scatter` needs `ScatterFeatureRequirement` in the requirements of the workflow",
    "main.cwl:12:9: steps.count.in: the required input `level` (int) has no source, default or valueFrom",
    "main.cwl:12:16: steps.count.in.text.source: `text` of type File does not fit type File[]",
    "main.cwl:12:27: warning: steps.count.in.txt: what the step runs has no input `txt`; did you mean `text`?",
    "main.cwl:13:10: steps.count.out: what the step runs has no output `words`; allowed are lines",
    "main.cwl:16:9: steps.again.in: the required input `level` (int) has no source, default or valueFrom",
    "main.cwl:16:16: steps.again.in.text.source: `number` of type int does not fit type File",
    "count.cwl:5:54: outputs.lines.outputBinding.outputEval: JavaScript syntax: Unexpected token ')'",
    "count.cwl:6:19: baseCommand[1]: must be a text, not a mapping",
  ]);
});

test("steps that wait for each other are told as a circle", async () => {
  const problems = await problemsOf(
    `cwlVersion: v1.2
class: Workflow
inputs: []
outputs: []
steps:
  a: {run: t.cwl, in: {x: b/y}, out: [y]}
  b: {run: t.cwl, in: {x: a/y}, out: [y]}
`,
    { "t.cwl": "{cwlVersion: v1.2, class: ExpressionTool, inputs: {x: Any}, outputs: {y: Any}, expression: $(inputs.x)}" },
  );
  assert.deepEqual(problems, ["main.cwl:6:6: steps.a: the steps wait for each other in a circle: a → b → a"]);
});

test("ids that occur twice, files that are not there and processes that run themselves are told", async () => {
  const problems = await problemsOf(`cwlVersion: v1.2
class: Workflow
requirements: {SubworkflowFeatureRequirement: {}}
inputs:
  - {id: x, type: File}
  - {id: x, type: int}
outputs: []
steps:
  a: {run: gone.cwl, in: {}, out: []}
  b: {run: main.cwl, in: {}, out: []}
`);
  assert.deepEqual(problems, [
    "main.cwl:6:5: inputs.x: the id `x` occurs twice here",
    "main.cwl:9:12: run: cannot read `gone.cwl`: there is no such file",
    "main.cwl:10:12: steps.b.run: `main.cwl` runs itself",
  ]);
});

test("a text that is no YAML is told with its place", async () => {
  assert.match((await problemsOf("a: [x\nb: }"))[0]!, /^main\.cwl:2:4: /);
  assert.match((await problemsOf("a: 1\na: 2\n"))[0]!, /^main\.cwl:2:1: the key a is here twice: first in line 1/);
});

test("fields of a later version are refused with the version that has them", async () => {
  assert.deepEqual(
    await problemsOf(
      "{cwlVersion: v1.1, class: Workflow, inputs: [], outputs: [],\nsteps: {s: {when: $(inputs.x), run: t.cwl, in: [], out: []}}}",
      { "t.cwl": "{cwlVersion: v1.0, class: CommandLineTool, inputs: {x: stdin}, outputs: [], baseCommand: ls}" },
    ),
    [
      "main.cwl:2:13: steps.s: field `when` exists since CWL v1.2, and this document is v1.1",
      "t.cwl:1:56: inputs.x.type: unknown type `stdin`; allowed are Any, Directory, File, boolean, double, float, int, long, null, string",
    ],
  );
});

test("what only fails when it runs is a warning, and the document loads", async () => {
  const warnings: Problem[] = [];
  const text = `cwlVersion: v1.2
class: CommandLineTool
inputs: []
outputs: []
arguments: [$(runtime.cores * 2)]
`;
  await loadText(text, "file:///lab/main.cwl", { onWarning: (warning) => warnings.push(warning) });
  assert.deepEqual(warnings.map(formatShort), [
    "arguments[0]: `runtime.cores * 2` is no parameter reference; JavaScript needs InlineJavascriptRequirement",
  ]);
});

test("an object has no lines, so its problems are known by their paths", async () => {
  const app = {
    cwlVersion: "v1.2",
    class: "Workflow",
    inputs: [{ id: "reads", type: "File" }],
    outputs: [],
    steps: [
      {
        id: "align",
        run: { class: "CommandLineTool", inputs: [{ id: "reads", type: "File" }], outputs: [] },
        in: [{ id: "reads", source: "raeds" }],
        out: [],
      },
    ],
  };
  await assert.rejects(loadObject(app, "app:lab/rna/align/1"), (error) => {
    assert.ok(error instanceof DocumentError);
    assert.deepEqual(error.problems.map(formatShort), [
      "steps.align.in.reads.source: no workflow input or step output is named `raeds`; did you mean `reads`?",
    ]);
    return true;
  });
});

test("a document that asks for what we do not have says so", async () => {
  const unsupported = async (text: string) =>
    (await validate("file:///lab/main.cwl", { fetchText: fromMemory({ "main.cwl": text }) })).map(
      (problem) => problem.unsupported,
    );
  const body = "class: CommandLineTool, inputs: [], outputs: [], baseCommand: ls";
  assert.deepEqual(await unsupported(`{cwlVersion: v9, ${body}}`), [true]);
  assert.deepEqual(await unsupported(`{cwlVersion: v1.2, ${body}, requirements: {"cwltool:ProcessGenerator": {}}}`), [true]);
});

test("aliases cannot make a small document huge", async () => {
  const levels = Array.from(
    { length: 30 },
    (_, level) => `l${level + 1}: &l${level + 1} [${Array(10).fill(`*l${level}`).join(", ")}]`,
  );
  const [problem] = await problemsOf(`l0: &l0 [x]\n${levels.join("\n")}\n`);
  assert.match(problem!, /the document has more than 2000000 values/);
});

test("an image that no registry can have is a warning where it stands", async () => {
  const body = "class: CommandLineTool, inputs: [], outputs: [], baseCommand: ls";
  const image = (name: string) => problemsOf(`{cwlVersion: v1.2, ${body}, hints: {DockerRequirement: {dockerPull: "${name}"}}}`);
  assert.match(
    (await image("docker pull debian"))[0]!,
    /hints\.DockerRequirement\.dockerPull: `docker pull debian` is no image reference/,
  );
  for (const name of [
    "debian",
    "docker.io/library/debian:stable-slim",
    `localhost:5000/a/b__c@sha256:${"0".repeat(64)}`,
    "images.sbgenomics.com/me/tool:1.0",
  ]) {
    assert.deepEqual(await image(name), [], name);
  }
});
