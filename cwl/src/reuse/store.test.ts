import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { DirectoryValue, FileValue, Outputs } from "../model.ts";
import { DirectoryReuseStore } from "./directory-store.ts";
import type { JobKey } from "./job-key.ts";
import { createMemoryReuseStore } from "./memory-store.ts";
import type { ReuseStore } from "./store.ts";

const place = mkdtempSync(join(tmpdir(), "reuse-store-"));
after(() => rmSync(place, { recursive: true }));
const freshDirectory = () => mkdtempSync(join(place, "d-"));

const keyOf = (name: string, inputs: JobKey["parts"]["inputs"] = {}, tool = "tool"): JobKey => ({
  key: name.padEnd(64, "0"),
  parts: { family: "family", tool, image: "none", resources: "", inputs },
});
const note = (name: string) => ({ name, at: "2026-01-02T03:04:05.678Z", shown: {} });

/** A file with its index beside it, a directory with a link inside, a literal, and a number. */
function makeOutputs(): { outputs: Outputs; directory: string } {
  const directory = freshDirectory();
  writeFileSync(`${directory}/a.bam`, "reads", { mode: 0o640 });
  writeFileSync(`${directory}/a.bam.bai`, "index", { mode: 0o755 });
  mkdirSync(`${directory}/tree/inner`, { recursive: true });
  writeFileSync(`${directory}/tree/inner/leaf`, "leaf");
  symlinkSync("inner/leaf", `${directory}/tree/link`);
  const file = (name: string): FileValue => ({ class: "File", location: `file://${directory}/${name}`, basename: name });
  const outputs: Outputs = {
    reads: { ...file("a.bam"), metadata: { sample: "s1" }, secondaryFiles: [file("a.bam.bai")] },
    tree: { class: "Directory", location: `file://${directory}/tree`, basename: "tree", listing: [file("tree/inner/leaf")] },
    literal: { class: "File", basename: "note.txt", contents: "hello" },
    same: [file("a.bam")],
    count: 3,
  };
  return { outputs, directory };
}
type Seen = Omit<FileValue, "class"> & Omit<DirectoryValue, "class">;
const pathOf = (value: unknown) => fileURLToPath((value as FileValue).location!);
const textOf = (value: unknown) => readFileSync(pathOf(value), "utf8");

/** What every store promises. */
function testReuseStore(name: string, createStore: () => ReuseStore) {
  describe(name, () => {
    test("what is found is what was recorded, below the directory asked for", async () => {
      const store = createStore();
      const { outputs, directory } = makeOutputs();
      await store.record(keyOf("a"), note("first"), outputs);
      rmSync(directory, { recursive: true });
      const target = `${freshDirectory()}/reused`;
      const found = await store.find(keyOf("a").key, target);
      assert.equal(found?.job.name, "first");
      const { reads, tree, literal, same, count } = found!.outputs as { [port: string]: Seen };
      assert.ok(pathOf(reads).startsWith(`${target}/`));
      assert.equal(textOf(reads), "reads");
      assert.deepEqual(reads!.metadata, { sample: "s1" });
      assert.equal(statSync(pathOf(reads)).mode & 0o777, 0o640);
      assert.equal(pathOf(reads!.secondaryFiles![0]), `${pathOf(reads)}.bai`);
      assert.equal(statSync(pathOf(reads!.secondaryFiles![0])).mode & 0o777, 0o755);
      assert.equal(textOf(tree!.listing![0]), "leaf");
      assert.equal(readlinkSync(`${pathOf(tree)}/link`), "inner/leaf");
      assert.deepEqual(literal, outputs.literal);
      assert.equal(pathOf((same as unknown as FileValue[])[0]), pathOf(reads));
      assert.equal(count, 3);
    });

    test("a key that is not known gives nothing and leaves nothing", async () => {
      const target = `${freshDirectory()}/reused`;
      assert.equal(await createStore().find(keyOf("a").key, target), undefined);
      assert.equal(statSync(target, { throwIfNoEntry: false }), undefined);
    });

    test("who changes what was handed out, or what was handed in, changes nothing that is kept", async () => {
      const store = createStore();
      const { outputs, directory } = makeOutputs();
      await store.record(keyOf("a"), note("first"), outputs);
      appendFileSync(`${directory}/a.bam`, " changed");
      const found = await store.find(keyOf("a").key, `${freshDirectory()}/one`);
      appendFileSync(pathOf(found!.outputs.reads), " changed");
      assert.equal(textOf((await store.find(keyOf("a").key, `${freshDirectory()}/two`))!.outputs.reads), "reads");
    });

    test("two that record one job at once leave one record", async () => {
      const store = createStore();
      const { outputs } = makeOutputs();
      await Promise.all(["first", "second"].map((job) => store.record(keyOf("a"), note(job), outputs)));
      assert.equal(textOf((await store.find(keyOf("a").key, `${freshDirectory()}/x`))!.outputs.reads), "reads");
    });

    test("the nearest job is one of the same tool before one with the same inputs, and the nearest of those", async () => {
      const store = createStore();
      await store.record(keyOf("a", { x: "1", y: "1", z: "1" }, "other"), note("other tool"), {});
      assert.equal((await store.nearest(keyOf("q", { x: "1", y: "1", z: "1" }).parts))?.name, "other tool");
      await store.record(keyOf("b", { x: "2", y: "2", z: "1" }), note("far"), {});
      await store.record(keyOf("c", { x: "1", y: "2", z: "1" }), note("near"), {});
      assert.equal((await store.nearest(keyOf("q", { x: "1", y: "1", z: "1" }).parts))?.name, "near");
      assert.equal(await store.nearest({ ...keyOf("q").parts, family: "stranger" }), undefined);
    });
  });
}

testReuseStore("memory", createMemoryReuseStore);
testReuseStore("a directory", () => new DirectoryReuseStore(freshDirectory()));

/** All files below a directory of the store. */
const filesOf = (store: string, part: string) =>
  readdirSync(join(store, part), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe("a directory", () => {
  test("is found again by the next process, with the notes that explain misses", async () => {
    const at = freshDirectory();
    await new DirectoryReuseStore(at).record(keyOf("a", { x: "1" }), note("first"), makeOutputs().outputs);
    const later = new DirectoryReuseStore(at);
    assert.equal((await later.find(keyOf("a").key, `${freshDirectory()}/x`))?.job.name, "first");
    assert.equal((await later.nearest(keyOf("b", { x: "2" }).parts))?.name, "first");
    assert.deepEqual(readdirSync(`${at}/unfinished`), []);
  });

  for (const [damage, part, inflict] of [
    ["an output file that was changed", "files", (path: string) => rewrite(path, "rEads")],
    ["an output file that was cut", "files", (path: string) => rewrite(path, "")],
    ["an output file that is gone", "files", (path: string) => rmSync(path)],
    ["a record that was cut", "jobs", (path: string) => rewrite(path, readFileSync(path, "utf8").slice(0, -9))],
    ["a record that was changed", "jobs", (path: string) => rewrite(path, readFileSync(path, "utf8").replace("first", "worst"))],
    ["a record of zeros, as after a power cut", "jobs", (path: string) => rewrite(path, "\0".repeat(500))],
  ] as const) {
    test(`${damage} is a miss, is removed, and is mended by the next record`, async () => {
      const at = freshDirectory();
      const store = new DirectoryReuseStore(at);
      const { outputs } = makeOutputs();
      await store.record(keyOf("a"), note("first"), outputs);
      for (const path of filesOf(at, part)) inflict(path);
      const target = `${freshDirectory()}/reused`;
      assert.equal(await store.find(keyOf("a").key, target), undefined);
      assert.equal(statSync(target, { throwIfNoEntry: false }), undefined);
      assert.deepEqual(filesOf(at, "jobs"), []);
      await store.record(keyOf("a"), note("first"), outputs);
      assert.equal(textOf((await store.find(keyOf("a").key, target))?.outputs.reads), "reads");
    });
  }

  test("what a process that died left unfinished is removed a day later", () => {
    const at = freshDirectory();
    new DirectoryReuseStore(at);
    for (const name of ["old", "new"]) mkdirSync(`${at}/unfinished/${name}`);
    utimesSync(`${at}/unfinished/old`, 0, 0);
    new DirectoryReuseStore(at);
    assert.deepEqual(readdirSync(`${at}/unfinished`), ["new"]);
  });

  test("a record that cannot be written is an error and no record", async () => {
    const at = freshDirectory();
    const store = new DirectoryReuseStore(at);
    const { outputs, directory } = makeOutputs();
    rmSync(`${directory}/a.bam`);
    await assert.rejects(store.record(keyOf("a"), note("first"), outputs), /ENOENT/);
    assert.equal(await store.find(keyOf("a").key, `${freshDirectory()}/x`), undefined);
    assert.deepEqual(readdirSync(`${at}/unfinished`), []);
  });
});

function rewrite(path: string, text: string): void {
  rmSync(path);
  writeFileSync(path, text);
}
