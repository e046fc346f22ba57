import assert from "node:assert/strict";
import { test } from "node:test";
import { Slots } from "./slots.ts";

function world(cores: number, ramMiB: number) {
  const started: string[] = [];
  const slots = new Slots({ cores, ramMiB });
  const ask = (id: string, claim: { cores: number; ramMiB: number }) => slots.ask(id, claim, () => started.push(id));
  return { slots, started, ask };
}

test("jobs start while they fit, and the reason for waiting names what is short", () => {
  const { slots, started, ask } = world(2, 1000);
  ask("a", { cores: 1, ramMiB: 600 });
  ask("b", { cores: 1, ramMiB: 600 });
  assert.deepEqual(started, ["a"]);
  assert.equal(slots.reason("b"), "no free memory");
  ask("c", { cores: 1, ramMiB: 100 });
  ask("d", { cores: 1, ramMiB: 100 });
  assert.equal(slots.reason("d"), "no free core");
  slots.release("a");
  assert.deepEqual(started, ["a", "c", "b"]);
});

test("a large job is overtaken only so often", () => {
  const { slots, started, ask } = world(2, 1000);
  ask("first", { cores: 1, ramMiB: 1 });
  ask("large", { cores: 2, ramMiB: 1 });
  for (let n = 0; n < 30; n++) {
    ask(`small${n}`, { cores: 1, ramMiB: 1 });
    slots.release(`small${n}`);
  }
  assert.equal(started.length, 21);
  ask("late", { cores: 1, ramMiB: 1 });
  assert.equal(slots.reason("late"), "behind a larger job");
  slots.release("first");
  assert.equal(started.at(-1), "large");
});

test("a job that wants more than the host has runs alone", () => {
  const { slots, started, ask } = world(2, 1000);
  ask("huge", { cores: 64, ramMiB: 500_000 });
  ask("small", { cores: 1, ramMiB: 1 });
  assert.deepEqual(started, ["huge"]);
  slots.release("huge");
  assert.deepEqual(started, ["huge", "small"]);
});

test("asking twice starts once, releasing twice frees once", () => {
  const { slots, started, ask } = world(1, 1000);
  ask("a", { cores: 1, ramMiB: 1 });
  ask("a", { cores: 1, ramMiB: 1 });
  slots.release("a");
  slots.release("a");
  ask("b", { cores: 1, ramMiB: 1 });
  ask("c", { cores: 1, ramMiB: 1 });
  assert.deepEqual(started, ["a", "b"]);
});
