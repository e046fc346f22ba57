import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import type { DirectoryValue, FileValue, InputPort, Value } from "../model.ts";
import { bindInputs } from "./input-binding.ts";
import { file, tool, toolBench } from "./tool-bench.ts";

/** Binds one input named `x`. */
function binder(test: TestContext) {
  const { context, directory } = toolBench(test);
  const bind = async (port: Partial<InputPort>, x?: Value, more: Partial<Parameters<typeof bindInputs>[2]> = {}) => {
    const javascript = { inlineJavascript: { expressionLib: [] } };
    const process = tool({ requirements: javascript, inputs: [{ id: "x", type: "File", ...port }] });
    return (await bindInputs(process, x === undefined ? {} : { x }, { ...context, ...more })).x as Value;
  };
  return { bind, directory };
}

test("a File gets all its names, its size and an empty metadata", async (t) => {
  const { bind, directory } = binder(t);
  writeFileSync(`${directory}/a b#1.tar.gz`, "12345");
  assert.deepEqual(await bind({}, { class: "File", location: `file://${directory}/a%20b%231.tar.gz` }), {
    class: "File",
    location: `file://${directory}/a%20b%231.tar.gz`,
    path: `${directory}/a b#1.tar.gz`,
    basename: "a b#1.tar.gz",
    dirname: directory,
    nameroot: "a b#1.tar",
    nameext: ".gz",
    size: 5,
    metadata: {},
  });
});

test("a null or absent value takes the default, and values of unknown ports are left out", async (t) => {
  const { context } = toolBench(t);
  const process = tool({
    inputs: [
      { id: "n", type: "int", default: 3 },
      { id: "o", type: ["null", "int"] },
    ],
  });
  assert.deepEqual(await bindInputs(process, { n: null, stranger: 1 }, context), { n: 3, o: null });
});

test("a value of another type is refused with its place and what came", async (t) => {
  const { bind, directory } = binder(t);
  const cases: [Partial<InputPort>, Value | undefined, RegExp][] = [
    [{ type: "int" }, undefined, /^inputs.x: is missing \(expected int\)$/],
    [{ type: "int" }, "3", /^inputs.x: expected int, got the string "3"; write 3, without quotes$/],
    [{ type: "int" }, 2 ** 31, /expected int, got the number 2147483648/],
    [{ type: "int" }, 1.5, /expected int/],
    [
      { type: { type: "array", items: "File" } },
      [file("/x"), "y"],
      /^inputs.x\[1\]: expected File, got the string "y"; write \{class: File, path: y\}$/,
    ],
    [{ type: ["null", { type: "array", items: "int" }] }, [1, "b"], /^inputs.x\[1\]: expected int/],
    [{ type: { type: "enum", symbols: ["a", "b"] } }, "c", /^inputs.x: expected one of a, b, got the string "c"$/],
    [{ type: { type: "record", fields: [{ name: "f", type: "int" }] } }, {}, /^inputs.x.f: is missing/],
    [{ type: "Any" }, null, /^inputs.x: is missing/],
    [{}, file(`${directory}/none`), /^inputs.x: .*\/none does not exist$/],
    [{}, file(directory), /^inputs.x: .* is no file$/],
    [{}, { class: "File" }, /^inputs.x: a File needs a location, a path or contents/],
    [{}, { class: "File", location: "http://example.com/a" }, /neither a file:\/\/ location nor an absolute path/],
    [{}, { class: "File", basename: "../a", contents: "" }, /"..\/a" is no basename/],
    [{ type: "Directory" }, { class: "Directory" }, /a Directory needs a location, a path or a listing/],
  ];
  for (const [port, value, message] of cases) await assert.rejects(bind(port, value), { kind: "input", message });
});

test("secondary files are found by their patterns", async (t) => {
  const { bind, directory } = binder(t);
  for (const name of ["a.ref.fa", "a.ref.fa.fai", "a.ref.dict", "a.x", "b.y"]) writeFileSync(`${directory}/${name}`, name);
  const primary = file(`${directory}/a.ref.fa`);
  const names = async (pattern: string, required: boolean | string = true) =>
    ((await bind({ secondaryFiles: [{ pattern, required }] }, primary)) as FileValue).secondaryFiles?.map(
      ({ basename }) => basename,
    );
  assert.deepEqual(await names(".fai"), ["a.ref.fa.fai"]);
  assert.deepEqual(await names("^.dict"), ["a.ref.dict"]);
  assert.deepEqual(await names("^^.x"), ["a.x"]);
  assert.deepEqual(await names("$(self.nameroot).dict"), ["a.ref.dict"]);
  assert.deepEqual(
    await names("${ return ['a.x', {class: 'File', location: self.location.replace('a.ref.fa', 'b.y'), basename: 'c'}]; }"),
    ["a.x", "c"],
  );
  assert.deepEqual(await names("$(null)"), []);
  assert.deepEqual(await names(".none", false), []);
  assert.deepEqual(await names(".none", "$(self.size > 100)"), []);
  await assert.rejects(names(".none", "$(self.size > 1)"), {
    message: `inputs.x.secondaryFiles: a.ref.fa.none (by the pattern .none) is missing beside ${directory}/a.ref.fa`,
  });
});

test("secondary files given with the File are enough, wherever they are", async (t) => {
  const { bind, directory } = binder(t);
  mkdirSync(`${directory}/elsewhere`);
  writeFileSync(`${directory}/a`, "");
  writeFileSync(`${directory}/elsewhere/a.i`, "");
  const given = file(`${directory}/a`, { secondaryFiles: [file(`${directory}/elsewhere/a.i`)] });
  const bound = (await bind({ secondaryFiles: [{ pattern: ".i", required: true }] }, given)) as FileValue;
  assert.deepEqual(
    bound.secondaryFiles?.map(({ path }) => path),
    [`${directory}/elsewhere/a.i`],
  );
});

test("traits of record fields and of arrays reach every File", async (t) => {
  const { bind, directory } = binder(t);
  writeFileSync(`${directory}/a`, "text");
  writeFileSync(`${directory}/a.i`, "");
  const bound = await bind(
    {
      type: {
        type: "record",
        fields: [
          {
            name: "f",
            type: { type: "array", items: "File" },
            secondaryFiles: [{ pattern: ".i", required: true }],
            loadContents: true,
          },
        ],
      },
    },
    { f: [file(`${directory}/a`)] },
  );
  const [first] = (bound as { f: FileValue[] }).f;
  assert.equal(first?.contents, "text");
  assert.equal(first?.secondaryFiles?.[0]?.basename, "a.i");
});

test("contents are there only when they were asked for", async (t) => {
  const { bind, directory } = binder(t);
  writeFileSync(`${directory}/a`, "é");
  writeFileSync(`${directory}/binary`, Buffer.from([0xff, 0xfe]));
  assert.equal(
    ((await bind({}, file(`${directory}/a`, { location: `file://${directory}/a`, contents: "stale" }))) as FileValue).contents,
    undefined,
  );
  assert.equal(((await bind({ loadContents: true }, file(`${directory}/a`))) as FileValue).contents, "é");
  await assert.rejects(bind({ loadContents: true }, file(`${directory}/binary`)), /loadContents needs UTF-8 text/);
});

test("a directory is listed as deep as asked", async (t) => {
  const { bind, directory } = binder(t);
  mkdirSync(`${directory}/d/e`, { recursive: true });
  writeFileSync(`${directory}/d/e/f`, "123");
  symlinkSync("e/f", `${directory}/d/link`);
  const given: DirectoryValue = { class: "Directory", path: `${directory}/d` };
  const listed = async (loadListing?: InputPort["loadListing"]) =>
    ((await bind({ type: "Directory", ...(loadListing && { loadListing }) }, given as Value)) as DirectoryValue).listing;
  assert.equal(await listed(), undefined);
  const shallow = await listed("shallow_listing");
  assert.deepEqual(
    shallow?.map((entry) => [entry.class, entry.basename]),
    [
      ["Directory", "e"],
      ["File", "link"],
    ],
  );
  assert.equal((shallow as DirectoryValue[])[0]?.listing, undefined);
  const [inner] = (await listed("deep_listing")) as DirectoryValue[];
  assert.deepEqual(
    inner?.listing?.map((entry) => (entry as FileValue).size),
    [3],
  );
});

test("a format is checked with the ontology's subclasses", async (t) => {
  const { bind, directory } = binder(t);
  writeFileSync(`${directory}/a`, "");
  const formats = { "e:fastq": ["e:text"] };
  const port = { format: ["e:text"] };
  await bind(port, file(`${directory}/a`, { format: "e:text" }), { formats });
  await bind(port, file(`${directory}/a`, { format: "e:fastq" }), { formats });
  await assert.rejects(
    bind(port, file(`${directory}/a`, { format: "e:bam" }), { formats }),
    /a has the format e:bam, which is not e:text, nor a subclass of it/,
  );
  await assert.rejects(bind(port, file(`${directory}/a`), { formats }), /a says no format: write format: e:text beside its path/);
  await bind(port, file(`${directory}/a`), { formats, acceptUnknownFormats: true });
});

test("a run may be limited to some files: neither a default nor a link leads to others", async (t) => {
  const { bind, directory } = binder(t);
  mkdirSync(`${directory}/mine`);
  writeFileSync(`${directory}/mine/a`, "");
  writeFileSync(`${directory}/other`, "");
  symlinkSync("../other", `${directory}/mine/link`);
  const mayRead = (path: string) => path.startsWith(`${directory}/mine/`);
  await bind({}, file(`${directory}/mine/a`), { mayRead });
  symlinkSync("../nothing", `${directory}/mine/dangling`);
  symlinkSync("..", `${directory}/mine/up`);
  // What is there, what is not, and what the platform's own user may not even look into: one answer for all.
  const elsewhere = ["other", "nothing", "nothing/at/all", "mine/../other", "mine/../nothing", "mine/link", "mine/dangling"];
  const paths = [...elsewhere, "mine/up/other", "mine/up/nothing"].map((path) => `${directory}/${path}`);
  for (const path of [...paths, "/etc/shadow", "/root/nothing", "/proc/1/root/etc"]) {
    const refused = new RegExp(`${RegExp.escape(path)} is none of the files this run may read$`);
    await assert.rejects(bind({ default: file(path) as Value }, null, { mayRead }), refused, path);
  }
  await assert.rejects(bind({}, file(`${directory}/mine/nothing`), { mayRead }), /does not exist/);
});
