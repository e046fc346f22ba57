import assert from "node:assert/strict";
import { test } from "node:test";
import { createEvaluator } from "../expressions/index.ts";
import type { CommandLineTool, CwlType, InputPort, Inputs } from "../model.ts";
import { commandLine } from "./command-line.ts";
import { createScope } from "./expression-scope.ts";
import { tool } from "./tool-bench.ts";

const evaluator = createEvaluator();
const line = (fields: Partial<CommandLineTool>, inputs: Inputs): Promise<string[]> => {
  const process = tool(fields);
  return commandLine(process, createScope(process, evaluator, inputs, {}));
};
/** A tool with one input, bound as given. */
const words = (type: CwlType, inputBinding: InputPort["inputBinding"], value: Inputs[string]) =>
  line({ inputs: [{ id: "x", type, ...(inputBinding && { inputBinding }) }] }, { x: value });

test("bindings come in the order of position, then arguments before inputs, then names", async () => {
  const found = await line(
    {
      baseCommand: ["sort"],
      arguments: ["-k1", { valueFrom: "last", position: 9 }],
      inputs: [
        { id: "b", type: "string", inputBinding: {} },
        { id: "a", type: "string", inputBinding: {} },
        { id: "first", type: "string", inputBinding: { position: -1 } },
        { id: "computed", type: "string", inputBinding: { position: "$(inputs.at)" } },
        { id: "at", type: "int" },
      ],
    },
    { a: "A", b: "B", first: "F", computed: "C", at: 5 },
  );
  assert.deepEqual(found, ["sort", "F", "-k1", "A", "B", "C", "last"]);
});

test("prefixes stand apart, or together, and booleans are their prefix or nothing", async () => {
  assert.deepEqual(await words("int", { prefix: "-n" }, 3), ["-n", "3"]);
  assert.deepEqual(await words("int", { prefix: "-n", separate: false }, 3), ["-n3"]);
  assert.deepEqual(await words("boolean", { prefix: "-v" }, true), ["-v"]);
  assert.deepEqual(await words("boolean", { prefix: "-v" }, false), []);
  assert.deepEqual(await words("boolean", {}, true), []);
  assert.deepEqual(await words(["null", "int"], { prefix: "-n", valueFrom: "never" }, null), []);
});

test("an array is one prefix and its items, or joined, or a prefix before every item", async () => {
  const strings: CwlType = { type: "array", items: "string" };
  assert.deepEqual(await words(strings, { prefix: "-i" }, ["a", "b"]), ["-i", "a", "b"]);
  assert.deepEqual(await words(strings, { prefix: "-i", itemSeparator: "," }, ["a", "b"]), ["-i", "a,b"]);
  assert.deepEqual(await words(strings, { prefix: "-i=", itemSeparator: ",", separate: false }, ["a", "b"]), ["-i=a,b"]);
  assert.deepEqual(await words({ ...strings, inputBinding: { prefix: "-i" } }, undefined, ["a", "b"]), ["-i", "a", "-i", "b"]);
  assert.deepEqual(await words({ ...strings, inputBinding: { prefix: "-i" } }, { prefix: "-all" }, ["a", "b"]), [
    "-all",
    "-i",
    "a",
    "-i",
    "b",
  ]);
  assert.deepEqual(await words(strings, { prefix: "-i" }, []), []);
});

test("arrays in arrays keep their order, past the tenth item too", async () => {
  const nested: CwlType = { type: "array", items: { type: "array", items: "int" } };
  const value = Array.from({ length: 12 }, (_, index) => [index, index]);
  assert.deepEqual(await words(nested, {}, value), value.flat().map(String));
});

test("a record gives its bound fields, ordered by their positions", async () => {
  const record: CwlType = {
    type: "record",
    fields: [
      { name: "b", type: "string", inputBinding: { prefix: "-b", position: 2 } },
      { name: "a", type: "string", inputBinding: { prefix: "-a", position: 3 } },
      { name: "silent", type: "string" },
      { name: "absent", type: ["null", "string"], inputBinding: { prefix: "-x" } },
    ],
  };
  assert.deepEqual(await words(record, undefined, { a: "1", b: "2", silent: "3" }), ["-b", "2", "-a", "1"]);
});

test("of a union, the binding of the member that the value belongs to counts", async () => {
  const union: CwlType = [
    "null",
    { type: "record", fields: [{ name: "fast", type: "boolean", inputBinding: { prefix: "--fast" } }] },
    { type: "record", fields: [{ name: "level", type: "int", inputBinding: { prefix: "--level" } }] },
    { type: "enum", symbols: ["auto"], inputBinding: { prefix: "--mode" } },
  ];
  assert.deepEqual(await words(union, undefined, { level: 3 }), ["--level", "3"]);
  assert.deepEqual(await words(union, undefined, { fast: true }), ["--fast"]);
  assert.deepEqual(await words(union, undefined, "auto"), ["--mode", "auto"]);
  assert.deepEqual(await words(union, undefined, null), []);
});

test("valueFrom replaces a whole value, with what is bound inside it", async () => {
  const strings: CwlType = { type: "array", items: "string", inputBinding: { prefix: "-i" } };
  assert.deepEqual(await words(strings, { valueFrom: "$(self.length) items" }, ["a", "b"]), ["2 items"]);
  assert.deepEqual(await words(strings, { prefix: "-p", valueFrom: "$(self)" }, ["a", "b"]), ["-p", "a", "b"]);
});

test("Files are their paths and numbers have no exponent", async () => {
  assert.deepEqual(await words("File", { prefix: "-f" }, { class: "File", path: "/in/a b.txt" }), ["-f", "/in/a b.txt"]);
  assert.deepEqual(await words("double", {}, 1.23e-5), ["0.0000123"]);
  assert.deepEqual(await words("long", {}, 1e21), [`1${"0".repeat(21)}`]);
});

test("a shell line is quoted word by word, but for what asks not to be", async () => {
  const found = await line(
    {
      requirements: { shellCommand: true },
      baseCommand: ["echo"],
      arguments: [{ valueFrom: "it's $HOME; rm" }, { valueFrom: "| tr a-z A-Z > $OUT", shellQuote: false }],
    },
    {},
  );
  assert.deepEqual(found, ["/bin/sh", "-c", `echo 'it'"'"'s $HOME; rm' | tr a-z A-Z > $OUT`]);
});
