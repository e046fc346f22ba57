import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesInWords, counted, durationInWords, numbered } from "./words.ts";

test("numbers of every size are written for people, and the same everywhere", () => {
  assert.deepEqual([0, 999, 1000, 1_234_567].map(numbered), ["0", "999", "1,000", "1,234,567"]);
  assert.deepEqual(
    [counted(0, "file"), counted(1, "file"), counted(1000, "file"), counted(2, "entry", "entries")],
    ["0 files", "1 file", "1,000 files", "2 entries"],
  );
});

test("bytes are rounded in every unit, also where they are a speed", () => {
  const sizes = [0, 166.31578947, 1023.9, 1536, 10.4 * 1024, 3 * 1024 ** 5, null, undefined];
  assert.deepEqual(sizes.map(bytesInWords), ["0 bytes", "166 bytes", "1.0 KiB", "1.5 KiB", "10 KiB", "3072 TiB", "-", "-"]);
});

test("durations say no more than matters", () => {
  const all = [670.4, 4200, 59_400, 201_000, 12_000_000, 49 * 3_600_000];
  assert.deepEqual(all.map(durationInWords), ["670 ms", "4.2 s", "59 s", "3 min 21 s", "3 h 20 min", "2 d 1 h"]);
});
