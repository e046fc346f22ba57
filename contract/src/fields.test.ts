import assert from "node:assert/strict";
import { test } from "node:test";
import { compileFields } from "./fields.ts";

const file = {
  href: "https://h/v2/files/1",
  id: "1",
  name: "a.bam",
  size: 5,
  origin: { task: "t", dataset: "d" },
  metadata: { sample_id: "S1", library: "L", "odd.key": "o" },
  tags: ["x"],
  links: [
    { rel: "a", href: "1" },
    { rel: "b", href: "2" },
  ],
  settings: null,
};
const listDefaults = ["href", "id", "name"];
const select = (fields: string | string[], defaults: string[] | "all" = "all") =>
  compileFields([fields].flat(), defaults).apply(file);

const examples: [string, string | string[], string[] | "all", object][] = [
  ["absent in a detail call: everything", [], "all", file],
  ["absent in a list: its default subset", [], listDefaults, { href: file.href, id: "1", name: "a.bam" }],
  ["empty: as if absent", "", listDefaults, { href: file.href, id: "1", name: "a.bam" }],
  ["names: only these, in the order of the object", "size,id", "all", { id: "1", size: 5 }],
  ["_all: everything, also in a list", "_all", listDefaults, file],
  ["_all with names: everything", "id,_all", listDefaults, file],
  ["a negation alone in a list: the default subset without it", "!name", listDefaults, { href: file.href, id: "1" }],
  ["names and negations combine", "id,name,size,!name,!origin", "all", { id: "1", size: 5 }],
  ["a dotted name: the part, in its parent", "origin.task", "all", { origin: { task: "t" } }],
  ["parent and part: the whole parent", "origin.task,origin", "all", { origin: file.origin }],
  ["part after parent: the whole parent", "origin,origin.task", "all", { origin: file.origin }],
  ["a negated part: the parent stays", "origin,!origin.task", "all", { origin: { dataset: "d" } }],
  ["all parts negated: the parent stays empty", "origin,!origin.task,!origin.dataset", "all", { origin: {} }],
  ["a negated part of what is not selected: nothing happens", "id,!origin.task", "all", { id: "1" }],
  ["an array of objects: the path applies to every element", "links.rel", "all", { links: [{ rel: "a" }, { rel: "b" }] }],
  ["a metadata key with a dot", "metadata.odd.key", "all", { metadata: { "odd.key": "o" } }],
  ["a negated metadata key with a dot", "metadata,!metadata.odd.key,!metadata.library", "all", { metadata: { sample_id: "S1" } }],
  ["unknown names: ignored", "id,nothing,name.below", "all", { id: "1" }],
  ["a part of what is null: null", "settings.locked", "all", { settings: null }],
  ["repeated and mixed with blanks", ["id, name", " size"], "all", { id: "1", name: "a.bam", size: 5 }],
  [
    "all but one",
    "_all,!metadata,!links,!tags,!settings,!origin",
    listDefaults,
    { href: file.href, id: "1", name: "a.bam", size: 5 },
  ],
];

for (const [title, fields, defaults, expected] of examples) {
  test(`fields ${title}`, () => assert.deepEqual(select(fields, defaults), expected));
}

test("in a bare metadata map a dot belongs to the key", () => {
  const map = { "a.b": "1", a: "2" };
  assert.deepEqual(compileFields(["a.b"], "all", { flat: true }).apply(map), { "a.b": "1" });
});

test("a selector tells which keys anybody sees", () => {
  const selector = compileFields(["id,metadata.a,!tags"], "all");
  assert.deepEqual(["id", "metadata", "tags", "size"].map(selector.wants), [true, true, false, false]);
  const allButOne = compileFields(["!raw,!origin.task"], "all");
  assert.deepEqual(["raw", "origin", "id"].map(allButOne.wants), [false, true, true]);
});

test("a key named __proto__ is a key like any other", () => {
  const odd = JSON.parse('{"metadata":{"__proto__":"x","a":"y"}}');
  const kept = compileFields(["metadata.__proto__"], "all").apply(odd);
  assert.equal(JSON.stringify(kept), '{"metadata":{"__proto__":"x"}}');
});
