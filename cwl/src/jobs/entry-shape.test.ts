import assert from "node:assert/strict";
import { test } from "node:test";
import type { Value } from "../model.ts";
import { mapAllEntries, visitAllEntries } from "./file-value.ts";
import { JobError } from "./job-error.ts";
import { script, toolBench } from "./tool-bench.ts";

/** Files and Directories as nobody should write them. */
const MISSHAPEN: Value[] = [
  { class: "File", path: 7 },
  { class: "File", location: ["/etc/hostname"] },
  { class: "File", contents: "x", basename: 3 },
  { class: "File", path: "/etc/hostname", secondaryFiles: "x" },
  { class: "File", path: "/etc/hostname", secondaryFiles: { class: "File" } },
  { class: "File", path: "/etc/hostname", secondaryFiles: [7] },
  { class: "File", path: "/etc/hostname", metadata: "x" },
  { class: "File", path: "/etc/hostname", size: "x" },
  { class: "Directory", path: {} },
  { class: "Directory", listing: "x" },
  { class: "Directory", basename: "d", listing: [{ class: "File", path: true }] },
] as unknown as Value[];

test("a File or Directory with fields of other types is the fault of whoever wrote it, as input and as output", async (t) => {
  const bench = toolBench(t);
  const any = [{ id: "any", type: "Any" as const }];
  for (const value of MISSHAPEN) {
    const what = JSON.stringify(value);
    await assert.rejects(bench.run(script("true", { inputs: any }), { any: value }), JobError, what);
    const written = `printf %s '${JSON.stringify({ any: value })}' > cwl.output.json`;
    await assert.rejects(bench.run(script(written, { outputs: any })), JobError, what);
  }
});

test("walks over values go through misshapen ones", () => {
  for (const value of MISSHAPEN) {
    let count = 0;
    visitAllEntries(value, () => count++);
    assert.ok(count > 0);
    assert.deepEqual(
      mapAllEntries(value, (entry) => entry),
      value,
    );
  }
});
