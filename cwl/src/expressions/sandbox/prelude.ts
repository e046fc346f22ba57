/** What an expression may give. */
export const WANTED = "an expression must give null, a boolean, a number, a string, an array or an object";

/**
 * The JavaScript that runs inside QuickJS before anything else. Its value are functions: `run(compiled, json, seed)`
 * evaluates one compiled expression and gives its value as JSON, "" for undefined; `define(json, seed)` puts the variables
 * on the global object and `finish(compiled)` evaluates beside them; `sweep()` takes from the global object what a program
 * has put there. They keep the built-ins they use for themselves, so that code that replaces them changes nothing here.
 */
export const PRELUDE = `(function () {
  "use strict";
  var parse = JSON.parse, stringify = JSON.stringify, TypeMistake = TypeError, text = String, imul = Math.imul;
  var apply = Reflect.apply, keysOf = Reflect.ownKeys, drop = Reflect.deleteProperty, prototypeOf = Reflect.getPrototypeOf;
  var isExtensible = Reflect.isExtensible, world = globalThis, above = prototypeOf(globalThis), known;
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
  // Scripts say things to their authors, as in the reference runner: nobody hears them here.
  var silent = function () {};
  world.console = { log: silent, info: silent, warn: silent, error: silent, debug: silent, trace: silent, dir: silent };
  function show(value) {
    var shown = stringify(value);
    if (shown !== undefined) return shown;
    if (value === undefined) return "";
    throw new TypeMistake("the value is a " + typeof value + "; " + ${JSON.stringify(WANTED)});
  }
  return {
    run: function run(compiled, json, nextSeed) {
      seed = nextSeed;
      var variables = parse(json);
      return show(apply(compiled, world, [variables.inputs, variables.self, variables.runtime]));
    },
    define: function define(json, nextSeed) {
      seed = nextSeed;
      var variables = parse(json);
      world.inputs = variables.inputs;
      world.self = variables.self;
      world.runtime = variables.runtime;
    },
    finish: function finish(compiled) {
      return show(compiled());
    },
    sweep: function sweep() {
      var keys = keysOf(world), i;
      if (known === undefined) {
        known = { __proto__: null };
        for (i = 0; i < keys.length; i++) known[keys[i]] = true;
        known = { names: known, count: keys.length };
      }
      if (keys.length !== known.count)
        for (i = 0; i < keys.length; i++) if (known.names[keys[i]] !== true) drop(world, keys[i]);
      return isExtensible(world) && prototypeOf(world) === above && keysOf(world).length === known.count;
    },
  };
})()`;

/**
 * Freezes every object that a program starts with, so that an evaluation leaves nothing for the next one. The global object
 * itself stays open for libraries that put themselves on it, `this` at the top of a program; what is on it is fixed. A program
 * that changes them (a polyfill, an own \`toString\`) fails here, and is then evaluated in a realm of its own.
 */
export const FREEZE = `(function () {
  "use strict";
  var isFrozen = Object.isFrozen, keysOf = Reflect.ownKeys, propertyOf = Reflect.getOwnPropertyDescriptor;
  var waiting = [];
  var freeze = function (value) {
    if (value === null || (typeof value !== "object" && typeof value !== "function") || isFrozen(value) || value === globalThis) return;
    Object.freeze(value);
    waiting.push(value);
  };
  // Indirect eval could declare variables that stay.
  delete globalThis.eval;
  [
    function () {}, function* () {}, async function () {}, async function* () {}, () => 0,
    (function* () {})(), (async function* () {})(),
    [][Symbol.iterator](), new Map()[Symbol.iterator](), new Set()[Symbol.iterator](), ""[Symbol.iterator](),
    "".matchAll(/x/g), new Int8Array(), /x/, [].values().map(function () {}),
    typeof Iterator === "function" ? Iterator.from({ next: function () {} }) : null,
    Object.getOwnPropertyDescriptor(function () { "use strict"; return arguments; }(), "callee").get,
  ].forEach(freeze);
  keysOf(globalThis).forEach(function (key) {
    var property = propertyOf(globalThis, key);
    freeze(property.value);
    freeze(property.get);
    freeze(property.set);
    if ("value" in property) property.writable = false;
    property.configurable = false;
    Object.defineProperty(globalThis, key, property);
  });
  freeze(Reflect.getPrototypeOf(globalThis));
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
