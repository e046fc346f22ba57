import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { DirectoryValue, FileValue, OutputPort } from "../model.ts";
import { collectOutputs } from "./outputs.ts";
import { file, script, textOf, toolBench } from "./tool-bench.ts";

const JAVASCRIPT = { inlineJavascript: { expressionLib: [] } };
const out = (fields: Partial<OutputPort>): OutputPort => ({ id: "out", type: "File", ...fields });
const globbing = (glob: string, fields: Partial<OutputPort> = {}) => out({ outputBinding: { glob: [glob] }, ...fields });

test("nothing found where a file is wanted names the port and the pattern", async (t) => {
  const bench = toolBench(t);
  await assert.rejects(bench.run(script("true", { outputs: [globbing("*.bam")] })), {
    kind: "output",
    message: 'step: outputs.out: nothing matches "*.bam", and File is needed',
  });
  const optional = await bench.run(script("true", { outputs: [globbing("*.bam", { type: ["null", "File"] })] }));
  assert.deepEqual(optional, { out: null });
  const list = await bench.run(script("true", { outputs: [globbing("*.bam", { type: { type: "array", items: "File" } })] }));
  assert.deepEqual(list, { out: [] });
});

test("two files where one is wanted are refused, a list of one is that one even after outputEval", async (t) => {
  const bench = toolBench(t);
  await assert.rejects(
    bench.run(script("touch a b", { outputs: [globbing("?")] })),
    /2 files \("a", "b"\) match "\?" where one is wanted/,
  );
  const { out: single } = await bench.run(
    script("touch a", {
      requirements: JAVASCRIPT,
      outputs: [out({ outputBinding: { glob: ["?"], outputEval: "${ self[0].metadata.sample = 's1'; return self; }" } })],
    }),
  );
  assert.equal((single as FileValue).basename, "a");
  assert.deepEqual((single as FileValue).metadata, { sample: "s1" });
});

test("contents are loaded for outputEval, up to 64 KiB", async (t) => {
  const bench = toolBench(t);
  const counting = (bytes: number, cwlVersion: "v1.1" | "v1.2" = "v1.2") =>
    script(`head -c ${bytes} /dev/zero | tr '\\0' x > n`, {
      cwlVersion,
      requirements: JAVASCRIPT,
      outputs: [
        out({ type: "int", outputBinding: { glob: ["n"], loadContents: true, outputEval: "$(self[0].contents.length)" } }),
      ],
    });
  assert.deepEqual(await bench.run(counting(65536)), { out: 65536 });
  await assert.rejects(bench.run(counting(65537)), /loadContents reads at most 64 KiB/);
  assert.deepEqual(await bench.run(counting(65537, "v1.1")), { out: 65536 });
});

test("the exit code is there for expressions of outputs", async (t) => {
  const bench = toolBench(t);
  const exiting = script("exit 7", {
    successCodes: [7],
    outputs: [out({ type: "int", outputBinding: { outputEval: "$(runtime.exitCode)" } })],
  });
  assert.deepEqual(await bench.run(exiting), { out: 7 });
});

test("a record is collected field by field, secondary files and format included", async (t) => {
  const bench = toolBench(t);
  const made = await bench.run(
    script("echo v > calls.vcf; echo i > calls.vcf.idx; echo t > calls.txt", {
      outputs: [
        out({
          type: {
            type: "record",
            fields: [
              {
                name: "calls",
                type: "File",
                outputBinding: { glob: ["*.vcf"] },
                secondaryFiles: [
                  { pattern: ".idx", required: true },
                  { pattern: "^.txt", required: false },
                  { pattern: ".absent", required: false },
                ],
                format: ["http://edamontology.org/format_3016"],
              },
            ],
          },
        }),
      ],
    }),
  );
  const { calls } = made.out as unknown as { calls: FileValue };
  assert.equal(calls.format, "http://edamontology.org/format_3016");
  assert.deepEqual(
    calls.secondaryFiles?.map(({ basename }) => basename),
    ["calls.vcf.idx", "calls.txt"],
  );
  const [index] = calls.secondaryFiles as FileValue[];
  assert.deepEqual([index?.size, index?.checksum?.slice(0, 5)], [2, "sha1$"]);
});

test("cwl.output.json is the output object, with its paths found again", async (t) => {
  const bench = toolBench(t);
  const made = await bench.run(
    script(
      `mkdir d; echo hi > d/a.txt; echo '{"out": {"class": "File", "path": "d/a.txt", "metadata": {"k": "v"}}, "n": 3, "more": 1}' > cwl.output.json`,
      { outputs: [out({}), { id: "n", type: "int" }, { id: "absent", type: ["null", "string"] }] },
    ),
  );
  assert.equal(textOf(made.out), "hi\n");
  assert.deepEqual((made.out as FileValue).metadata, { k: "v" });
  assert.deepEqual([made.n, made.absent, "more" in made], [3, null, false]);
});

test("what cwl.output.json says is checked: type, JSON and places", async (t) => {
  const bench = toolBench(t);
  const writing = (text: string) =>
    script(`printf '%s' "$TEXT" > cwl.output.json`, {
      requirements: { envVar: [{ name: "TEXT", value: text }] },
      outputs: [out({})],
    });
  await assert.rejects(bench.run(writing('{"out": 3}')), /outputs.out: expected File, got the number 3/);
  await assert.rejects(bench.run(writing("{")), /cwl.output.json: is no JSON/);
  const large = (values: number) => script(`{ printf '{"out": ['; seq -s, ${values}; printf ']}'; } > cwl.output.json`);
  await assert.rejects(bench.run(large(100_001)), /cwl.output.json: has more than 100000 values/);
  await bench.run(large(99_000));
  await assert.rejects(bench.run(script("truncate -s 20M cwl.output.json")), /cwl.output.json: has more than 16777216 bytes/);
  await assert.rejects(bench.run(writing("[]")), /an object of outputs is needed/);
  await assert.rejects(
    bench.run(writing('{"out": {"class": "File", "path": "/etc/passwd"}}')),
    /"\/etc\/passwd" is outside the output directory/,
  );
  await assert.rejects(
    bench.run(writing('{"out": {"class": "File", "location": "file:///etc/passwd"}}')),
    /outside the output directory/,
  );
  await assert.rejects(bench.run(writing('{"out": {"class": "File", "path": "../stderr"}}')), /outside the output directory/);
  await assert.rejects(bench.run(writing('{"out": {"class": "File", "path": "none"}}')), /there is no File at "none"/);
});

test("links, pipes and patterns that lead out of the output directory are refused", async (t) => {
  const bench = toolBench(t);
  const cases: [string, string, RegExp][] = [
    ["ln -s /etc/passwd x", "x", /"\/.*\/out\/x" leads to "\/etc\/passwd", outside/],
    ["ln -s ../../../../../../../../etc/passwd x", "x", /outside the output directory/],
    ["ln -s /etc d", "d/passwd", /outside the output directory/],
    ["ln -s /etc d", "d/*", /outside the output directory/],
    ["ln -s x x", "x", /leads in circles/],
    ["ln -s nowhere x", "x", /is a link to nothing/],
    ["mkfifo x", "x", /a named pipe/],
    ["true", "../*", /leads out of the output directory/],
    ["true", "a/../../*", /leads out of the output directory/],
    ["true", "/etc/*", /outside the output directory/],
    ["mkdir d; ln -s /etc/passwd d/x", "d", /outside the output directory/],
    ["mkdir d; mkfifo d/x", "d", /a named pipe/],
    [`ln '${bench.directory}/secret' x`, "x", /a hard link to a file outside the job/],
    [`mkdir d; ln '${bench.directory}/secret' d/x`, "d", /a hard link to a file outside the job/],
  ];
  writeFileSync(`${bench.directory}/secret`, "secret");
  for (const [line, glob, message] of cases) {
    const type = glob === "d" ? "Directory" : "File";
    await assert.rejects(bench.run(script(line, { outputs: [globbing(glob, { type })] })), { kind: "output", message }, line);
  }
});

test("names that are no UTF-8 are refused with a clear error, names with newlines are names", async (t) => {
  const bench = toolBench(t);
  await assert.rejects(
    bench.run(script("touch $(printf 'a\\377')", { outputs: [globbing("*")] })),
    /the name "a\\xff" in .* is not UTF-8/,
  );
  const { out: odd } = await bench.run(script("echo x > 'a\nb %41#.txt'", { outputs: [globbing("*.txt")] }));
  assert.equal((odd as FileValue).basename, "a\nb %41#.txt");
  assert.equal(textOf(odd), "x\n");
});

test("links within the output directory, and hard links among own files, are what they lead to", async (t) => {
  const bench = toolBench(t);
  const { out: linked } = await bench.run(
    script("mkdir d; echo x > d/original; ln -s d/original link", { outputs: [globbing("link")] }),
  );
  assert.equal((linked as FileValue).basename, "link");
  assert.equal(textOf(linked), "x\n");
  const { out: hard } = await bench.run(script('echo y > "$TMPDIR/a"; ln "$TMPDIR/a" b', { outputs: [globbing("b")] }));
  assert.equal(textOf(hard), "y\n");
});

test("an input passed through by a link keeps its location and metadata", async (t) => {
  const bench = toolBench(t);
  const source = `${bench.directory}/in.txt`;
  writeFileSync(source, "input");
  const passing = (line: string) =>
    script(line, {
      inputs: [{ id: "x", type: "File" }],
      requirements: { envVar: [{ name: "X", value: "$(inputs.x.path)" }] },
      outputs: [globbing("y")],
    });
  for (const line of ['ln -s "$X" y', `ln '${source}' y`]) {
    const { out: passed } = await bench.run(passing(line), { x: file(source, { metadata: { sample: "s" } }) });
    assert.deepEqual(passed, {
      class: "File",
      location: `file://${source}`,
      basename: "y",
      nameroot: "y",
      nameext: "",
      size: 5,
      metadata: { sample: "s" },
      checksum: "sha1$140f86aae51ab9e1cda9b4254fe98a74eb54c1a1",
    });
  }
});

test("a hard link to a file of an input directory is that file", async (t) => {
  const bench = toolBench(t);
  mkdirSync(`${bench.directory}/d`);
  writeFileSync(`${bench.directory}/d/f`, "input");
  const linking = script(`ln '${bench.directory}/d/f' y`, { inputs: [{ id: "d", type: "Directory" }], outputs: [globbing("y")] });
  const { out: linked } = await bench.run(linking, { d: { class: "Directory", path: `${bench.directory}/d` } });
  assert.equal((linked as FileValue).location, `file://${bench.directory}/d/f`);
});

test("a directory goes with everything in it: links become what they lead to", async (t) => {
  const bench = toolBench(t);
  writeFileSync(`${bench.directory}/in.txt`, "input");
  const made = await bench.run(
    script(
      'mkdir -p d/e; echo own > d/e/own; ln -s "$PWD/d/e/own" d/absolute; ln -s e/own d/relative; echo o > o; ln -s ../o d/outer; ln -s "$X" d/in',
      {
        inputs: [{ id: "x", type: "File" }],
        requirements: { envVar: [{ name: "X", value: "$(inputs.x.path)" }] },
        outputs: [out({ type: "Directory", outputBinding: { glob: ["d"], loadListing: "deep_listing" } })],
      },
    ),
    { x: file(`${bench.directory}/in.txt`) },
  );
  const directory = made.out as DirectoryValue;
  assert.deepEqual(
    directory.listing?.map(({ basename }) => basename),
    ["absolute", "e", "in", "outer", "relative"],
  );
  const read = (name: string) => readFileSync(`${new URL(directory.location as string).pathname}/${name}`, "utf8");
  assert.deepEqual(["absolute", "relative", "outer", "in"].map(read), ["own\n", "own\n", "o\n", "input"]);
});

test("outputs can be collected again, by a process that knows only the job", async (t) => {
  const bench = toolBench(t);
  const making = script('mkdir d; echo a > d/a; ln -s "$PWD/d/a" d/b', { outputs: [globbing("d", { type: "Directory" })] });
  const first = await bench.run(making);
  const again = await collectOutputs(making, JSON.parse(JSON.stringify(bench.lastJob())), 0, bench.context);
  assert.deepEqual(again, first);
});

test("standard output and error become files of the tool's choice, never outside", async (t) => {
  const bench = toolBench(t);
  mkdirSync(`${bench.directory}/d`);
  const { out: captured } = await bench.run(
    script("echo o; echo e >&2", { stdout: "o.txt", stderr: "e.txt", outputs: [globbing("e.txt")] }),
  );
  assert.equal(textOf(captured), "e\n");
  for (const stdout of ["../x", "/tmp/x", "a/../../x", "$(runtime.outdir)/../x"]) {
    await assert.rejects(
      bench.run(script("true", { stdout })),
      /stdout: .* is no name of a file in the output directory/,
      stdout,
    );
  }
});
