import assert from "node:assert/strict";
import { test } from "node:test";
import type { Workflow } from "../model.ts";
import { DEFAULT_LOAD_LIMITS, DOCUMENT_LIMITS, DocumentError, load, loadLimitsIn, loadObject, loadText } from "./index.ts";
import { fromMemory } from "./memory-documents.ts";

const at = "file:///lab/main.cwl";

/** Workflows that each run the next one twice; the last one a tool. */
const twice = (levels: number, hints: (step: string, level: number) => object = () => ({})) => ({
  cwlVersion: "v1.2",
  $graph: [
    ...Array.from({ length: levels }, (_, level) => ({
      class: "Workflow",
      id: level === 0 ? "main" : `w${level}`,
      requirements: { SubworkflowFeatureRequirement: {} },
      inputs: {},
      outputs: {},
      steps: Object.fromEntries(
        ["a", "b"].map((step) => [step, { run: `#w${level + 1}`, in: {}, out: [], hints: hints(step, level) }]),
      ),
    })),
    { class: "CommandLineTool", id: `w${levels}`, inputs: {}, outputs: {}, baseCommand: "true" },
  ],
});

const stepsOf = (count: number) =>
  `cwlVersion: v1.2\nclass: Workflow\ninputs: {}\noutputs: {}\nsteps:\n${Array.from(
    { length: count },
    (_, index) => `  s${index}: {run: "#tool", in: {}, out: []}\n`,
  ).join("")}`;

async function refusal(loading: Promise<unknown>): Promise<string> {
  const error = await loading.then(
    () => assert.fail("it loads"),
    (caught) => caught,
  );
  assert.ok(error instanceof DocumentError, String(error));
  return error.message;
}

test("steps of nested workflows are counted without going through them", async () => {
  assert.match(
    await refusal(loadObject(twice(40), at)),
    /it has 2,199,023,255,550 steps, with those of the workflows that it runs, and 10,000 are allowed \(CAUSEWAY_DOCUMENT_STEPS\)/,
  );
  // Each in surroundings of its own, so that nothing can be shared.
  const hints = (step: string, level: number) => ({ [`sbg:${step}${level}`]: {} });
  assert.match(await refusal(loadObject(twice(40, hints), at)), /CAUSEWAY_DOCUMENT_STEPS/);
  assert.match(await refusal(loadObject(twice(2000), at)), /its workflows run each other 201 deep, and 200 are allowed/);
  assert.match(await refusal(loadText(stepsOf(10_001), at)), /it has 10,001 steps/);
});

test("a process that is used in many places is compiled once, and is the same one in all of them", async () => {
  const { process } = await loadObject(twice(12), at);
  for (let workflow = process as Workflow; ; workflow = workflow.steps[0]!.run as Workflow) {
    assert.equal(workflow.steps[0]!.run, workflow.steps[1]!.run);
    if (workflow.steps[0]!.run.class !== "Workflow") break;
  }
  const file = "{cwlVersion: v1.2, class: CommandLineTool, inputs: {}, outputs: {}, baseCommand: 'true'}";
  const documents = { "main.cwl": stepsOf(3).replaceAll("#tool", "tool.cwl"), "tool.cwl": file };
  const { steps } = (await load(at, { fetchText: fromMemory(documents) })).process as Workflow;
  assert.equal(new Set(steps.map(({ run }) => run)).size, 1);
});

test("a process in other surroundings is another one", async () => {
  const hints = (step: string) => ({ "sbg:AWSInstanceType": { value: step } });
  const { steps } = (await loadObject(twice(3, hints), at)).process as Workflow;
  assert.notEqual(steps[0]!.run, steps[1]!.run);
  assert.deepEqual(
    steps.map(({ run }) => run.hints.other),
    ["a", "b"].map((value) => [{ class: "sbg:AWSInstanceType", value }]),
  );
});

const ALIASES = `cwlVersion: v1.2
class: CommandLineTool
inputs: {}
outputs: {}
baseCommand: "true"
sbg:a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
sbg:b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
sbg:c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
sbg:d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
sbg:e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
`;

test("what a document would grow to by aliases and files is counted, and the message names the limit and its setting", async () => {
  assert.match(
    await refusal(loadText(`${ALIASES}sbg:f: [*e, *e, *e, *e]`, at)),
    /it has 5\d\d,\d{3} values, and 500,000 are allowed \(CAUSEWAY_DOCUMENT_ENTRIES\)/,
  );
  assert.match(
    await refusal(loadText(`${ALIASES}sbg:f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]\nsbg:g: [*f, *f, *f]`, at)),
    /values/,
  );
  const limits = { ...DEFAULT_LOAD_LIMITS, bytes: 1000, entries: 1000 };
  const tool = (doc: string) =>
    `{"cwlVersion": "v1.2", "class": "CommandLineTool", "inputs": {}, "outputs": {}, "baseCommand": "x", "doc": ${doc}}`;
  assert.match(
    await refusal(loadText(tool(JSON.stringify("x".repeat(1000))), at, { limits })),
    /it has 1,\d{3} bytes, and 1,000 are allowed \(CAUSEWAY_DOCUMENT_BYTES\)/,
  );
  const imports = {
    "main.cwl": tool('{"$import": "a"}'),
    a: tool('[{"$import": "b"}, {"$import": "b"}]'),
    b: `"${"x".repeat(400)}"`,
  };
  assert.match(await refusal(load(at, { fetchText: fromMemory(imports), limits })), /CAUSEWAY_DOCUMENT_BYTES/);
  const texts = { "main.cwl": tool('{"$include": "a"}'), a: "x".repeat(1000) };
  assert.match(await refusal(load(at, { fetchText: fromMemory(texts), limits })), /CAUSEWAY_DOCUMENT_BYTES/);
  assert.match(
    await refusal(loadObject(JSON.parse(tool(`[${"1,".repeat(1000)}1]`)), at, { limits })),
    /CAUSEWAY_DOCUMENT_ENTRIES/,
  );
});

test("nesting of any depth, in JSON, YAML or data, is a problem and no broken stack", async () => {
  const deep = "[".repeat(20_000) + "]".repeat(20_000);
  const blocks = `${"- ".repeat(20_000)}1`;
  for (const text of [deep, `x: ${deep}`, blocks, `{"class": ${deep}}`, `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`]) {
    assert.match(
      await refusal(loadText(text, at)),
      /it is nested too deeply, and 200 are allowed \(CAUSEWAY_DOCUMENT_DEPTH\)/,
      text.slice(0, 30),
    );
  }
  assert.match(await refusal(loadObject(JSON.parse(deep), at)), /CAUSEWAY_DOCUMENT_DEPTH/);
  const nested = "[".repeat(201) + "]".repeat(201);
  assert.match(await refusal(loadText(nested, at)), /201 deep: it is nested too deeply, and 200 are allowed/);
});

test("a process has only so many inputs and outputs", async () => {
  for (const ports of ["inputs", "outputs"]) {
    const many = Object.fromEntries(Array.from({ length: 5001 }, (_, index) => [`p${index}`, "int?"]));
    const tool = { cwlVersion: "v1.2", class: "ExpressionTool", expression: "$(null)", inputs: {}, outputs: {}, [ports]: many };
    assert.match(
      await refusal(loadObject(tool, at)),
      new RegExp(`it has 5,001 ${ports}, and 5,000 are allowed \\(CAUSEWAY_DOCUMENT_PORTS\\)`),
    );
  }
});

test("a long chain of steps is no circle and breaks no stack", async () => {
  const steps = Array.from({ length: 9000 }, (_, index) => [
    `s${index}`,
    { run: "#t", in: index === 0 ? {} : { x: `s${index - 1}/y` }, out: ["y"] },
  ]);
  const tool = { class: "ExpressionTool", id: "t", inputs: { x: "Any?" }, outputs: { y: "Any" }, expression: "$(inputs.x)" };
  const main = { class: "Workflow", id: "main", inputs: {}, outputs: {}, steps: Object.fromEntries(steps.reverse()) };
  const { process } = await loadObject({ cwlVersion: "v1.2", $graph: [main, tool] }, at);
  assert.equal((process as Workflow).steps.length, 9000);
});

test("a command has ten times the limits, and its environment changes them", () => {
  assert.equal(loadLimitsIn({}).steps, 10 * DOCUMENT_LIMITS.steps.default);
  assert.equal(loadLimitsIn({ CAUSEWAY_DOCUMENT_STEPS: "7" }).steps, 7);
  assert.throws(
    () => loadLimitsIn({ CAUSEWAY_DOCUMENT_BYTES: "16MB" }),
    /CAUSEWAY_DOCUMENT_BYTES=16MB does not fit: a whole number above 0/,
  );
  assert.throws(() => loadLimitsIn({ CAUSEWAY_DOCUMENT_DEPTH: "100000" }), /at most 1000/);
});

test("of a document full of mistakes, a thousand are told, and that there are more", async () => {
  const wrong = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`p${index}`, `wrong${index}`]));
  const tool = { cwlVersion: "v1.2", class: "ExpressionTool", expression: "$(null)", inputs: wrong, outputs: {} };
  const lines = (await refusal(loadObject(tool, at))).split("\n");
  assert.equal(lines.length, 1001);
  assert.match(lines.at(-1)!, /there are more problems than these 1000: the rest of the document was not looked at/);
});
