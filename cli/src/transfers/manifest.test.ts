import assert from "node:assert/strict";
import { test } from "node:test";
import { CliError } from "../exit.ts";
import { readManifest } from "./manifest.ts";

test("a manifest's rows name a file and what is set on it; empty cells say nothing", () => {
  const text = '\uFEFFFile name,sample_id,note\r\na.fastq,S1,\r\n"dir/b, c.fastq",,"says ""hi"",\nand more"\r\n\r\n';
  assert.deepEqual(readManifest(text, "m.csv"), [
    { file: "a.fastq", metadata: { sample_id: "S1" } },
    { file: "dir/b, c.fastq", metadata: { note: 'says "hi",\nand more' } },
  ]);
});

test("what is no manifest is refused with the place", () => {
  assert.throws(() => readManifest("path,sample\na,b\n", "m.csv"), CliError);
  assert.throws(() => readManifest("", "m.csv"), /first column must be headed "File name"/);
  assert.throws(() => readManifest("File name,a\nx,1,2\n", "m.csv"), /m\.csv, row 2, has more cells/);
});
