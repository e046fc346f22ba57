import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { closeSandbox } from "../expressions/index.ts";
import { plainRunner } from "../jobs/tool-bench.ts";
import { loadText } from "../load/index.ts";
import type { FileValue, Inputs, Outputs } from "../model.ts";
import { type LocalToolsOptions, localTools } from "./local-tools.ts";
import { type RunOptions, runDocument } from "./run-document.ts";
import { RunError } from "./run-error.ts";
import type { RunEvent } from "./run-event.ts";

const workDirectory = mkdtempSync(join(tmpdir(), "run-document-"));
after(async () => {
  await closeSandbox();
  rmSync(workDirectory, { recursive: true });
});

async function run(
  text: string,
  given: Inputs = {},
  { runner = plainRunner, ...options }: Partial<RunOptions & LocalToolsOptions> = {},
): Promise<Outputs> {
  const document = await loadText(text, `file://${workDirectory}/workflow.cwl`);
  const directory = mkdtempSync(join(workDirectory, "run-"));
  const runTool = localTools({ runner, workDirectory: directory });
  return runDocument(document, given, { runTool, ...options });
}

const REQUIREMENTS = `
  ScatterFeatureRequirement: {}
  SubworkflowFeatureRequirement: {}
  MultipleInputFeatureRequirement: {}
  StepInputExpressionRequirement: {}
  InlineJavascriptRequirement: {}`;

const SHOUT = `
      class: CommandLineTool
      baseCommand: [sh, -c, 'test "$0" != boom || { echo "no such luck" >&2; exit 3; }; echo "$0!"']
      inputs: {word: {type: string, inputBinding: {}}}
      outputs: {said: {type: stdout}}`;

const readSaid = (file: unknown) => readFileSync(fileURLToPath((file as FileValue).location!), "utf8");

const SCATTERED = `
cwlVersion: v1.2
class: Workflow
requirements: ${REQUIREMENTS}
inputs: {words: "string[]"}
outputs: {said: {type: "File[]", outputSource: shout/said}, count: {type: int, outputSource: count/total}}
steps:
  shout:
    run: ${SHOUT}
    scatter: word
    in: {word: {source: words, valueFrom: "$(self.toUpperCase())"}}
    out: [said]
  count:
    run:
      class: ExpressionTool
      inputs: {files: "File[]"}
      outputs: {total: int}
      expression: "\${ return {total: inputs.files.length}; }"
    in: {files: shout/said}
    out: [total]
`;

test("a scattered tool runs once for each item, and the next step sees all of its outputs in order", async () => {
  const words = Array.from({ length: 40 }, (_, at) => `w${at}`);
  const { said, count } = await run(SCATTERED, { words });
  assert.equal(count, 40);
  assert.deepEqual(
    (said as FileValue[]).map(readSaid),
    words.map((word) => `${word.toUpperCase()}!\n`),
  );
});

test("an empty scatter runs nothing and the workflow goes on", async () => {
  assert.deepEqual(await run(SCATTERED, { words: [] }), { said: [], count: 0 });
});

const NESTED = `
cwlVersion: v1.2
class: Workflow
requirements: ${REQUIREMENTS}
inputs: {groups: {type: {type: array, items: {type: array, items: string}}}, loud: boolean}
outputs: {said: {type: Any, outputSource: each/said}}
steps:
  each:
    scatter: words
    in: {words: groups, loud: loud}
    out: [said]
    run:
      class: Workflow
      inputs: {words: "string[]", loud: boolean}
      outputs: {said: {type: Any, outputSource: shout/said}}
      steps:
        shout:
          run: ${SHOUT.replaceAll("\n", "\n      ")}
          scatter: word
          when: $(inputs.loud)
          in: {word: words, loud: loud}
          out: [said]
`;

test("a failure stops the run and tells the step, its scatter indices and the end of standard error", async () => {
  const events: RunEvent[] = [];
  const groups = [
    ["a", "b"],
    ["c", "boom", "d"],
  ];
  await assert.rejects(run(NESTED, { groups, loud: true }, { report: (event) => events.push(event) }), (error) => {
    assert.ok(error instanceof RunError);
    assert.equal(error.step, "each[1].shout[1]");
    assert.match(error.message, /^step each\[1\]\.shout\[1\]: the command failed permanently with exit code 3.*no such luck/s);
    return true;
  });
  assert.deepEqual(events.filter(({ is }) => is === "failed").map(({ name }) => name)[0], "each[1].shout[1]");
});

test("a step that is not wanted is skipped, and null stands for its outputs", async () => {
  const { said } = await run(NESTED, { groups: [["a", "b"], ["boom"]], loud: false });
  assert.deepEqual(said, [[null, null], [null]]);
});

test("an expression that fails is told with the step, the input and the values", async () => {
  const text = SCATTERED.replace("$(self.toUpperCase())", "$(self.no.way)");
  await assert.rejects(
    run(text, { words: ["x"] }),
    /step shout\[0\]: valueFrom of `word`: \S+workflow\.cwl:20: \$\(self\.no\.way\): TypeError.*self = "x"/s,
  );
});

test("an abort ends the commands and the run", async () => {
  const stop = new AbortController();
  const sleeping = SHOUT.replace("sh, -c,", "sh, -c, 'exec sleep 600',");
  const text = `cwlVersion: v1.2\nclass: Workflow\ninputs: []\noutputs: []\nsteps:\n  sleep:\n    run: ${sleeping}\n    in: {word: {default: x}}\n    out: [said]\n`;
  const runner = {
    ...plainRunner,
    run: (...args: Parameters<typeof plainRunner.run>) => {
      setImmediate(() => stop.abort());
      return plainRunner.run(...args);
    },
  };
  await assert.rejects(run(text, {}, { runner, signal: stop.signal }), { name: "AbortError" });
});

test("an Operation says that it cannot be run", async () => {
  await assert.rejects(run("cwlVersion: v1.2\nclass: Operation\ninputs: []\noutputs: []\n"), /is an Operation/);
});
