import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";

const GOOD = `import { test } from "node:test"; test("one", () => {}); test("two", () => {}); test.skip("three", () => {});`;
const BAD = `import { describe, test } from "node:test";
console.log("a hint");
describe("outer", () => { test("good", () => {}); test("bad", () => { throw new Error("this is why"); }); });`;

test("passing files get a line each, and the last line is the plain sum", async (t) => {
  const { status, lines } = await runTests(t, { "contract/good.test.ts": GOOD, "cwl/good.test.ts": GOOD });
  assert.equal(status, 0);
  assert.match(lines[0]!, /^✔ contract\/good\.test\.ts {2}3 tests/);
  assert.match(lines[1]!, /^✔ cwl\/good\.test\.ts/);
  assert.equal(lines.at(-1), "4 passed, 0 failed, 2 skipped");
  assert.ok(lines.includes("ℹ pass 4"), "node's own summary");
});

test("a failure is told with its path, its place, its reason and what the file printed", async (t) => {
  const { status, output, lines } = await runTests(t, { "contract/bad.test.ts": BAD });
  assert.equal(status, 1);
  assert.match(output, /✖ outer › bad\n {2}contract\/bad\.test\.ts:3\n {2}Error: this is why/);
  assert.match(output, /Printed by contract\/bad\.test\.ts:\n {2}a hint/);
  assert.equal(lines.at(-1), "1 passed, 1 failed");
});

test("a file that cannot be run and a file without a test are failures", async (t) => {
  const { status, output, lines } = await runTests(t, {
    "cwl/broken.test.ts": `import "./not-there.ts";`,
    "cwl/empty.test.ts": `console.log("no test");`,
  });
  assert.equal(status, 1);
  assert.match(output, /✖ cwl\/broken\.test\.ts {2}could not be run/);
  assert.match(output, /ERR_MODULE_NOT_FOUND/);
  assert.match(output, /✖ cwl\/empty\.test\.ts {2}no test in it/);
  assert.equal(lines.at(-1), "0 passed, 2 failed");
});

test("a failing hook alone fails the run", async (t) => {
  const hook = `import { after, test } from "node:test"; test("fine", () => {}); after(() => { throw new Error("late"); });`;
  assert.equal((await runTests(t, { "cwl/hook.test.ts": hook })).status, 1);
});

test("words choose files by their path, and choosing none is a failure", async (t) => {
  const files = { "contract/good.test.ts": GOOD, "cwl/bad.test.ts": BAD };
  const chosen = await runTests(t, files, "contract");
  assert.equal(chosen.status, 0);
  assert.doesNotMatch(chosen.output, /bad\.test\.ts/);
  assert.equal((await runTests(t, files, "nothing")).status, 1);
});

test("stories in a browser run when they are named", async (t) => {
  const files = { "contract/good.test.ts": GOOD, "web/tests/story.test.ts": GOOD };
  assert.doesNotMatch((await runTests(t, files)).output, /story\.test\.ts/);
  assert.match((await runTests(t, files, "web")).output, /story\.test\.ts/);
});

test("minutes that are none are refused", async (t) => {
  assert.equal((await runTests(t, { "contract/good.test.ts": GOOD }, "--minutes", "few")).status, 1);
  assert.equal((await runTests(t, { "contract/good.test.ts": GOOD }, "--minutes", "2")).status, 0);
});

async function runTests(t: TestContext, files: Record<string, string>, ...words: string[]) {
  const folder = await mkdtemp(join(tmpdir(), "causeway-test-run-"));
  t.after(() => rm(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  // node:test refuses to run tests inside a test: this variable is how it knows.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const program = new URL("test.ts", import.meta.url).pathname;
  const { status, stdout } = spawnSync(process.execPath, [program, ...words], { cwd: folder, env, encoding: "utf8" });
  return { status, output: stdout, lines: stdout.trimEnd().split("\n") };
}
