import assert from "node:assert/strict";
import { test } from "node:test";
import { gathering } from "./gathering.ts";

test("what comes while a batch is under way is done together, and each gets its own result", async () => {
  const batches: number[][] = [];
  const gate = Promise.withResolvers<void>();
  const double = gathering(async (numbers: readonly number[]) => {
    batches.push([...numbers]);
    if (batches.length === 1) await gate.promise;
    return numbers.map((number) => number * 2);
  });
  const answers = [1, 2, 3, 4].map((number) => double(number));
  gate.resolve();
  assert.deepEqual(await Promise.all(answers), [2, 4, 6, 8]);
  assert.deepEqual(batches, [[1], [2, 3, 4]]);
  assert.equal(await double(5), 10);
});

test("a batch that fails is done again piece by piece, so that a failure is its own piece's", async () => {
  const gate = Promise.withResolvers<void>();
  const half = gathering(async (numbers: readonly number[]) => {
    if (numbers[0] === 0) await gate.promise;
    const odd = numbers.find((number) => number % 2 === 1);
    if (odd !== undefined) throw new Error(`${odd} is odd`);
    return numbers.map((number) => number / 2);
  });
  const answers = [0, 2, 3, 4].map((number) => half(number));
  gate.resolve();
  const settled = await Promise.allSettled(answers);
  assert.deepEqual(
    settled.map((one) => (one.status === "fulfilled" ? one.value : one.reason.message)),
    [0, 1, "3 is odd", 2],
  );
});

test("a piece that is done again by itself does not keep the next batch waiting", async () => {
  const [first, stuck] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let failures = 0;
  const work = gathering(async (names: readonly string[]) => {
    if (names[0] === "first") await first.promise;
    if (names.includes("stuck")) {
      if (names.length > 1) {
        failures++;
        throw new Error("locked by somebody");
      }
      await stuck.promise;
    }
    return names;
  });
  const waiting = [work("first"), work("stuck"), work("beside")];
  first.resolve();
  assert.equal(await waiting[2], "beside");
  assert.equal(await work("later"), "later");
  assert.equal(failures, 1);
  stuck.resolve();
  assert.equal(await waiting[1], "stuck");
});
