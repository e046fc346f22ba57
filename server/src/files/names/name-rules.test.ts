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
  // The last dot begins the extension; one that long is no extension to be kept.
  assert.equal(prefixed(`s1.${"a".repeat(249)}.gz`, 1), `_1_s1.${"a".repeat(246)}.gz`);
  assert.equal(prefixed(`ab.${"x".repeat(252)}`, 1), `_1_ab.${"x".repeat(249)}`);
  assert.equal(prefixed(`abc.${"x".repeat(251)}`, 1), `_1_abc.${"x".repeat(248)}`);
  assert.equal(prefixed(`abcd.${"x".repeat(250)}`, 1), `_1_a.${"x".repeat(250)}`);
  assert.equal(prefixed("🧬".repeat(255), 1), `_1_${"🧬".repeat(252)}`);
});
