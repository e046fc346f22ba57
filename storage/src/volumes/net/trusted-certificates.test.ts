import assert from "node:assert/strict";
import { test } from "node:test";
import { trusting } from "./trusted-certificates.ts";

test("what trusts certificates is kept as long as it is used, and not for ever", () => {
  const [used, left] = [trusting("# used"), trusting("# left")];
  // Texts of a user's choice: a comment makes another one.
  for (let count = 0; count < 20; count += 1) {
    trusting(`# ${count}`);
    assert.equal(trusting("# used"), used);
  }
  assert.notEqual(trusting("# left"), left);
});
