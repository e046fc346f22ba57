import assert from "node:assert/strict";
import { test } from "node:test";
import { sortInTurns } from "./sort-in-turns.ts";

const NAMES = Array.from({ length: 50_000 }, (_, index) => ({ sort: `sample ${(index * 7919) % 50_000}` }));

test("many names are sorted as one sort would, and others get turns meanwhile", async () => {
  let isSorted = false;
  let turns = 0;
  const others = (async () => {
    for (; !isSorted; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  })();
  const sorted = await sortInTurns(NAMES, new AbortController().signal);
  isSorted = true;
  await others;
  assert.deepEqual(
    sorted,
    NAMES.toSorted((a, b) => (a.sort < b.sort ? -1 : a.sort > b.sort ? 1 : 0)),
  );
  assert.ok(turns > 10, `${turns} turns`);
});

test("few names, or none, are sorted too", async () => {
  const { signal } = new AbortController();
  assert.deepEqual(await sortInTurns([], signal), []);
  assert.deepEqual(await sortInTurns([{ sort: "b" }, { sort: "a" }], signal), [{ sort: "a" }, { sort: "b" }]);
});

test("sorting ends when nobody waits for it any more", async () => {
  const leaving = new AbortController();
  const sorting = sortInTurns(NAMES, leaving.signal);
  leaving.abort(new Error("gone"));
  await assert.rejects(sorting, /gone/);
});
