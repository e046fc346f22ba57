import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type TestContext, test } from "node:test";

const LOCK_FILE = { packages: { "": { name: "project" }, "node_modules/node": { version: "24.0.0" } } };

test("the first start installs and then runs the program on the installed Node", async (t) => {
  const project = await newProject(t);
  const { code, output, errors } = await start(project, "hello");
  assert.equal(code, 7, errors);
  assert.equal(output, `program hello on ${project}/node_modules/node/bin/node\n`);
  assert.match(errors, /^Installing packages \(there is no node_modules yet\)/);
  assert.equal(await installations(project), 1);
});

test("a start with everything in place installs nothing and says nothing", async (t) => {
  const project = await newProject(t);
  await start(project);
  assert.equal((await start(project)).errors, "");
  assert.equal(await installations(project), 1);
});

test("a package of the lock file in another version is a reason to install again", async (t) => {
  const project = await newProject(t);
  await start(project);
  const newer = { packages: { ...LOCK_FILE.packages, "node_modules/node": { version: "24.0.1" } } };
  await writeFile(join(project, "package-lock.json"), JSON.stringify(newer));
  assert.match((await start(project)).errors, /node_modules\/node 24\.0\.1 is not installed/);
  assert.equal(await installations(project), 2);
});

test("a package for another system is not missed", async (t) => {
  const project = await newProject(t);
  const foreign = { version: "1.0.0", os: ["never"], optional: true };
  await writeFile(
    join(project, "package-lock.json"),
    JSON.stringify({ packages: { ...LOCK_FILE.packages, "node_modules/foreign": foreign } }),
  );
  assert.equal((await start(project)).code, 7);
  await start(project);
  assert.equal(await installations(project), 1);
});

test("a package that the lock file names but npm does not need is not missed", async (t) => {
  const project = await newProject(t);
  const stray = { packages: { ...LOCK_FILE.packages, "node_modules/stray": { version: "1.0.0" } } };
  await writeFile(join(project, "package-lock.json"), JSON.stringify(stray));
  const withoutStray = `${INSTALL} && sed -i 's/stray/.gone/' node_modules/.package-lock.json`;
  await writeFile(join(project, "npm/npm"), `#!/bin/sh\n${withoutStray}\n`);
  assert.equal((await start(project)).code, 7);
  assert.equal((await start(project)).code, 7);
  assert.equal(await installations(project), 1);
});

test("an optional package for this system that npm could not get is missed", async (t) => {
  const project = await newProject(t, `${INSTALL} && sed -i 's/binary/.gone/' node_modules/.package-lock.json`);
  const binary = { version: "1.0.0", os: [process.platform], optional: true };
  await writeFile(
    join(project, "package-lock.json"),
    JSON.stringify({ packages: { ...LOCK_FILE.packages, "node_modules/binary": binary } }),
  );
  const { code, errors } = await start(project);
  assert.equal(code, 1);
  assert.match(errors, /npm ci ended without an error, but node_modules\/binary 1\.0\.0 is not installed/);
});

test("of several starts at the same moment one installs and the others wait for it", async (t) => {
  const project = await newProject(t);
  const starts = await Promise.all([start(project), start(project), start(project)]);
  assert.deepEqual(
    starts.map(({ code }) => code),
    [7, 7, 7],
  );
  assert.equal(await installations(project), 1);
});

test("a lock that a killed installation left behind is broken", async (t) => {
  const project = await newProject(t);
  await writeFile(join(project, ".install.lock"), "1\n");
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(join(project, ".install.lock"), longAgo, longAgo);
  assert.equal((await start(project)).code, 7);
});

test("without a network the message says so, and what to do", async (t) => {
  const project = await newProject(t, 'echo "npm error code ENOTFOUND" >&2; exit 1');
  const { code, errors } = await start(project);
  assert.equal(code, 1);
  assert.match(errors, /The npm registry cannot be reached \(exit code 1\)/);
});

test("an installation that leaves the Node binary out is a failure", async (t) => {
  const project = await newProject(t, `${INSTALL} && rm node_modules/node/bin/node`);
  const { code, errors } = await start(project);
  assert.equal(code, 1);
  assert.match(errors, /npm ci ended without an error, but .*node_modules\/node\/bin\/node is not there/);
});

/** What the stand-in for npm does: notes that it ran, and installs a `node` that is the one running this test. */
const INSTALL = `echo ran >> installations && rm -rf node_modules && mkdir -p node_modules/node/bin \
  && ln -s ${process.execPath} node_modules/node/bin/node && sleep 0.2 && cp package-lock.json node_modules/.package-lock.json`;

/** A project with our bootstrap, and an npm of its own in `bin` that runs the shell commands `npm`. */
async function newProject(t: TestContext, npm = INSTALL): Promise<string> {
  const project = await mkdtemp(join(tmpdir(), "causeway-install-"));
  t.after(() => rm(project, { recursive: true }));
  await mkdir(join(project, "scripts"));
  await mkdir(join(project, "npm"));
  for (const file of ["run.mjs", "install.mjs"]) {
    await copyFile(new URL(file, import.meta.url), join(project, "scripts", file));
  }
  await writeFile(join(project, "package-lock.json"), JSON.stringify(LOCK_FILE));
  await writeFile(join(project, "program.mjs"), PROGRAM);
  await writeFile(join(project, "npm/npm"), `#!/bin/sh\n${npm}\n`, { mode: 0o755 });
  return project;
}

const PROGRAM = `console.log("program", ...process.argv.slice(2), "on", process.argv0); process.exit(7);`;

async function installations(project: string): Promise<number> {
  return (await readFile(join(project, "installations"), "utf8")).split("\n").length - 1;
}

async function start(project: string, ...args: string[]): Promise<{ code: number | null; output: string; errors: string }> {
  const child = spawn(process.execPath, ["scripts/run.mjs", "program.mjs", ...args], {
    cwd: project,
    env: { ...process.env, PATH: `${project}/npm${delimiter}${process.env.PATH}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, output, errors };
}
