/**
 * The JavaScript that runs inside QuickJS before anything else. Its value is the function `run(compiled, json, seed)`
 * that evaluates one compiled expression and gives its value as JSON. It keeps the built-ins it uses for itself, so
 * that code that replaces them changes nothing here.
 */
export const PRELUDE = `(function () {
  "use strict";
  var parse = JSON.parse, stringify = JSON.stringify, TypeMistake = TypeError, text = String, imul = Math.imul;
  var seed = 0;
  // Repeatable: seeded by the expression and its values (mulberry32).
  Math.random = function random() {
    seed = (seed + 0x6d2b79f5) | 0;
    var t = imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  // A second clock, and ways to wait or to notice the garbage collector.
  delete globalThis.performance;
  delete globalThis.Atomics;
  delete globalThis.WeakRef;
  delete globalThis.FinalizationRegistry;
  return function run(compiled, json, nextSeed) {
    seed = nextSeed;
    var variables = parse(json);
    var value = compiled(variables.inputs, variables.self, variables.runtime);
    var shown = stringify(value);
    if (shown === undefined) {
      throw new TypeMistake("the value is " + (value === undefined ? "undefined" : "a " + typeof value) +
        "; an expression must give null, a boolean, a number, a string, an array or an object");
    }
    return shown;
  };
})()`;

/**
 * Freezes every object that a program starts with, so that an evaluation leaves nothing for the next one. A program
 * that changes them (a polyfill, an own \`toString\`) fails here, and is then evaluated in a realm of its own.
 */
export const FREEZE = `(function () {
  "use strict";
  var isFrozen = Object.isFrozen, keysOf = Reflect.ownKeys, propertyOf = Reflect.getOwnPropertyDescriptor;
  var waiting = [];
  var freeze = function (value) {
    if (value === null || (typeof value !== "object" && typeof value !== "function") || isFrozen(value)) return;
    Object.freeze(value);
    waiting.push(value);
  };
  // Indirect eval could declare variables that stay.
  delete globalThis.eval;
  [
    globalThis,
    function () {}, function* () {}, async function () {}, async function* () {}, () => 0,
    (function* () {})(), (async function* () {})(),
    [][Symbol.iterator](), new Map()[Symbol.iterator](), new Set()[Symbol.iterator](), ""[Symbol.iterator](),
    "".matchAll(/x/g), new Int8Array(), /x/, [].values().map(function () {}),
    typeof Iterator === "function" ? Iterator.from({ next: function () {} }) : null,
    Object.getOwnPropertyDescriptor(function () { "use strict"; return arguments; }(), "callee").get,
  ].forEach(freeze);
  while (waiting.length > 0) {
    var value = waiting.pop(), keys = keysOf(value);
    for (var i = 0; i < keys.length; i++) {
      var property = propertyOf(value, keys[i]);
      freeze(property.value);
      freeze(property.get);
      freeze(property.set);
    }
    freeze(Reflect.getPrototypeOf(value));
  }
})()`;
