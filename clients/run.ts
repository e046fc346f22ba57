// `npm run clients`: unmodified clients against a real platform. Prints "N passed, N failed[, N skipped]" at the end.
//   npm run clients              all
//   npm run clients -- python    those of one folder: python, r
//   npm run clients -- --record  what the clients did becomes the record of what is proved: clients/proved.tsv
// Without --record a run fails, too, when a client did not do what the record claims of it.
// The Python packages of clients/python/requirements.txt are installed into clients/.venv, once, unless CLIENTS_PYTHON
// names a Python that has them.
import { spawn } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run as runTests } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";
import { startDevPlatform } from "./dev-platform.ts";
import { readRun, record, unproved } from "./proved.ts";

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const FOLDER = fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "");
const REQUIREMENTS = join(FOLDER, "python/requirements.txt");

const SUITES = { python: testPython, r: testR };

const isRecording = process.argv.includes("--record");
const words = process.argv.slice(2).filter((word) => word !== "--record");
const chosen = Object.entries(SUITES).filter(([name]) => words.length === 0 || words.includes(name));
// Before anything is started that would have to be stopped.
const python = process.env.CLIENTS_PYTHON ?? (chosen.some(([name]) => name === "python") ? await virtualEnvironment() : "");

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const scratch = mkdtempSync(join(tmpdir(), "causeway-clients-"));
// Of every platform that a test starts.
const accessLog = join(scratch, "calls");
process.env.CAUSEWAY_ACCESS_LOG = accessLog;
const platform = await startDevPlatform();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void platform.stop().finally(() => process.exit(130)));
try {
  // All suites work on one platform; each finds it by this file.
  process.env.CAUSEWAY_CLIENTS_PLATFORM = join(scratch, "platform.json");
  writeFileSync(process.env.CAUSEWAY_CLIENTS_PLATFORM, platform.line);
  for (const [, suite] of chosen) {
    const { passed, failed, skipped } = await suite();
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
} finally {
  await platform.stop();
}
if (total.failed === 0) compareWithRecord();
rmSync(scratch, { recursive: true });
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

/** sevenbridges-python and sbpack as PyPI has them, driven by pytest. */
async function testPython(): Promise<Counts> {
  const report = join(scratch, "report.xml");
  const options = ["-q", "-rs", "--tb=short", `--junit-xml=${report}`];
  const code = await command(python, ["-m", "pytest", ...options, join(FOLDER, "python")]);
  const counts = existsSync(report) ? countsOf(readFileSync(report, "utf8")) : { passed: 0, failed: 0, skipped: 0 };
  // A run that broke before or beside its tests is a failure.
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** Whether the clients did what is claimed of them: one more test. Or, when asked to, claims what they did. */
function compareWithRecord(): void {
  const run = readRun(accessLog);
  if (isRecording) {
    record(run);
    return;
  }
  const missing = unproved(run);
  for (const fact of missing) console.error(`clients/proved.tsv claims what this run did not prove: ${fact}`);
  if (missing.length > 0) total.failed += 1;
  else total.passed += 1;
}

/** The Python with what requirements.txt lists; made, or brought up to date, when that file is newer. */
async function virtualEnvironment(): Promise<string> {
  const environment = join(FOLDER, ".venv");
  const python = join(environment, "bin/python");
  const installed = join(environment, "pyvenv.cfg");
  if (existsSync(python) && statSync(installed).mtimeMs >= statSync(REQUIREMENTS).mtimeMs) return python;
  if (
    (await command("python3", ["-m", "venv", environment])) !== 0 ||
    (await command(python, ["-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", REQUIREMENTS])) !== 0
  ) {
    rmSync(environment, { recursive: true, force: true });
    console.error("The Python clients could not be installed: this needs python3 with its module venv, and PyPI.");
    process.exit(1);
  }
  utimesSync(installed, new Date(), new Date());
  return python;
}

/** The numbers of pytest's report: an attribute each of its only `<testsuite>`. */
function countsOf(report: string): Counts {
  const number = (name: string) => Number(report.match(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`))?.[1] ?? 0);
  const failed = number("failures") + number("errors");
  const skipped = number("skipped");
  return { passed: number("tests") - failed - skipped, failed, skipped };
}

/** The requests of the R package, replayed. */
async function testR(): Promise<Counts> {
  const tests = runTests({ files: globSync(join(FOLDER, "r/*.test.ts")) });
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  tests.on("test:summary", ({ file, counts: all }) => {
    if (file !== undefined) return;
    counts.passed = all.passed + all.todo;
    counts.skipped = all.skipped;
    counts.failed = all.tests - all.passed - all.skipped - all.todo;
  });
  for await (const text of tests.compose(spec())) process.stdout.write(text as string);
  return counts;
}

/** How a command ended: its exit code, 1 when a signal ended it. */
function command(file: string, args: string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: "inherit" });
    child.on("error", (error) => {
      console.error(`${file}: ${error.message}`);
      resolve(1);
    });
    child.on("exit", (code) => resolve(code ?? 1));
  });
}
