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
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { networkInterfaces, tmpdir } from "node:os";
import { join, resolve } from "node:path";

const CWLTEST_VERSION = "2.7.20260814150058";
const SECONDS_A_TEST = 120;
/** Tests that make sense only in a container: paths of the image, its entry point, absolute output paths. */
const NEED_CONTAINER = ["docker_entrypoint", "dockeroutputdir", "iwd-container-entryname1", "networkaccess"];
/** What the test `networkaccess` wants to reach. It is given a host of that name on this machine. */
const TEST_HOST = "commonwl.org";
/** This machine as containers see it, whether they have its network or one of their own. */
const hostAddress =
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === "IPv4")?.address ?? "127.0.0.1";
const root = resolve(import.meta.dirname, "../..");

const given = process.argv.slice(2);
const engines = given.filter((argument) => ["--podman", "--docker", "--singularity", "--apptainer"].includes(argument));
const isRequired = given.includes("--required");
const forCwltest = given.filter((argument) => !engines.includes(argument) && argument !== "--required");
/** cwltest refuses to leave out tests that a selection does not have. */
const isSelection = isRequired || forCwltest.some((argument) => /^(-[sn]|--tags)/.test(argument));
const inContainers = engines.length > 0;

const suite = findSuite();
const report = mkdtempSync(join(tmpdir(), "causeway-conformance-"));
const junit = join(report, "results.xml");
const closeTestHost = inContainers ? await openTestHost() : () => {};
try {
  const command = [
    ...(inContainers ? withTestHost() : []),
    ...[findCwltest(), "--test", join(suite, "conformance_tests.yaml"), "--tool", join(root, "cli/bin/causeway-cwl-runner")],
    ...["--timeout", String(SECONDS_A_TEST), "--junit-xml", junit, "-j2"],
    ...(isRequired ? ["--tags", "required"] : []),
    ...(inContainers || isSelection ? [] : ["-S", NEED_CONTAINER.join(",")]),
    ...forCwltest,
    ...["--", ...(inContainers ? engines : ["--no-container"])],
  ];
  const cwltest = spawn(command[0]!, command.slice(1), { stdio: ["ignore", "ignore", "inherit"] });
  const [status] = await once(cwltest, "exit");
  if (!existsSync(junit)) throw new Error(`cwltest ended with ${status} and no results`);
  process.exitCode = tell(readFileSync(junit, "utf8")) ? 0 : 1;
} finally {
  closeTestHost();
  rmSync(report, { recursive: true });
}

/** A web server that containers with network access reach. Needs port 80. */
async function openTestHost(): Promise<() => void> {
  const server = createServer((_request, response) => response.end("the test host\n"));
  server.listen(80, hostAddress);
  await once(server, "listening");
  return () => server.close();
}

/** Runs a command with a hosts file of its own, in which the test host's name is known; the machine's stays as it is. */
function withTestHost(): string[] {
  const hosts = join(report, "hosts");
  writeFileSync(hosts, `${readFileSync("/etc/hosts", "utf8")}\n${hostAddress} ${TEST_HOST}\n`);
  return ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', hosts];
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
