import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { FILTER_FILE, filterBytes, refusedCalls, refusesUserNamespaces } from "./filter.ts";

test("the file is what the code makes", () => {
  // To write it anew: node -e 'import("./filter.ts").then((f) => fs.writeFileSync(f.FILTER_FILE, f.filterBytes()))'
  assert.deepEqual(readFileSync(FILTER_FILE), filterBytes());
});

test("on every architecture exactly the named calls are refused, x32's all", () => {
  const audits = { x64: 0xc000003e, ia32: 0x40000003, arm64: 0xc00000b7, arm: 0x40000028 };
  for (const [architecture, audit] of Object.entries(audits)) {
    const refused = Array.from({ length: 600 }, (_, number) => number).filter((number) => answerTo(audit, number) === REFUSED);
    assert.deepEqual(
      refused,
      Object.values(refusedCalls(architecture)).sort((a, b) => a - b),
      architecture,
    );
  }
  for (const number of [0, 1, 250, 600]) assert.equal(answerTo(audits.x64, 0x40000000 + number), REFUSED);
  assert.equal(answerTo(0xc00000f3, 219), ALLOWED, "other architectures are not known");
});

test("no call makes a user namespace, on any architecture, and the other flags of these calls are let through", () => {
  const calls = {
    x64: [0xc000003e, 56, 272],
    ia32: [0x40000003, 120, 310],
    arm64: [0xc00000b7, 220, 97],
    arm: [0x40000028, 120, 337],
  };
  for (const [architecture, [audit, ...numbers]] of Object.entries(calls)) {
    assert.ok(refusesUserNamespaces(architecture));
    for (const number of numbers) {
      for (const flags of [CLONE_NEWUSER, CLONE_NEWUSER | 0x20011, 0xffffffff])
        assert.equal(answerTo(audit!, number, flags), REFUSED);
      for (const flags of [0, 17, 0x20000, ~CLONE_NEWUSER >>> 0]) assert.equal(answerTo(audit!, number, flags), ALLOWED);
    }
    assert.equal(answerTo(audit!, 435), NO_SUCH_CALL, "the flags of clone3 are out of sight");
  }
  assert.ok(!refusesUserNamespaces("riscv64"));
});

const CLONE_NEWUSER = 0x10000000;
const REFUSED = 0x00050001;
const NO_SUCH_CALL = 0x00050026;
const ALLOWED = 0x7fff0000;

/** What the kernel would do: the instructions of linux/filter.h that the filter is made of. */
function answerTo(architecture: number, number: number, firstArgument = 0): number {
  const program = filterBytes();
  let loaded = 0;
  for (let at = 0; at < program.length; at += 8) {
    const [code, yes, no] = [program.readUInt16LE(at), program.readUInt8(at + 2), program.readUInt8(at + 3)];
    const k = program.readUInt32LE(at + 4);
    if (code === 0x20) loaded = k === 0 ? number : k === 4 ? architecture : firstArgument;
    else if (code === 0x15) at += 8 * (loaded === k ? yes : no);
    else if (code === 0x35) at += 8 * (loaded >= k ? yes : no);
    else if (code === 0x45) at += 8 * ((loaded & k) !== 0 ? yes : no);
    else if (code === 0x06) return k;
    else throw new Error(`no such instruction here: ${code}`);
  }
  throw new Error("the filter has no end");
}
