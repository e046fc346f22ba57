import assert from "node:assert/strict";
import { test } from "node:test";
import { SharedWork } from "./shared-work.ts";

/** Work that goes on until it is told to end, or is let end. */
function endless() {
  const begun: { end: (result: string) => void; abandoned: AbortSignal }[] = [];
  const begin = (abandoned: AbortSignal) =>
    new Promise<string>((end, fail) => {
      begun.push({ end, abandoned });
      abandoned.addEventListener("abort", () => fail(abandoned.reason), { once: true });
    });
  return { begun, begin };
}

test("work that several want is done once, and goes on when some of them give up", async () => {
  const shared = new SharedWork<string>();
  const { begun, begin } = endless();
  const [first, second] = [new AbortController(), new AbortController()];
  const answers = [first, second].map(({ signal }) => shared.join("x", begin, signal));
  first.abort(new Error("no more"));
  await assert.rejects(answers[0]!, /no more/);
  assert.equal(begun.length, 1);
  assert.ok(!begun[0]!.abandoned.aborted);
  begun[0]!.end("done");
  assert.equal(await answers[1], "done");
  second.abort();
  assert.ok(!begun[0]!.abandoned.aborted, "it is over: nothing to end");
  void shared.join("x", begin);
  assert.equal(begun.length, 2, "nothing is remembered of work that is done");
});

test("work that nobody waits for any more is ended, and whoever asks then begins anew", async () => {
  const shared = new SharedWork<string>();
  const { begun, begin } = endless();
  const callers = [new AbortController(), new AbortController()];
  const answers = callers.map(({ signal }) => shared.join("x", begin, signal));
  for (const caller of callers) caller.abort(new Error("no more"));
  const again = shared.join("x", begin);
  assert.equal(begun.length, 2);
  for (const answer of answers) await assert.rejects(answer, /no more/);
  assert.ok(begun[0]!.abandoned.aborted && !begun[1]!.abandoned.aborted);
  begun[1]!.end("done");
  assert.equal(await again, "done");
  await assert.rejects(shared.join("x", begin, AbortSignal.abort(new Error("never"))), /never/);
  assert.equal(begun.length, 2);
});
