import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeSandbox, createEvaluator } from "../expressions/index.ts";
import { load } from "../load/index.ts";
import { runFiles } from "./document-bench.ts";

after(closeSandbox);

const tool = (expression: string, library = "[]") => `cwlVersion: v1.2
class: ExpressionTool
requirements:
  InlineJavascriptRequirement: {expressionLib: ${library}}
inputs: {words: {type: "string[]", default: [abc, def]}}
outputs: {o: Any}
expression: |
  \${
    ${expression.replaceAll("\n", "\n    ")}
  }
`;

const UMD = `(function (root, make) {
  if (typeof define === "function" && define.amd) define([], make);
  else if (typeof module === "object" && module.exports) module.exports = make();
  else root.Words = make();
})(this, function () { return { join: function (words) { return words.join("+"); } }; });`;

test("this is the global object at the top of a library, in whatever way it gets there", async (t) => {
  const libraries = {
    umd: [UMD],
    called: ["(function () { var root = this; root.Words = {join: function (w) { return w.join('+'); }}; }).call(this);"],
    global: ["globalThis.Words = {join: function (w) { return w.join('+'); }};"],
    member: ["this.Words = {}; Words.join = function (w) { return w.join('+'); };"],
    two: ["var Words = {};", "(function (root) { root.Words.join = function (w) { return w.join('+'); }; })(this);"],
    polyfill: [
      "if (!Array.prototype.plus) Array.prototype.plus = function () { return this.join('+'); }; this.Words = {join: function (w) { return w.plus(); }};",
    ],
  };
  for (const [name, texts] of Object.entries(libraries)) {
    const files = Object.fromEntries(texts.map((text, index) => [`${index}.js`, text]));
    const library = `[${texts.map((_, index) => `{$include: ${index}.js}`).join(", ")}]`;
    const main = tool("return {o: Words.join(inputs.words) + (this === undefined)};", library);
    const { outputs, warnings } = await runFiles(
      t,
      { "main.cwl": main, ...files },
      { evaluator: createEvaluator({ strict: true }) },
    );
    assert.deepEqual([name, outputs, warnings], [name, { o: "abc+deftrue" }, []]);
  }
});

test("what a library puts on the global object is gone for the next expression", async () => {
  const evaluator = createEvaluator({ strict: true });
  const context = (expressionLib: string[]) => ({ inputs: {}, self: null, javascript: { expressionLib } });
  assert.equal(await evaluator.evaluate("$(Words.n)", context(["this.Words = {n: 1}; this[Symbol.for('s')] = 2;"])), 1);
  assert.equal(
    await evaluator.evaluate("$(typeof Words + typeof globalThis[Symbol.for('s')])", context([])),
    "undefinedundefined",
  );
  for (const stays of [
    "Object.defineProperty(this, 'kept', {value: 1, configurable: false})",
    "Object.setPrototypeOf(this, {kept: 1})",
    "this.x = 1; Object.preventExtensions(this)",
  ]) {
    await evaluator.evaluate("$(1)", context([stays])).catch(() => undefined);
    assert.equal(await evaluator.evaluate("$(typeof kept)", context(["this.fresh = 1;"])), "undefined", stays);
  }
});

const DIALECT = {
  "content = []; for (i = 0; i < 2; i++) content.push('ab'.charAt(i)); return {o: content.join(',')};": "a,b",
  "var arguments = []; arguments.push('-x'); return {o: arguments};": ["-x"],
  "return {o: 010};": 8,
  "function f(a, a) { return a; } return {o: f(1, 2)};": 2,
  "var x = {o: 1}; delete Object.prototype; return x;": 1,
};

test("what only strict mode refuses runs without it, with one warning, unless the letter is asked for", async (t) => {
  for (const [script, value] of Object.entries(DIALECT)) {
    const told: string[] = [];
    const evaluator = createEvaluator({ onWarning: (warning) => told.push(warning) });
    const { outputs, warnings } = await runFiles(t, { "main.cwl": tool(script) }, { evaluator });
    assert.deepEqual([script, outputs.o], [script, value]);
    assert.equal(told.length, 1, script);
    assert.match(told[0]!, /in strict mode; it is run without/);
    for (const warning of warnings)
      assert.match(warning, /main\.cwl:9:\d+: warning: expression: JavaScript syntax: .*run without strict mode/);
    const strictly = runFiles(t, { "main.cwl": tool(script) }, { evaluator: createEvaluator({ strict: true }) });
    await assert.rejects(strictly, /Error/, script);
  }
  const place = { fetchText: async () => tool("return {o: 010};") };
  await assert.rejects(
    load("file:///x/main.cwl", { ...place, strict: true }),
    /main\.cwl:9:\d+: expression: JavaScript syntax: Octal/,
  );
});

test("a function that returns nothing gives null, with a warning; a missing field is no such function", async (t) => {
  const main = (argument: string) => `cwlVersion: v1.2
class: CommandLineTool
requirements: {InlineJavascriptRequirement: {}}
baseCommand: [echo, a]
arguments: ["${argument}"]
inputs: []
outputs: {o: stdout}
`;
  const told: string[] = [];
  const evaluator = createEvaluator({ onWarning: (warning) => told.push(warning) });
  assert.deepEqual((await runFiles(t, { "main.cwl": main("${ var x = 1; }") }, { evaluator })).outputs, { o: "a\n" });
  assert.match(told.join("\n"), /^arguments\[0\]\.valueFrom: .*it returns nothing, which is taken as null$/);
  const strict = createEvaluator({ strict: true });
  await assert.rejects(runFiles(t, { "main.cwl": main("${ var x = 1; }") }, { evaluator: strict }), /the value is undefined/);
  await assert.rejects(runFiles(t, { "main.cwl": main("$(inputs.nothing)") }, { evaluator }), /the value is undefined/);
});

test("an error of JavaScript is told at its line of the document, or of the file of its library", async (t) => {
  const fails = (main: string, files = {}) =>
    runFiles(t, { "main.cwl": main, ...files }).then(
      () => "no error",
      (error: Error) => error.message,
    );
  assert.match(await fails(tool("var all = [1, 2;\nreturn all;")), /main\.cwl:9:\d+: expression: JavaScript syntax/);
  assert.match(await fails(tool("var all = 1;\nreturn null.x;")), /main\.cwl:10: .*TypeError/s);
  assert.match(
    await fails(tool("return {o: broken()};", "[{$include: b.js}]"), {
      "b.js": "\n\nfunction broken() {\n  return null.x;\n}\n",
    }),
    /b\.js:4: .*line 4 of expressionLib\[0\]/s,
  );
  const folded = tool("x").replace(
    /expression: \|[\s\S]*/,
    "expression: >\n  ${\n    var a = 1;\n\n    return\n    {o: 1,;}\n  }\n",
  );
  assert.match(await fails(folded), /main\.cwl:12:\d+: expression: JavaScript syntax/);
  const quoted = tool("x").replace(/expression: \|[\s\S]*/, 'expression: "${\\n  var a;\\\n    return a.b.c;\n  }"\n');
  assert.match(await fails(quoted), /main\.cwl:[78]: /);
  const json = JSON.stringify(
    {
      cwlVersion: "v1.2",
      class: "ExpressionTool",
      requirements: { InlineJavascriptRequirement: {} },
      inputs: [],
      outputs: [],
      expression: "${\n  return (;\n}",
    },
    null,
    1,
  );
  assert.match(await fails(json), /main\.cwl:9:\d+: expression: JavaScript syntax/);
});

test("a long keeps its digits on the command line, in values and in outputs", async (t) => {
  const main = `cwlVersion: v1.2
class: CommandLineTool
requirements: {InlineJavascriptRequirement: {}}
baseCommand: [sh, -c, 'echo "$@"; echo "{\\\\"w\\\\": 9007199254740993, \\\\"out\\\\": null}" > x.json', x]
inputs:
  a: {type: long, inputBinding: {position: 1}}
  b: {type: long, default: 9223372036854775807, inputBinding: {position: 2, prefix: --limit=, separate: false}}
  c: {type: "long[]", inputBinding: {position: 3, itemSeparator: ","}}
  d: {type: {type: record, fields: {x: {type: long, inputBinding: {position: 4}}}}}
  e: {type: ["null", long, string], inputBinding: {position: 5, valueFrom: "n=$(self)"}}
outputs:
  out: stdout
  again: {type: long, outputBinding: {outputEval: $(inputs.a)}}
  all: {type: Any, outputBinding: {outputEval: $(inputs)}}
`;
  const job = "a: 9007199254740993\nc: [-9223372036854775808, 3]\nd: {x: 9007199254740995}\ne: 9007199254740997\n";
  const { outputs, raw } = await runFiles(t, { "main.cwl": main, "job.yml": job });
  assert.equal(
    outputs.out,
    "9007199254740993 --limit=9223372036854775807 -9223372036854775808,3 9007199254740995 n=9007199254740997\n",
  );
  assert.equal(raw.again, 9007199254740993n);
  assert.match(JSON.stringify(raw.all), /"a":9007199254740993,"b":9223372036854775807/);
  await assert.rejects(
    runFiles(t, { "main.cwl": main, "job.yml": job.replace("a: 9007199254740993", "a: 9223372036854775808") }),
    /inputs\.a: expected long/,
  );
});

test("a command that a signal ended is told by the signal's name, with memory where it may be that", async (t) => {
  const ends = (command: string) =>
    runFiles(t, {
      "main.cwl": `cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: [sh, -c, '${command}']\ninputs: []\noutputs: []\n`,
    });
  await assert.rejects(
    ends("exit 137"),
    /exit code 137: ended by SIGKILL \(signal 9\), as the system does when memory is short; 1024 MiB .* were asked for/,
  );
  await assert.rejects(ends("exit 139"), /exit code 139: ended by SIGSEGV \(signal 11\)$/);
  await assert.rejects(ends("exit 143"), /ended by SIGTERM \(signal 15\)/);
  await assert.rejects(ends("nowhere-to-be-found"), /exit code 127: the command, or one that it calls, was not found/);
  await assert.rejects(ends("exit 3"), /exit code 3$/);
});
