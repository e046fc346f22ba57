import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { ExpressionContext, Value } from "../model.ts";
import { checkExpression, closeSandbox, createEvaluator, ExpressionError } from "./index.ts";

const evaluator = createEvaluator({ now: new Date("2026-01-02T03:04:05Z") });
after(closeSandbox);

const inputs = {
  reads: [
    { class: "File", path: "/in/a.fq", basename: "a.fq" },
    { class: "File", path: "/in/b.fq", basename: "b.fq" },
  ],
  name: "sample",
  "odd name's": 1,
  nothing: null,
  small: 1e-9,
} as const;
const references: ExpressionContext = { inputs, self: null, runtime: { cores: 2 } };
const javascript: ExpressionContext = { ...references, javascript: { expressionLib: [] } };

async function gives(text: string, expected: Value, context: ExpressionContext = references) {
  assert.deepEqual(await evaluator.evaluate(text, context), expected, text);
}
async function fails(text: string, message: RegExp, context: ExpressionContext = references) {
  await assert.rejects(
    evaluator.evaluate(text, context),
    (error) => error instanceof ExpressionError && message.test(error.message),
    text,
  );
}

test("a parameter reference alone keeps the type of its value", async () => {
  await gives("$(inputs.reads)", inputs.reads as unknown as Value);
  await gives("  $(inputs['reads'][1][\"basename\"])\n", "b.fq");
  await gives("$(inputs.reads.length)", 2);
  await gives("$(inputs['odd name\\'s'])", 1);
  await gives("$(runtime.cores)", 2);
  await gives("$(self)", null);
  await gives("$(null)", null);
  await gives("$(inputs.name[0])", "s");
});

test("around other text a value becomes text, objects with sorted keys and numbers in full", async () => {
  await gives("$(inputs.name).$(runtime.cores)", "sample.2");
  await gives("f=$(inputs.reads[0])", 'f={"basename": "a.fq", "class": "File", "path": "/in/a.fq"}');
  await gives("$(inputs.nothing) $(inputs.small)", "null 0.000000001");
});

test("a reference to what is not there says what is", async () => {
  await fails("$(inputs.nam)", /`inputs` has no "nam"; it has reads, name/);
  await fails("$(inputs.reads[2])", /has 2 items/);
  await fails("$(inputs.nothing.path)", /`inputs.nothing` is null/);
  await fails("$(inputs.name.length)", /is no object/);
  await fails("$(null.x)", /null/);
  await fails("$(process)", /not defined/);
  await fails("$(inputs.constructor)", /has no "constructor"/);
});

test("JavaScript without InlineJavascriptRequirement is refused", async () => {
  await fails("$(inputs.reads.map(String))", /InlineJavascriptRequirement/);
  await fails("${ return 1 }", /InlineJavascriptRequirement/);
  await fails("$( inputs.name )", /InlineJavascriptRequirement/);
});

test("backslashes follow the rules of v1.2, and the older ones in older documents", async () => {
  await gives("\\$(inputs.name) $(inputs.name)", "$(inputs.name) sample");
  await gives("\\${x} $(inputs.name)", "${x} sample");
  await gives("a\\\\b \\n $(inputs.name)", "a\\b \\n sample");
  await gives("\\\\$(inputs.name)", "\\sample");
  await gives("no \\\\ expression \\x", "no \\\\ expression \\x");
  await gives("\\$(inputs.name) \\x $(inputs.name)", "$(inputs.name) x sample", { ...references, cwlVersion: "v1.0" });
});

test("blanks around a text count where it is a file's content", async () => {
  await gives("$(inputs.name)!\n", "sample!");
  await gives("$(inputs.name)\n", "sample\n", { ...references, keepsWhitespace: true });
});

test("the end of an expression is found across strings, comments, templates and regular expressions", async () => {
  await gives("$(')' + \"(\" + `)${`}`}`)", ")()}", javascript);
  await gives("${ /* } */ return '}'; // it's }\n}", "}", javascript);
  await gives("$('a)b'.replace(/[)/'\"]/, ''))", "ab", javascript);
  await gives("$(8 / 2 / (1 + 1)) '", "2 '", javascript);
  await fails("$(inputs.name", /no closing "\)"/);
});

test("JavaScript sees inputs, self and runtime, and its libraries see them too", async () => {
  const withLibrary = {
    ...javascript,
    self: 3,
    javascript: { expressionLib: ["function twice() { return inputs.name + self * 2; }"] },
  };
  await gives("${ return twice() + runtime.cores; }", "sample62", withLibrary);
  await gives("$(inputs.reads.map((file) => file.path.split('/').at(-1) ?? null))", ["a.fq", "b.fq"], javascript);
  await gives("$({a: [1, {b: null}]})", { a: [1, { b: null }] }, javascript);
  await gives("$(inputs.name.length) $(1 + 1)", "6 2", javascript);
});

test("an evaluation leaves nothing for the next: not in its values, its libraries or globals", async () => {
  const context = { ...javascript, javascript: { expressionLib: ["var calls = 0; function call() { return ++calls; }"] } };
  await gives("$(call())", 1, context);
  await gives("$(call())", 1, context);
  await gives("${ inputs.reads.length = 0; return 1; }", 1, context);
  await gives("$(inputs.reads.length)", 2, context);
  await gives("${ globalThis.left = 1; return globalThis.left; }", 1, context);
  await gives("$(typeof left)", "undefined", context);
});

test("libraries may extend the built-ins, each evaluation for itself", async () => {
  const context = {
    ...javascript,
    javascript: { expressionLib: ["String.prototype.shout = function () { return this + '!'; };"] },
  };
  await gives("$(inputs.name.shout())", "sample!", context);
  await gives("$(inputs.name.shout())", "sample!", context);
  await gives("$(typeof ''.shout)", "undefined", javascript);
  await gives("${ var o = {}; o.toString = function () { return 'own'; }; return String(o); }", "own", javascript);
});

test("time and chance repeat, so that a replay gives the same", async () => {
  await gives("$(new Date().toISOString())", "2026-01-02T03:04:05.000Z", javascript);
  await gives("$(new Date().getHours())", 3, javascript);
  await gives("${ var start = Date.now(); while (Date.now() - start < 5000) {} return 'waited'; }", "waited", javascript);
  const first = await evaluator.evaluate("$([Math.random(), Math.random()])", javascript);
  await gives("$([Math.random(), Math.random()])", first, javascript);
  assert.notEqual((first as number[])[0], (first as number[])[1]);
});

test("an error names the expression, the line and the values it read", async () => {
  await fails("${\n  var name = inputs.nothing;\n  return name.length;\n}", /line 3: TypeError/, javascript);
  await fails("$(inputs.nothing.length)", /where inputs.nothing = null/, javascript);
  await fails("$(inputs.name +)", /SyntaxError/, javascript);
  await fails("${ throw {odd: 1} }", /threw \{"odd":1\}/, javascript);
  await fails("$(undefined)", /the value is undefined/, javascript);
  await fails("$(function () {})", /a function/, javascript);
  await fails("$(broken())", /, line 1 of expressionLib\[0\]: ReferenceError/, {
    ...javascript,
    javascript: { expressionLib: ["function broken() { return no.way; }"] },
  });
});

test("mistakes are found without running anything", () => {
  assert.equal(checkExpression("no expression", false), undefined);
  assert.equal(checkExpression("$(inputs.x) and ${ while (true) {} }", true), undefined);
  assert.match(checkExpression("$(inputs.x +)", true)!.message, /syntax/);
  assert.match(checkExpression("${ return ( }", true)!.message, /syntax/);
  assert.match(checkExpression("$(inputs.x + 1)", false)!.message, /InlineJavascriptRequirement/);
  assert.match(checkExpression("$(outputs.x)", false)!.message, /not defined/);
  assert.deepEqual(checkExpression("ab $(inputs.x", false)?.offset, 3);
});
