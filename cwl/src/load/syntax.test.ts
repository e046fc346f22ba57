import assert from "node:assert/strict";
import { test } from "node:test";
import { child, plain, position } from "./node.ts";
import { parse } from "./syntax.ts";

const read = (text: string) => parse({ uri: "file:///x", name: "x", text });

test("JSON and YAML of the same document give the same tree", async () => {
  const value = { a: [1, -2.5e3, true, null, '\u00e9\n"x"'], b: { c: {}, d: [] } };
  assert.deepEqual(plain(await read(JSON.stringify(value, null, 1))), value);
  assert.deepEqual(plain(await read('a: [1, -2.5e3, true, ~, "\u00e9\\n\\"x\\""]\nb:\n  c: {}\n  d: []\n')), value);
});

test("every value knows where it stands, in JSON as in YAML", async () => {
  for (const text of ['{\n "a": {"b": 7}}', '\n a: {"b": 7}\n']) {
    const node = child(child(await read(text), "a"), "b")!;
    assert.deepEqual(position(node.source, node.offset), { line: 2, column: text.startsWith("{") ? 13 : 11 });
  }
});

test("flow mappings that are no JSON are read as YAML", async () => {
  assert.deepEqual(plain(await read("{a: 1, b: [x, y,]}")), { a: 1, b: ["x", "y"] });
  await assert.rejects(read('{"a": 1, "a": 2}'), /x:1:10: Map keys must be unique/);
});

test("anchors, merge keys and keys like __proto__ are plain data", async () => {
  assert.deepEqual(plain(await read("base: &b {x: 1, y: 2}\nown: {<<: *b, y: 3}\nagain: *b")), {
    base: { x: 1, y: 2 },
    own: { y: 3, x: 1 },
    again: { x: 1, y: 2 },
  });
  const odd = plain(await read('{"__proto__": {"polluted": true}}')) as object;
  assert.deepEqual([Object.keys(odd), Object.getPrototypeOf(odd)], [["__proto__"], Object.prototype]);
});

test("flow collections may be indented less than what they belong to, and places stay right", async () => {
  const text = `files: [.amb, .ann, # with a comment [
.bwt, "a [b",
  {x: 'it''s', y:
 z}]
script: |
  if [ -e x ]; then
  echo {
plain: a [b c] {
next:
  - key: >-
      text [
    other: [1,
  2]
  - it's [not] a flow
last: {wrong:
 here, at: 7}
`;
  const node = await read(text);
  assert.deepEqual(plain(node), {
    files: [".amb", ".ann", ".bwt", "a [b", { x: "it's", y: "z" }],
    script: "if [ -e x ]; then\necho {\n",
    plain: "a [b c] {",
    next: [{ key: "text [", other: [1, 2] }, "it's [not] a flow"],
    last: { wrong: "here", at: 7 },
  });
  const seven = child(child(node, "last"), "at")!;
  assert.deepEqual(position(seven.source, seven.offset), { line: 16, column: 12 });
});
