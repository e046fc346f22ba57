import assert from "node:assert/strict";
import { test } from "node:test";
import { isFileName, isFolderName, prefixed } from "./name-rules.ts";

test("a name has 1 to 255 characters, counted as people count them", () => {
  for (const name of ["a", "run 12.bam", "é".repeat(255), "🧬".repeat(255), "...", "_1_run.bam", "__init__.py"]) {
    assert.ok(isFileName(name), name);
  }
  for (const name of ["", "a".repeat(256), "🧬".repeat(256), "a".repeat(511)]) assert.ok(!isFileName(name), name);
});

test("a name has no slash, no control character, no half of a character, and is no dot directory", () => {
  for (const name of ["a/b", "/", ".", "..", "a\0b", "a\nb", "\x7f", "\x85", "\ud83e"])
    assert.ok(!isFileName(name), JSON.stringify(name));
});

test("two leading underscores are for the platform's own folders", () => {
  assert.ok(!isFolderName("__cache"));
  assert.ok(isFolderName("_cache"));
});

test("a taken name gets a number in front", () => {
  assert.equal(prefixed("run.bam", 0), "run.bam");
  assert.equal(prefixed("run.bam", 1), "_1_run.bam");
  assert.equal(prefixed("_1_run.bam", 12), "_12__1_run.bam");
});

test("a prefix that makes a name too long costs the end of its stem, never the extension", () => {
  const renamed = prefixed(`${"a".repeat(251)}.bam`, 10);
  assert.equal([...renamed].length, 255);
  assert.match(renamed, /^_10_a+\.bam$/);
  assert.equal(prefixed("🧬".repeat(255), 1), `_1_${"🧬".repeat(252)}`);
});
