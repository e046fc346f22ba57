import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { removeRun } from "./removal.ts";

test("of a run nothing is left, however many jobs it had, and what links lead to stays", async (t) => {
  const place = mkdtempSync(join(tmpdir(), "removal-"));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  writeFileSync(join(place, "kept"), "x");
  for (const jobs of [3, 250]) {
    const run = join(place, `run-${jobs}`);
    for (let job = 0; job < jobs; job++) {
      mkdirSync(join(run, `job-${job}/out/deep`), { recursive: true });
      writeFileSync(join(run, `job-${job}/out/deep/file`), "");
      symlinkSync(join(place, "kept"), join(run, `job-${job}/out/link`));
    }
    await removeRun(run);
    assert.ok(!existsSync(run));
  }
  assert.ok(existsSync(join(place, "kept")));
});
