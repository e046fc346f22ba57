import assert from "node:assert/strict";
import { test } from "node:test";
import { withWorld } from "../../testing/world.ts";

// What YAML allows and people seldom write, sent as an app: read, or refused with 400 and a sentence; never our fault (500).

const tool = (more: string, expression = "'$({out: 1})'") => `cwlVersion: v1.2
class: ExpressionTool
requirements: [{ class: InlineJavascriptRequirement }]
inputs: []
outputs: { out: Any }
${more}
expression: ${expression}
`;
const PLAIN = tool("doc: plain");

const READ: Record<string, string | Uint8Array> = {
  plain: PLAIN,
  "line ends of old Macs": PLAIN.replaceAll("\n", "\r"),
  "a byte order mark": `\uFEFF${PLAIN}`,
  "a custom tag": tool("doc: !mine text"),
  "a python tag": tool("doc: !!python/object/apply:os.system [ls]"),
  "a binary tag": tool("doc: !!binary aGVsbG8="),
  "a set": tool("hints: !!set { a, b }"),
  "a timestamp": tool("label: 2001-12-14"),
  "a tab after a colon": tool("doc:\ttext"),
  "line ends of Windows": PLAIN.replaceAll("\n", "\r\n"),
  "a line separator": tool("doc: a\u2028b"),
  "a next line": tool("doc: a\u0085b"),
  "a long line": tool(`doc: ${"a".repeat(200_000)}`),
  "two documents": `${PLAIN}---\n${PLAIN}`,
  "an end mark": `---\n${PLAIN}...\n`,
  "a directive": `%YAML 1.1\n---\n${PLAIN}`,
  "not a number": tool("label: .nan"),
  infinity: tool("label: .inf"),
  __proto__: tool("__proto__: { a: b }"),
};

/** Read; that it is no good CWL is said with the app. */
const KEPT_WITH_PROBLEMS: Record<string, string> = {
  "a long key": tool(`? ${"k".repeat(5000)}\n: text`),
  "an octal": tool("doc: 0o17"),
};

const ports = (second: string) =>
  PLAIN.replace(
    "inputs: []",
    `inputs: { first: &first { type: string?, label: one }, other: &other { type: int, label: two }, second: ${second} }`,
  );

/** Text, and the label that the input `second` has then. */
const MERGED: readonly [string, string, string][] = [
  ["a merge key", ports("{ <<: *first }"), "one"],
  ["a merge key beside a key of its own", ports("{ <<: *first, label: own }"), "own"],
  ["a merge key of a list, of which the first counts", ports("{ <<: [*first, *other] }"), "one"],
];

const REFUSED: Record<string, string | Uint8Array> = {
  "a merge key of a scalar": tool("<<: 3"),
  "an anchor in itself": tool("doc: &loop [*loop]"),
  "a mapping in itself": tool("hints: &loop { A: *loop }"),
  "an alias of nothing": tool("doc: *nothing"),
  "a NUL": tool("doc: a\0b"),
  "an escaped NUL": tool('doc: "a\\0b"'),
  "a key twice": tool("doc: a\ndoc: b"),
  "a tab before a key": tool("hints:\n\t- class: A"),
  "UTF-16": Buffer.from(`\uFEFF${PLAIN}`, "utf16le"),
  "UTF-16 without a mark": Buffer.from(PLAIN, "utf16le"),
  "bytes that are no UTF-8": Buffer.concat([Buffer.from("doc: "), Buffer.from([0xff, 0xfe, 0xc3, 0x28]), Buffer.from("\n")]),
  "a lone surrogate": tool('doc: "\\uD800"'),
  "a mapping as a key": tool("? { a: b }\n: c"),
  nothing: "",
  "a comment": "# nothing\n",
  "a scalar": "text",
  "a list": "[1, 2]",
};

test(
  "each odd text of YAML is read as an app, or refused with a sentence that says why",
  withWorld(async (world) => {
    const { id: project } = await world.project("mira");
    let apps = 0;
    const send = (text: string | Uint8Array) =>
      world.send("POST", "mira", `/apps/${project}/app${apps++}/raw`, text, { "content-type": "application/yaml" });
    for (const [name, text] of Object.entries(READ)) {
      const { status, body } = await send(text);
      assert.equal(status, 200, `${name}: ${JSON.stringify(body)}`);
      assert.deepEqual(body["sbg:validationErrors"], [], name);
    }
    for (const [name, text] of Object.entries(KEPT_WITH_PROBLEMS)) {
      const { status, body } = await send(text);
      assert.equal(status, 200, `${name}: ${JSON.stringify(body)}`);
      assert.notDeepEqual(body["sbg:validationErrors"], [], name);
    }
    for (const [name, text, label] of MERGED) {
      const { body } = await send(text);
      assert.deepEqual(body["sbg:validationErrors"], [], name);
      const second = body.inputs.find(({ id }: { id: string }) => id === "second");
      assert.deepEqual([second.type, second.label], ["string?", label], name);
    }
    for (const [name, text] of Object.entries(REFUSED)) {
      const { status, body } = await send(text);
      assert.equal(status, 400, `${name}: ${JSON.stringify(body)}`);
      assert.match(body.more_info, /detail=\w/, name);
    }
  }),
);
