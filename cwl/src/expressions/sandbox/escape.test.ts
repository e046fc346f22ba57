import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { Evaluator, ExpressionContext } from "../../model.ts";
import { createEvaluator } from "../evaluator.ts";
import { ExpressionError } from "../expression-error.ts";
import { SandboxPool } from "./pool.ts";

// One worker, so that what one expression breaks would be seen by the next. A short time, so that loops end soon: and much
// longer than what ends takes, which a busy machine may hold up.
const pool = new SandboxPool({ milliseconds: 1000, memoryBytes: 64 * 2 ** 20 }, 1);
const evaluator = createEvaluator({ pool });
after(() => pool.close());

const context: ExpressionContext = { inputs: { x: { y: 1 } }, self: null, javascript: { expressionLib: [] } };
const evaluate = (code: string, by: Evaluator = evaluator) => by.evaluate(`\${${code}}`, context);

/** The engine still answers, and answers right. */
async function isUnharmed() {
  const answers = "[typeof process, typeof require, typeof leaked, [1,2].map(String).join(), JSON.stringify({a: 1}), inputs.x.y]";
  assert.deepEqual(await evaluate(`return ${answers}`), ["undefined", "undefined", "undefined", "1,2", '{"a":1}', 1]);
}

const OUTWARDS = {
  "constructor walk from inputs": "return typeof inputs.constructor.constructor('return process')()",
  "constructor walk from a function": "return (() => {}).constructor('return process.env')()",
  Function: "return Function('return this.process.mainModule')()",
  "async function constructor": "(async () => {}).constructor('return import(\"node:fs\")')(); return globalThis.fs.readFileSync",
  "generator constructor": "return (function* () {}).constructor('yield process.pid')().next().value",
  "indirect eval": "return (0, eval)('process.binding')",
  import: "return import('fs').readFileSync",
  "error stack hook": "Error.prepareStackTrace = (_, frames) => frames[0].getThis(); return new Error().stack.process",
  "arguments.callee": "return arguments.callee.caller",
  "host objects": "return postMessage('x')",
  "QuickJS modules": "return std.getenv('HOME') + os.platform",
};
const OVERRUNS = {
  "endless loop": "while (true) {}",
  "endless loop of a getter": "return { get a() { for (;;) {} } }",
  "endless toJSON": "return { toJSON() { for (;;) {} } }",
  "endless loop of a proxy": "return new Proxy({}, { ownKeys() { for (;;) {} } })",
  "endless valueOf": "return 1 + { valueOf() { for (;;) {} } }",
  "endless sort": "return [3, 2, 1].sort(() => { for (;;) {} })",
  "endless generator": "return [...(function* () { for (;;) yield 1; })()]",
  "endless catch": "for (;;) { try { while (true) {} } catch (e) {} finally { continue; } }",
  "regular expression blow-up": "return /^(a+)+$/.test('a'.repeat(40) + '!')",
  "work inside of a built-in": "return 'ab'.repeat(1e7).split('').reverse().join('').replace(/a|b/g, (c) => c + c).length",
  "huge string": "var s = 'x'; for (;;) s += s",
  "huge repeat": "return 'x'.repeat(2 ** 30)",
  padding: "return 'x'.padEnd(2 ** 29, 'y')",
  "huge array": "return new Array(2 ** 28).fill(1)",
  "huge buffer": "return new Uint8Array(2 ** 31 - 1).length",
  "endless array": "var a = []; for (;;) a.push(a.slice())",
  "endless map": "var m = new Map(); for (var i = 0; ; i++) m.set(i, {})",
  "deep recursion": "return (function f(n) { return f(n + 1) + 1; })(0)",
  "mutual recursion through built-ins": "var a = { toString() { return [a].join(); } }; return String(a)",
  "deep nesting": "var o = {}; for (var i = 0; i < 1e6; i++) o = { o }; return o",
  "deeply nested JSON": "return JSON.parse('['.repeat(1e6))",
  "deeply nested regular expression": "return new RegExp('('.repeat(1e5) + ')'.repeat(1e5)).test('')",
  "deeply nested code": "return eval('('.repeat(1e5) + '1' + ')'.repeat(1e5))",
  "proxy chain": "var p = {}; for (var i = 0; i < 1e5; i++) p = new Proxy(p, {}); return p.x === 1 || p",
  "bound function chain": "var f = () => 1; for (var i = 0; i < 1e5; i++) f = f.bind(); return f()",
  circle: "var o = {}; o.o = o; return o",
  "thrown getter": "throw { get message() { for (;;) {} } }",
  "catching the stack's end": "(function f() { try { f(); } catch (e) { f(); } })(); return 1",
  "promises without end": "(function f() { return Promise.resolve().then(f); })(); for (;;) {}",
};
const POISONS = {
  "replaced JSON": "JSON.stringify = () => '\"forged\"'; JSON.parse = () => ({ inputs: 'forged' }); return 1",
  "replaced array methods": "Array.prototype.map = () => ['forged']; Array.prototype.join = () => 'forged'; return 1",
  "polluted Object.prototype": "Object.prototype.leaked = 1; return 1",
  "polluted through __proto__": "({}).__proto__.leaked = 1; return 1",
  "polluted through inputs": "inputs.x.__proto__.y = 'forged'; inputs.__proto__.leaked = 2; return 1",
  "a global": "globalThis.leaked = 1; return 1",
  "a global of sloppy code": "Function('leaked = 1; var leaked2 = 2')(); return 1",
  "a global by eval": "(0, eval)('var leaked = 1; let process = 1; const require = 1'); return 1",
  "toJSON for all": "Object.prototype.toJSON = () => 'forged'; return 1",
  "accessors on prototypes": "Object.defineProperty(Object.prototype, 'x', { get() { return 'forged'; }, set() {} }); return 1",
  "a setter for inputs": "Object.defineProperty(Object.prototype, 'inputs', { set() {} }); return 1",
  "changed Symbol.iterator": "Array.prototype[Symbol.iterator] = function* () { yield 'forged'; }; return 1",
  "changed species": "Object.defineProperty(Array, Symbol.species, { value: null }); return 1",
  "replaced String": "String = () => 'forged'; return 1",
  "deleted built-ins": "delete Array.prototype.map; delete globalThis.JSON; return 1",
  "a promise for later": "Promise.resolve().then(() => { globalThis.leaked = 1; }); return 1",
  "changed Math.random": "Math.random = () => { throw 1 }; return 1",
};

describe("an expression does not reach the host by", () => {
  for (const [name, code] of Object.entries(OUTWARDS)) {
    test(name, async () => {
      const outcome = await evaluate(code).catch((error: unknown) => error);
      if (!(outcome instanceof ExpressionError)) assert.ok(outcome === null || outcome === "undefined", JSON.stringify(outcome));
      await isUnharmed();
    });
  }
});

describe("an expression is contained when it tries", () => {
  for (const [name, code] of Object.entries(OVERRUNS)) {
    test(name, async () => {
      // Some end well: what counts is that they end, and that the engine goes on.
      await evaluate(code).catch((error: unknown) => assert.ok(error instanceof ExpressionError, String(error)));
      await isUnharmed();
    });
  }
});

describe("an expression leaves the next one unharmed by", () => {
  for (const [name, code] of Object.entries(POISONS)) {
    test(name, async () => {
      await evaluate(code).catch((error: unknown) => assert.ok(error instanceof ExpressionError, String(error)));
      await isUnharmed();
      await evaluate(code, createEvaluator({ pool })).catch((error: unknown) =>
        assert.ok(error instanceof ExpressionError, String(error)),
      );
    });
  }
});

test("the others that were asked together with one that overruns get their answers", async () => {
  const asked = Array.from({ length: 10 }, (_, at) => evaluate(at === 4 ? "for (;;) {}" : `return ${at}`).catch(() => "stopped"));
  assert.deepEqual(await Promise.all(asked), [0, 1, 2, 3, "stopped", 5, 6, 7, 8, 9]);
});

test("a limit is named", async () => {
  const limitOf = (code: string) => evaluate(code).catch((error: ExpressionError) => error.limit);
  assert.equal(await limitOf("for (;;) {}"), "time");
  assert.equal(await limitOf("return 'x'.repeat(2 ** 29)"), "memory");
  assert.equal(await limitOf("return (function f() { return f() + 1; })()"), "stack");
});
