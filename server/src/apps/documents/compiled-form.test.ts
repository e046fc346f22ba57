import assert from "node:assert/strict";
import { test } from "node:test";
import { packed, unpacked } from "./compiled-form.ts";

test("a compiled document comes in pieces and is what it was: values, order of keys, and what stands in several places", async () => {
  const tool = { class: "CommandLineTool", inputs: [] };
  Object.defineProperty(tool, "__proto__", { value: { a: 1 }, enumerable: true });
  const document = {
    long: 2n ** 60n,
    nothing: undefined,
    null: null,
    not: Number.NaN,
    10: "ten",
    text: "é\0😀",
    steps: Array.from({ length: 20_000 }, (_, n) => ({ id: `s${n}`, run: tool, nested: [[n], { n }] })),
    numbers: Array.from({ length: 50_000 }, (_, n) => n),
    empty: [{}, []],
  };
  const pieces = packed(document);
  assert.ok(pieces.length > 10, String(pieces.length));
  let turns = 0;
  const counting = setInterval(() => turns++);
  const read = (await unpacked(pieces)) as typeof document;
  clearInterval(counting);
  assert.deepEqual(read, document);
  assert.equal(JSON.stringify(read.steps), JSON.stringify(document.steps));
  assert.deepEqual(Object.keys(read), Object.keys(document));
  assert.equal(read.steps[0]!.run, read.steps[19_999]!.run, "one object");
  assert.ok(Object.hasOwn(read.steps[0]!.run, "__proto__") && Object.getPrototypeOf(read.steps[0]!.run) === Object.prototype);
  assert.ok(turns > 0, "others had their turns meanwhile");
});

test("what holds itself is packed, too", async () => {
  const loop: { self?: object; list: unknown[] } = { list: [] };
  loop.self = loop;
  loop.list.push(loop.list);
  const read = (await unpacked(packed(loop))) as typeof loop;
  assert.equal(read.self, read);
  assert.equal(read.list[0], read.list);
});
