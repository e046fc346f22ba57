import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeSandbox } from "../expressions/index.ts";
import { runFiles } from "./document-bench.ts";

after(closeSandbox);

test("CWL's own names may be written whole or with their prefix, for processes, requirements, types and versions", async (t) => {
  for (const prefix of ["cwl:", "https://w3id.org/cwl/cwl#"]) {
    const tool = `class: ${prefix}ExpressionTool
requirements:
- class: ${prefix}InlineJavascriptRequirement
- class: ${prefix}SchemaDefRequirement
  types: [{name: pair, type: record, fields: {a: "xsd:int", f: "${prefix}File?"}}]
inputs: {x: "http://www.w3.org/2001/XMLSchema#int", p: {type: pair, default: {a: 2}}}
outputs: {o: xsd:int}
expression: '$({o: inputs.x + inputs.p.a})'
`;
    const main = `cwlVersion: ${prefix}v1.2
class: ${prefix}Workflow
requirements: {"${prefix}ScatterFeatureRequirement": {}}
inputs: {x: {type: {type: array, items: xsd:int}, default: [3, 4]}}
outputs: {o: {type: "int[]", outputSource: s/o}}
steps: {s: {run: tool.cwl, scatter: x, in: {x: x}, out: [o]}}
`;
    const { outputs, warnings } = await runFiles(t, { "main.cwl": main, "tool.cwl": tool });
    assert.deepEqual([outputs.o, warnings], [[5, 6], []], prefix);
  }
});

test("standard output and error may go to files in directories that are made for them", async (t) => {
  const main = `cwlVersion: v1.2
class: CommandLineTool
baseCommand: [sh, -c, "echo out; echo err >&2"]
stdout: a/b/out.txt
stderr: logs/err.txt
inputs: []
outputs: {o: stdout, e: {type: File, outputBinding: {glob: logs/err.txt}}}
`;
  assert.deepEqual((await runFiles(t, { "main.cwl": main })).outputs, { o: "out\n", e: "err\n" });
  const out = main.replace("a/b/out.txt", "../out.txt");
  await assert.rejects(runFiles(t, { "main.cwl": out }), /stdout: "\.\.\/out\.txt" is no name of a file in the output directory/);
});

test("what a script says to its author is heard by nobody and does no harm", async (t) => {
  const main = `cwlVersion: v1.2
class: ExpressionTool
requirements: {InlineJavascriptRequirement: {expressionLib: ["function f() { console.warn('f'); return 2; }"]}}
inputs: []
outputs: {o: int}
expression: "\${ console.log('here', {a: 1}); console.error(); return {o: f()}; }"
`;
  assert.deepEqual((await runFiles(t, { "main.cwl": main })).outputs, { o: 2 });
});

test("a step that is imported from another file is a source by the name it has in the workflow", async (t) => {
  const main = `cwlVersion: v1.2
class: Workflow
inputs: []
outputs: {o: {type: string, outputSource: s/o}}
steps:
  s: {$import: parts/step.yml}
`;
  const tool = `cwlVersion: v1.2
class: ExpressionTool
requirements: {InlineJavascriptRequirement: {}}
inputs: []
outputs: {o: string}
expression: "\${ return {o: 'there'}; }"
`;
  const files = { "main.cwl": main, "parts/step.yml": "run: tool.cwl\nin: []\nout: [o]\n", "parts/tool.cwl": tool };
  assert.deepEqual((await runFiles(t, files)).outputs, { o: "there" });
});

/** A step that makes a Directory of two inputs, and one that uses it. */
const gathering = (a: string, b: string) => `cwlVersion: v1.2
class: Workflow
requirements: {InlineJavascriptRequirement: {}}
inputs: {a: {type: File, default: ${a}}, b: {type: File, default: ${b}}}
outputs: {o: {type: File, outputSource: list/o}}
steps:
  gather:
    in: {a: a, b: b}
    out: [d]
    run:
      class: ExpressionTool
      inputs: {a: File, b: File}
      outputs: {d: Directory}
      expression: "\${ return {d: {class: 'Directory', basename: 'all', listing: [inputs.a, inputs.b]}}; }"
  list:
    in: {d: gather/d}
    out: [o]
    run: {class: CommandLineTool, baseCommand: ls, inputs: {d: {type: Directory, inputBinding: {}}}, outputs: {o: stdout}}
`;

test("two things of one name in a Directory are refused where one of them would be lost; the same thing twice is not", async (t) => {
  const files = { "east/x.txt": "e", "west/x.txt": "w", "y.txt": "y" };
  const [east, west] = ["east", "west"].map((place) => `{class: File, path: ${place}/x.txt}`) as [string, string];
  const both = /inputs\.d\.listing: two things in one directory are both named x\.txt: .*east\/x\.txt and .*west\/x\.txt/;
  await assert.rejects(runFiles(t, { ...files, "main.cwl": gathering(east, west) }), both);
  const companion = `{class: File, path: y.txt, secondaryFiles: [${east}]}`;
  await assert.rejects(runFiles(t, { ...files, "main.cwl": gathering(companion, west) }), both);
  assert.equal((await runFiles(t, { ...files, "main.cwl": gathering(companion, east) })).outputs.o, "x.txt\ny.txt\n");
  const job = `d: {class: Directory, basename: dd, listing: [${east}, ${west}]}\n`;
  const tool = "cwlVersion: v1.0\nclass: CommandLineTool\nbaseCommand: ls\ninputs: {d: Directory}\noutputs: []\n";
  await assert.rejects(runFiles(t, { ...files, "main.cwl": tool, "job.yml": job }), both);
});

test("a Directory made of a listing is passed on by outputEval and cwl.output.json, with what is in it", async (t) => {
  const pass = (command: string, binding: string) => `cwlVersion: v1.2
class: Workflow
requirements: {InlineJavascriptRequirement: {}}
inputs: {d: Directory}
outputs: {o: {type: File, outputSource: list/o}}
steps:
  pass:
    in: {d: d}
    out: [d, inner]
    run:
      class: CommandLineTool
      baseCommand: [sh, -c]
      arguments: [${command}, $(inputs.d.path)]
      inputs: {d: Directory}
      outputs: {d: {type: Directory${binding}}, inner: {type: Directory?, outputBinding: {outputEval: '$(inputs.d.listing[0])'}}}
  list:
    in: {d: pass/d}
    out: [o]
    run: {class: CommandLineTool, baseCommand: ls, inputs: {d: {type: Directory, inputBinding: {}}}, outputs: {o: stdout}}
`;
  const inner = "{class: Directory, basename: in, listing: [{class: File, path: a.txt}]}";
  const job = `d: {class: Directory, basename: dd, listing: [${inner}, {class: File, path: b.txt}]}\n`;
  const files = { "a.txt": "a", "b.txt": "b", "job.yml": job };
  const written = `'echo "{\\"d\\": {\\"class\\": \\"Directory\\", \\"path\\": \\"$0\\"}}" > cwl.output.json'`;
  for (const main of [pass('"true"', ", outputBinding: {outputEval: $(inputs.d)}"), pass(written, "")])
    assert.equal((await runFiles(t, { ...files, "main.cwl": main })).outputs.o, "b.txt\nin\n");
});

test("an input that a workflow passes on is an output like others, without what expressions see of it", async (t) => {
  const main = `cwlVersion: v1.2
class: Workflow
inputs: {f: File, d: Directory}
outputs: {f: {type: File, outputSource: f}, d: {type: Directory, outputSource: d}}
steps: []
`;
  const job = "f: {class: File, path: a.txt}\nd: {class: Directory, path: d}\n";
  const { raw } = await runFiles(t, { "main.cwl": main, "job.yml": job, "a.txt": "a", "d/x": "x" });
  assert.doesNotMatch(JSON.stringify(raw), /metadata|"path"|dirname/);
});
