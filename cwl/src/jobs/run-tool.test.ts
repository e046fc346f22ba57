import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import type { FileValue } from "../model.ts";
import { file, script, textOf, tool, toolBench } from "./tool-bench.ts";

test("a tool reads a file with its index and writes a summary", async (t) => {
  const bench = toolBench(t);
  writeFileSync(`${bench.directory}/a.bam`, "reads");
  writeFileSync(`${bench.directory}/a.bam.bai`, "index");
  const cat = tool({
    baseCommand: ["cat"],
    inputs: [
      {
        id: "reads",
        type: "File",
        inputBinding: { position: 1 },
        secondaryFiles: [{ pattern: ".bai", required: true }],
      },
    ],
    arguments: [{ valueFrom: "$(inputs.reads.path).bai", position: 2 }],
    stdout: "$(inputs.reads.nameroot).txt",
    outputs: [{ id: "summary", type: "File", outputBinding: { glob: ["*.txt"] } }],
  });

  const { summary } = (await bench.run(cat, { reads: file(`${bench.directory}/a.bam`) })) as { summary: FileValue };

  assert.equal(textOf(summary), "readsindex");
  assert.equal(summary.basename, "a.txt");
  assert.equal(summary.size, 10);
  assert.equal(summary.checksum, "sha1$d704ee2def3614713944ef21afac5533f51660fa");
  assert.deepEqual(Object.keys(summary).sort(), ["basename", "checksum", "class", "location", "nameext", "nameroot", "size"]);
});

test("a name of standard output that no file can have is refused", async (t) => {
  await assert.rejects(toolBench(t).run({ ...script("true"), stdout: "x".repeat(300) }), {
    message: /stdout: .* is too long for a name of a file/,
  });
});

test("a failing command is told with its exit code and the end of its standard error", async (t) => {
  const bench = toolBench(t);
  await assert.rejects(bench.run(script("echo first >&2; echo 'no such reference' >&2; exit 3")), {
    name: "JobError",
    kind: "exit",
    message: /^step: the command failed permanently with exit code 3; .*\nfirst\nno such reference$/s,
  });
});
