import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createEvaluator } from "../expressions/evaluator.ts";
import type { CommandLineTool } from "../model.ts";
import { prepareJob } from "./prepare.ts";
import { savedLogs } from "./saved-logs.ts";

/** What a tool with these values of `sbg:SaveLogs` has kept of a directory with some files. */
async function kept(...values: unknown[]) {
  const directory = mkdtempSync(join(tmpdir(), "causeway-logs-"));
  const tool: CommandLineTool = {
    class: "CommandLineTool",
    id: "tool.cwl",
    cwlVersion: "v1.2",
    inputs: [],
    outputs: [],
    baseCommand: ["true"],
    arguments: [],
    successCodes: [],
    temporaryFailCodes: [],
    permanentFailCodes: [],
    requirements: { inlineJavascript: { expressionLib: [] } },
    hints: { other: values.map((value) => ({ class: "sbg:SaveLogs", value })) },
  };
  const evaluator = createEvaluator();
  const inputs = { name: "s1" };
  const job = await prepareJob(tool, inputs, { id: "job", name: "job", directory, wraps: "none", evaluator });
  mkdirSync(join(job.outdir.host, "sub"), { recursive: true });
  for (const name of ["s1.log", "s2.log", "[x].txt", "sub/deep.log", "stats.tsv"])
    writeFileSync(join(job.outdir.host, name), name);
  symlinkSync("/etc/passwd", join(job.outdir.host, "users.log"));
  symlinkSync("stats.tsv", join(job.outdir.host, "link.tsv"));
  try {
    const { files, problems } = await savedLogs(tool, job, evaluator);
    return { names: files.map(({ name }) => name).sort(), problems };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("what a tool saves is a name, else a glob, else a regular expression, below its directory", async () => {
  assert.deepEqual((await kept("stats.tsv")).names, ["stats.tsv"]);
  assert.deepEqual((await kept("[x].txt")).names, ["[x].txt"], "a file of that very name");
  assert.deepEqual((await kept("s?.log")).names, ["s1.log", "s2.log"]);
  assert.deepEqual((await kept("sub/*")).names, ["sub/deep.log"]);
  assert.deepEqual((await kept("^s\\d\\.log$|deep")).names, ["s1.log", "s2.log", "sub/deep.log"]);
  assert.deepEqual((await kept("$(inputs.name).log", ["stats.tsv", "none.txt"])).names, ["s1.log", "stats.tsv"]);
  assert.deepEqual(await kept("sub", "link.tsv"), { names: ["link.tsv"], problems: [] }, "files only");
});

test("nothing outside of the directory is saved, and what is wrong with one value leaves the others alone", async () => {
  for (const wrong of ["users.log", "../job", "/etc/passwd", "(", 7, "", "$(inputs.none.log)"]) {
    const { names, problems } = await kept(wrong, "stats.tsv");
    assert.deepEqual(names, ["stats.tsv"], String(wrong));
    assert.equal(problems.length, wrong === "/etc/passwd" ? 0 : 1, `${wrong}: ${problems}`);
  }
});
