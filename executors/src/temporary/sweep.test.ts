import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { makeTemporaryDirectory, OWNER_FILE } from "./directory.ts";
import { sweepCaches, sweepTemporaryDirectories } from "./sweep.ts";

const DIRECTORY = new URL("./directory.ts", import.meta.url).href;
const OTHER_USER = 65534;
const usual = process.env.TMPDIR;
let temporary: string;

before(() => {
  temporary = mkdtempSync(join(tmpdir(), "causeway-sweep-"));
  process.env.TMPDIR = temporary;
});
after(() => {
  if (usual === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = usual;
  rmSync(temporary, { recursive: true });
});

/** A process that has made a temporary directory with a file in it, and waits. */
async function maker(): Promise<{ child: ChildProcess; directory: string }> {
  const script = `const { makeTemporaryDirectory } = await import("${DIRECTORY}");
    const directory = makeTemporaryDirectory("trial");
    (await import("node:fs")).writeFileSync(directory + "/data", "x");
    console.log(directory); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(child.stdout!, "data");
  return { child, directory: String(line).trim() };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

test("what a killed process leaves goes at the next sweep; what a living one has stays", async () => {
  const [killed, living] = [await maker(), await maker()];
  const own = makeTemporaryDirectory("own");
  try {
    assert.deepEqual(await sweepTemporaryDirectories(), []);
    await kill(killed.child);
    assert.deepEqual(await sweepTemporaryDirectories(), [killed.directory]);
    assert.ok(!existsSync(killed.directory) && existsSync(living.directory) && existsSync(own));
  } finally {
    await kill(living.child);
  }
  assert.deepEqual(await sweepTemporaryDirectories(), [living.directory]);
  rmSync(own, { recursive: true });
});

test("a directory in which somebody else still works stays until nobody does", async () => {
  const { child, directory } = await maker();
  await kill(child);
  const workers = [
    spawn("sleep", ["60"], { cwd: directory }),
    spawn("sleep", ["60"], { env: { HOME: `${directory}/out` } }),
    spawn("tail", ["-f", `${directory}/data`]),
  ];
  await Promise.all(workers.map((worker) => once(worker, "spawn")));
  for (const worker of workers) {
    assert.deepEqual(await sweepTemporaryDirectories(), []);
    await kill(worker);
  }
  assert.deepEqual(await sweepTemporaryDirectories(), [directory]);
});

test("only what certainly was a process's of this host and user goes", async () => {
  const { child, directory } = await maker();
  await kill(child);
  const owner = JSON.parse(readFileSync(join(directory, OWNER_FILE), "utf8"));
  const place = (name: string, changes?: object) => {
    const made = join(temporary, name);
    mkdirSync(made);
    writeFileSync(join(made, "data"), "x");
    if (changes) writeFileSync(join(made, OWNER_FILE), JSON.stringify({ ...owner, ...changes }));
    return made;
  };
  const left = [
    place("causeway-dead-1", {}),
    place("causeway-before-boot", { bootId: "before" }),
    place("causeway-removed-1-2-3"),
  ];
  const kept = [
    place("causeway-host", { host: "elsewhere" }),
    place("causeway-container", { namespace: "pid:[1]" }),
    place("causeway-nobodys"),
    place("causeway-half"),
    place("others-dead", {}),
  ];
  writeFileSync(join(kept[3]!, OWNER_FILE), '{"pid":');
  const outside = place("outside", {});
  symlinkSync(outside, join(temporary, "causeway-link"));
  if (process.getuid!() === 0) {
    const others = place("causeway-others", {});
    chownSync(others, OTHER_USER, OTHER_USER);
    kept.push(others);
  }
  const [fresh, old] = [join(temporary, "causeway-empty-now"), join(temporary, "causeway-empty-then")];
  for (const empty of [fresh, old]) mkdirSync(empty);
  const yesterday = new Date(Date.now() - 86_400_000);
  utimesSync(old, yesterday, yesterday);

  assert.deepEqual((await sweepTemporaryDirectories()).sort(), [...left, old, directory].sort());
  for (const path of [...kept, outside, fresh]) assert.ok(existsSync(path), path);
});

test("of what is kept only to save time, what was not used for a week goes", async () => {
  const home = mkdtempSync(join(temporary, "cache-"));
  const cache = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = home;
  try {
    const paths = ["compile-cache/v22.1.0-x64-0-0", "compile-cache/v24.0.0-x64-0-0", "databases/empty-cluster-1", "images/kept"];
    const old = new Date(Date.now() - 8 * 86_400_000);
    for (const path of paths) {
      mkdirSync(join(home, "causeway", path), { recursive: true });
      utimesSync(join(home, "causeway", path), old, old);
    }
    mkdirSync(join(home, "causeway/databases/empty-cluster-2"));
    await sweepCaches([join(home, "causeway", paths[1]!), undefined, join(home, "not-there")]);
    const isThere = (path: string) => existsSync(join(home, "causeway", path));
    assert.deepEqual([...paths, "databases/empty-cluster-2"].map(isThere), [false, true, false, true, true]);
  } finally {
    if (cache === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = cache;
  }
});
