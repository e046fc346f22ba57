import assert from "node:assert/strict";
import { test } from "node:test";
import { child, plain, position } from "./node.ts";
import { parse } from "./syntax.ts";

const read = async (text: string) => (await parse({ uri: "file:///x", name: "x", text })).root;

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
  await assert.rejects(read('{"a": 1, "a": 2}'), /x:1:10: the key a is here twice: first in line 1/);
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

test("whole numbers keep all of their digits, in JSON as in YAML", async () => {
  for (const text of [
    "[9007199254740993, -9223372036854775808, 9007199254740991, 1e3, 1.5]",
    "- 9007199254740993\n- -9223372036854775808\n- 9007199254740991\n- 1e3\n- 1.5\n",
  ])
    assert.deepEqual(plain(await read(text)), [9007199254740993n, -9223372036854775808n, 9007199254740991, 1000, 1.5]);
});

test("what YAML 1.2 has not and other engines read is read, with one warning each", async () => {
  const text = `doc: "Says a word,
and says it

once."
label: 'It''s
short'
list:
- "an item [
goes on"
- key: 'inner
  text'
  flow: { a: [ 'x', {b: "c
  d"}], e: "f",
  g: 1
  }
symbols: [all, -, none, -x, - ]
range: {from: -, to: 3}
block:
  - - a
  - -
  - b: c
plain: some
  - text [ with 'quotes
  and more
end: "right
  indentation"
script: '\${
  return "a";
}'
`;
  const { root, warnings } = await parse({ uri: "file:///x", name: "x", text });
  assert.deepEqual(plain(root), {
    doc: "Says a word, and says it\nonce.",
    label: "It's short",
    list: ["an item [ goes on", { key: "inner text", flow: { a: ["x", { b: "c d" }], e: "f", g: 1 } }],
    symbols: ["all", "-", "none", "-x", "-"],
    range: { from: "-", to: 3 },
    block: [["a"], [null], { b: "c" }],
    plain: "some - text [ with 'quotes and more",
    end: "right indentation",
    script: '${ return "a"; }',
  });
  assert.deepEqual(
    warnings.map(({ line, column, message }) => [line, column, /a bare -|quoted text|flow collection/.exec(message)?.[0]]),
    [
      [1, 6, "quoted text"],
      [5, 8, "quoted text"],
      [8, 3, "quoted text"],
      [10, 8, "quoted text"],
      [12, 9, "flow collection"],
      [16, 16, "a bare -"],
      [16, 29, "a bare -"],
      [17, 15, "a bare -"],
      [27, 9, "quoted text"],
    ],
  );
  const end = child(root, "end")!;
  assert.deepEqual(position(end.source, end.offset), { line: 25, column: 6 });
});

test("a wrong indentation is told once, at the line that is wrong, with what is tolerated left out", async () => {
  const tool = "class: CommandLineTool\ninputs:\n  word:\n    type: string\n";
  for (const [line, place] of [
    ["     inputBinding: {position: 1}", "x:5:6"],
    ["   inputBinding: {position: 1}", "x:5:4"],
    ["     # a comment\n      doc: x", "x:6:7"],
  ] as const)
    await assert.rejects(
      read(`doc: "two\nlines"\n${tool}${line}\noutputs: []\n`.replace('doc: "two\nlines"\n', "")),
      (error: Error) => {
        assert.match(error.message, new RegExp(`^${place}: wrong indentation: this line begins with \\d blanks`));
        assert.equal(error.message.split("\n").length, 1, error.message);
        return true;
      },
    );
  await assert.rejects(
    read(`doc: "two\nlines"\n${tool}     inputBinding: {}\noutputs: []\n`),
    /^Error.*x:7:6: wrong indentation[^\n]*$|x:7:6/,
  );
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

test("mistakes that people make are told once, at their line, with what is wrong", async () => {
  const told = async (text: string) =>
    read(text).then(
      () => "read",
      (error: Error) => error.message,
    );
  assert.match(await told("arguments:\n  - a\n - b\n"), /^x:3:2: wrong indentation: this line begins with 1 blank, .* 2 blanks$/);
  assert.match(await told("doc: Note: mind this\nb: 1\n"), /^x:1:6: a text with ": " in it needs quotes around it[^\n]*$/);
  assert.match(await told("a:\n- valueFrom: $(x ? y : z)\n"), /^x:2:14: a text with ": "[^\n]*$/);
  assert.match(await told("a: {b: $(c[0]), d: 1}\ne: {f: 2}\n"), /^x:1:11: a text with \[ in it needs quotes[^\n]*$/);
  assert.match(await told("a: {<<: 3}\n"), /^x:1:9: `<<` takes in mappings, and this is none$/);
  assert.match(await told("a:\n  b: 1\n  c: 2\n  b: 3\n"), /^x:4:3: the key b is here twice: first in line 2$/);
});
