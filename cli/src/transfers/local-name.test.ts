import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { test } from "node:test";
import { localName } from "./local-name.ts";

test("ordinary names stay as they are", () => {
  for (const name of ["reads_1.fastq.gz", ".hidden", "ü b (2).txt", "..."]) assert.equal(localName(name), name);
});

test("no name leads out of its directory or garbles a terminal", () => {
  for (const name of [
    "..",
    ".",
    "",
    "../../etc/passwd",
    "/etc/passwd",
    "..\\evil",
    "a/b",
    "\u0000",
    "line\nbreak",
    "\u001b[2J",
  ]) {
    const local = localName(name);
    assert.match(local, /^[^/\\\p{Cc}]+$/u);
    assert.equal(relative("/somewhere", join("/somewhere", local)), local);
  }
});

test("a name too long for a file system keeps its ending", () => {
  const local = localName(`${"ü".repeat(300)}.fastq.gz`);
  assert.ok(Buffer.byteLength(local) <= 240);
  assert.ok(local.endsWith("ü.fastq.gz"));
});
