import assert from "node:assert/strict";
import { test } from "node:test";
import { inTurns } from "./in-turns.ts";

test("between things that take long to make others get turns, and what is made is in order", async () => {
  const slowly = (item: number) => {
    for (const until = performance.now() + 25; performance.now() < until; );
    return item * 2;
  };
  let isMade = false;
  let turns = 0;
  const others = (async () => {
    for (; !isMade; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  })();
  const made = await inTurns([1, 2, 3, 4, 5], slowly);
  isMade = true;
  await others;
  assert.deepEqual(made, [2, 4, 6, 8, 10]);
  assert.ok(turns >= 4, `${turns} turns`);
  assert.deepEqual(await inTurns([], slowly), []);
});
