/**
 * Runs the public CWL v1.2 conformance suite with cwltest against `causeway-cwl-runner`, and counts.
 *
 *     npm run conformance                        all tests, tools on this host
 *     npm run conformance -- --required          the tests that every runner must pass
 *     npm run conformance -- --podman            with a container engine
 *     npm run conformance -- -s scatter_wf1,…    some tests by id; other options go to cwltest
 *
 * The suite is not part of the project: $CWL_CONFORMANCE names its directory, else `../shared/cwl-conformance`.
 * cwltest is $CWLTEST, else it is installed from PyPI into `.causeway/cwltest` once.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const CWLTEST_VERSION = "2.7.20260814150058";
const SECONDS_A_TEST = 120;
const root = resolve(import.meta.dirname, "../..");

const given = process.argv.slice(2);
const engines = given.filter((argument) => ["--podman", "--docker", "--singularity", "--apptainer"].includes(argument));
const isRequired = given.includes("--required");
const forCwltest = given.filter((argument) => !engines.includes(argument) && argument !== "--required");

const suite = findSuite();
const report = mkdtempSync(join(tmpdir(), "causeway-conformance-"));
const junit = join(report, "results.xml");
try {
  const { status } = spawnSync(
    findCwltest(),
    [
      ...["--test", join(suite, "conformance_tests.yaml"), "--tool", join(root, "cli/bin/causeway-cwl-runner")],
      ...["--timeout", String(SECONDS_A_TEST), "--junit-xml", junit, "-j2"],
      ...(isRequired ? ["--tags", "required"] : []),
      ...forCwltest,
      ...["--", ...(engines.length > 0 ? engines : ["--no-container"])],
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  if (!existsSync(junit)) throw new Error(`cwltest ended with ${status} and no results`);
  process.exitCode = tell(readFileSync(junit, "utf8")) ? 0 : 1;
} finally {
  rmSync(report, { recursive: true });
}

/** Prints the count; true when every test passed. A test that we call unsupported has not passed. */
function tell(results: string): boolean {
  const cases = [...results.matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)];
  const failed = cases.filter(
    ([, , inner = ""]) => inner.includes("<failure") || inner.includes("<skipped") || inner.includes("<error"),
  );
  for (const [, attributes = "", inner = ""] of failed) {
    const name = /name="([^"]*)"/.exec(attributes)?.[1];
    console.log(`${inner.includes("<skipped") ? "unsupported" : "failed"}: ${name}`);
  }
  console.log(`${cases.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 && cases.length > 0;
}

function findSuite(): string {
  const places = [process.env.CWL_CONFORMANCE, join(root, "../shared/cwl-conformance")].filter((place) => place !== undefined);
  const found = places.find((place) => existsSync(join(place, "conformance_tests.yaml")));
  if (!found) throw new Error(`no conformance suite in ${places.join(" or ")}: set CWL_CONFORMANCE to its directory`);
  return found;
}

function findCwltest(): string {
  if (process.env.CWLTEST) return process.env.CWLTEST;
  const venv = join(root, ".causeway/cwltest");
  const cwltest = join(venv, "bin/cwltest");
  if (!existsSync(cwltest)) {
    run("python3", "-m", "venv", venv);
    run(join(venv, "bin/pip"), "install", "--quiet", `cwltest==${CWLTEST_VERSION}`);
  }
  return cwltest;
}

function run(command: string, ...args: string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: "inherit" });
  if (error || status !== 0) throw new Error(`${command} ${args.join(" ")} failed`, { cause: error });
}
