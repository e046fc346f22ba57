import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import type { ExpressionTool, OutputPort } from "../model.ts";
import { runExpressionTool } from "./expression-tool.ts";
import { file, tool, toolBench } from "./tool-bench.ts";

const expressionTool = (expression: string, outputs: OutputPort[]): ExpressionTool => {
  const {
    baseCommand: _,
    arguments: __,
    successCodes: ___,
    temporaryFailCodes: ____,
    permanentFailCodes: _____,
    ...fields
  } = tool({
    requirements: { inlineJavascript: { expressionLib: [] } },
    inputs: [{ id: "x", type: "File" }],
  });
  return { ...fields, class: "ExpressionTool", expression, outputs };
};

test("an expression passes inputs on, makes literals, and its outputs are checked", async (t) => {
  const { context, directory } = toolBench(t);
  writeFileSync(`${directory}/x.txt`, "text");
  const run = (expression: string, outputs: OutputPort[]) =>
    runExpressionTool(expressionTool(expression, outputs), { x: file(`${directory}/x.txt`) }, context);

  const passing = "${ return { f: inputs.x, l: {class: 'File', basename: 'l', contents: 'c'}, n: inputs.x.size, more: 1 }; }";
  assert.deepEqual(
    await run(passing, [
      { id: "f", type: "File" },
      { id: "l", type: "File" },
      { id: "n", type: "int" },
      { id: "absent", type: ["null", "int"] },
    ]),
    {
      f: { class: "File", location: `file://${directory}/x.txt`, basename: "x.txt", nameroot: "x", nameext: ".txt", size: 4 },
      l: { class: "File", basename: "l", contents: "c" },
      n: 4,
      absent: null,
    },
  );
  await assert.rejects(
    run("$({n: 'a'})", [{ id: "n", type: "int" }]),
    /^JobError: step: outputs.n: expected int, got the string "a"$/,
  );
  await assert.rejects(run("$(3)", []), /step: expression: gave 3, and an object of outputs is needed/);
  await assert.rejects(
    run("$({f: {class: 'File', path: '/etc/passwd'}})", [{ id: "f", type: "File" }]),
    /"\/etc\/passwd" is no input of the expression/,
  );
  const both = "$({f: {class: 'File', path: '/etc/passwd', contents: 'mine', basename: 'f'}})";
  assert.deepEqual(await run(both, [{ id: "f", type: "File" }]), { f: { class: "File", contents: "mine", basename: "f" } });
  await assert.rejects(run("${ throw new Error('no luck'); }", []), { kind: "expression", message: /step: .*no luck/s });
});
