// `npm test`: every *.test.ts of the workspaces with node:test, quick ones first.
//   npm test                       all but the stories in a browser
//   npm test -- storage cwl/src    files whose path contains one of the words
//   npm test -- --verbose          every test's name, not only one line a file
//   npm test -- --minutes 15       a file may take so long (default: 5); one that takes longer is ended and has failed
import { glob } from "node:fs/promises";
import { availableParallelism, homedir } from "node:os";
import { join, relative } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { parseArgs } from "node:util";
import { makeTestPlace, removeTestPlace } from "./test-database.ts";
import { FileLines, failures, isWholeFile, plainSummary } from "./test-report.ts";

/** Folders in the order their tests run: pure code first, what starts a database last. */
const ORDER = ["scripts", "contract", "cwl", "executors", "storage", "agent", "bench", "cli", "server", "web"];

/** Stories in a browser take minutes: they run when they are named, as a stage of .ci/run does. */
const BROWSER_STORIES = "web/tests/";

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { verbose: { type: "boolean", short: "v", default: false }, minutes: { type: "string", default: "5" } },
});
const fileTimeoutMs = Number(options.minutes) * 60_000;
if (!(fileTimeoutMs > 0)) {
  console.error(`--minutes wants a number above 0, not ${options.minutes}.`);
  process.exit(1);
}

const isChosen = (file: string): boolean =>
  words.length === 0 ? !file.startsWith(BROWSER_STORIES) : words.some((word) => file.includes(word));
const files = (await testFiles()).filter(isChosen);
if (files.length === 0) {
  console.error(words.length > 0 ? `No test file's path contains ${words.join(" or ")}.` : "There is no test file.");
  process.exit(1);
}

const place = await makeTestPlace();
process.env.CAUSEWAY_TEST_POSTGRES = place.database;
process.env.TMPDIR = place.temporary;
// Every test file is a process of its own, and most load the whole server: compiled once, it is there in half the time.
process.env.NODE_COMPILE_CACHE ??= join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "causeway", "compile-cache");
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => void removeTestPlace(place).finally(() => process.exit(130)));
}

// Tests wait for disks and child processes as much as for the processor: one more file than there are cores.
const results = run({ files, concurrency: availableParallelism() + 1, timeout: fileTimeoutMs });

let counts = { passed: 0, failed: 0, skipped: 0 };
results.on("test:summary", (summary) => {
  if (summary.file !== undefined) return;
  const { passed, skipped, todo } = summary.counts;
  counts = { passed: passed + todo, failed: failures(summary), skipped };
});
let filesWithoutTest = 0;
results.on("test:pass", (test) => {
  if (isWholeFile(test)) filesWithoutTest += 1;
});
const report = results.compose(options.verbose ? spec() : new FileLines());
for await (const text of report) process.stdout.write(text);
await removeTestPlace(place);

counts.passed -= filesWithoutTest;
counts.failed += filesWithoutTest;
console.log(plainSummary(counts));
// At once: a process that a test left behind may hold the other end of its pipe, which would keep this one waiting.
process.exit(counts.failed > 0 || counts.passed === 0 ? 1 : 0);

async function testFiles(): Promise<string[]> {
  const found: string[] = [];
  for (const folder of ORDER) {
    const inFolder: string[] = [];
    for await (const file of glob(`${folder}/**/*.test.ts`, { exclude: (path) => path.includes("node_modules") })) {
      inFolder.push(relative(process.cwd(), file));
    }
    found.push(...inFolder.sort());
  }
  return found;
}
