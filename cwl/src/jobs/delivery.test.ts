import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import type { DirectoryValue, FileValue, Value } from "../model.ts";
import { deliverOutputs } from "./delivery.ts";
import { toolBench } from "./tool-bench.ts";

/** A work directory with files of jobs, and a destination. */
function depot(test: TestContext) {
  const { directory } = toolBench(test);
  const work = `${directory}/work`;
  const destination = `${directory}/results`;
  const make = (path: string, text = path): FileValue => {
    const full = `${directory}/${path}`;
    mkdirSync(full.slice(0, full.lastIndexOf("/")), { recursive: true });
    writeFileSync(full, text);
    return { class: "File", location: `file://${full}`, basename: path.slice(path.lastIndexOf("/") + 1), size: text.length };
  };
  const deliver = (outputs: { [port: string]: Value }) => deliverOutputs(outputs, { destination, workDirectory: work });
  const read = (name: string) => readFileSync(`${destination}/${name}`, "utf8");
  return { directory, destination, make, deliver, read };
}
const directoryAt = (path: string): DirectoryValue => ({
  class: "Directory",
  location: `file://${path}`,
  basename: path.slice(path.lastIndexOf("/") + 1),
});

test("files of jobs are moved, inputs passed through are copied", async (t) => {
  const { directory, destination, make, deliver, read } = depot(t);
  const delivered = await deliver({ made: make("work/1/a.txt"), passed: make("inputs/b.txt"), n: 3 });
  assert.deepEqual([read("a.txt"), read("b.txt"), delivered.n], ["work/1/a.txt", "inputs/b.txt", 3]);
  assert.equal((delivered.made as FileValue).location, `file://${destination}/a.txt`);
  assert.deepEqual([existsSync(`${directory}/work/1/a.txt`), existsSync(`${directory}/inputs/b.txt`)], [false, true]);
});

test("different files of one name get numbers, one file referred to twice is there once", async (t) => {
  const { make, deliver, destination, read } = depot(t);
  const first = make("work/1/a.txt");
  const delivered = await deliver({ list: [first, make("work/2/a.txt"), make("work/3/a.txt"), { ...first }] });
  assert.deepEqual(
    (delivered.list as unknown as FileValue[]).map(({ basename }) => basename),
    ["a.txt", "a.txt_2", "a.txt_3", "a.txt"],
  );
  assert.deepEqual(readdirSync(destination).sort(), ["a.txt", "a.txt_2", "a.txt_3"]);
  assert.equal(read("a.txt_2"), "work/2/a.txt");
});

test("one file under two names is there twice", async (t) => {
  const { make, deliver, read } = depot(t);
  const first = make("work/1/a.txt", "text");
  await deliver({ one: first, two: { ...first, basename: "b.txt" } });
  assert.deepEqual([read("a.txt"), read("b.txt")], ["text", "text"]);
});

test("directories come with complete listings, also when a part of one is an output of its own", async (t) => {
  const { directory, make, deliver, read } = depot(t);
  const inner = make("work/1/d/sub/f.txt", "hello");
  const delivered = await deliver({
    whole: directoryAt(`${directory}/work/1/d`),
    part: directoryAt(`${directory}/work/1/d/sub`),
    leaf: inner,
  });
  assert.deepEqual([read("d/sub/f.txt"), read("sub/f.txt"), read("f.txt")], ["hello", "hello", "hello"]);
  const [sub] = (delivered.whole as DirectoryValue).listing as DirectoryValue[];
  const leaf = sub?.listing?.[0] as FileValue | undefined;
  assert.deepEqual([leaf?.basename, leaf?.size, leaf?.checksum], ["f.txt", 5, "sha1$aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"]);
});

test("literals are written, with the real files inside literal directories", async (t) => {
  const { make, deliver, read } = depot(t);
  const literal: FileValue = { class: "File", basename: "l.txt", contents: "literal" };
  const delivered = await deliver({
    l: literal,
    d: { class: "Directory", basename: "d", listing: [{ ...literal }, make("work/1/r.txt"), make("inputs/i.txt")] },
  });
  assert.deepEqual(
    [read("l.txt"), read("d/l.txt"), read("d/r.txt"), read("d/i.txt")],
    ["literal", "literal", "work/1/r.txt", "inputs/i.txt"],
  );
  assert.deepEqual([(delivered.l as FileValue).size, (delivered.l as FileValue).contents], [7, undefined]);
  assert.equal((delivered.d as DirectoryValue).listing?.length, 3);
  const loaded = await deliver({ f: { ...make("work/1/f.txt"), contents: "for expressions" } });
  assert.ok(!("contents" in (loaded.f as FileValue)), "what was loaded of a file is in the file");
});

test("results of an earlier run are replaced, secondary files are delivered beside their primary", async (t) => {
  const { make, deliver, read, destination } = depot(t);
  make("results/a.bam", "old");
  make("results/d/kept.txt", "kept");
  make("work/1/d/new.txt");
  const bam = { ...make("work/1/a.bam", "new"), secondaryFiles: [make("work/1/a.bam.bai", "index")] };
  const delivered = await deliver({ bam, d: directoryAt(`${destination.replace("results", "work")}/1/d`) });
  assert.deepEqual(
    [read("a.bam"), read("a.bam.bai"), read("d/kept.txt"), read("d/new.txt")],
    ["new", "index", "kept", "work/1/d/new.txt"],
  );
  assert.equal((delivered.bam as FileValue).secondaryFiles?.[0]?.location, `file://${destination}/a.bam.bai`);
});

test("an input in the destination is passed through before an output of its name replaces it", async (t) => {
  const { make, deliver, read } = depot(t);
  const input = make("results/a.txt", "input");
  await deliver({ made: make("work/1/a.txt", "made"), passed: input });
  assert.deepEqual([read("a.txt"), read("a.txt_2")], ["made", "input"]);
});

test("a directory of the user's is never removed to make room for a file", async (t) => {
  const { make, deliver, read } = depot(t);
  make("results/a/precious.txt", "precious");
  await assert.rejects(deliver({ made: make("work/1/a") }), /results\/a: a directory is in the place of this output/);
  assert.equal(read("a/precious.txt"), "precious");
});
