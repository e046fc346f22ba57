import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { processesWith, until } from "../testing/world.ts";
import { JobGroup } from "./cgroup.ts";
import { identify, isAlive } from "./processes.ts";
import { killAll } from "./tree.ts";

test("a process that replaces its program without a pause is found by its mark each time", async () => {
  // The kernel shows no environment of a process while it replaces its program: 3 of 100 looks at this one see none.
  const again = 'exec /bin/sh -c "$0" "$0"';
  for (let round = 0; round < 150; round++) {
    const mark = randomUUID();
    const child = spawn("/bin/sh", ["-c", again, again], { env: { MARK: mark }, stdio: "ignore" });
    const ended = once(child, "exit");
    const who = await until("its start", () => identify(child.pid!));
    try {
      await killAll({ marks: [`MARK=${mark}`] });
      assert.equal(isAlive(who), false, `round ${round}`);
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
  }
});

test("a process counts as killed when the kernel has taken all that it held", async () => {
  // Its first thread ends, and its environment is not shown any more, while the last of so many are still there.
  const program = `const { Worker } = require("node:worker_threads");
    let online = 0;
    for (let i = 0; i < 40; i++) {
      new Worker("setInterval(() => {}, 1000)", { eval: true }).on("online", () => ++online === 40 && console.log("all"));
    }`;
  for (let round = 0; round < 2; round++) {
    const env = { MARK: randomUUID() };
    const child = spawn(process.execPath, ["-e", program], { env, stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "exit");
    await once(child.stdout, "data");
    const who = identify(child.pid!)!;
    await killAll({ marks: [`MARK=${env.MARK}`] });
    assert.equal(isAlive(who), false, `round ${round}`);
    await ended;
  }
});

test("a process without an environment, and one of another mark, are left alone and hold nobody up", async () => {
  const others = [{}, { MARK: "another" }].map((env) => spawn("/bin/sleep", ["1000"], { env, stdio: "ignore" }));
  await Promise.all(others.map((other) => once(other, "spawn")));
  await killAll({ marks: [`MARK=${randomUUID()}`] });
  for (const other of others) {
    assert.ok(isAlive(identify(other.pid!)!));
    other.kill("SIGKILL");
    await once(other, "exit");
  }
});

/** A shell with so many below it, of which each starts another `sleep` when its own was killed, three times at most. */
function swarm(size: number) {
  const mark = randomUUID();
  const script = `n=0; while [ $n -lt ${size} ]; do (for i in 1 2 3; do sleep 1000; done; : ${mark}) & n=$((n+1)); done; wait`;
  const child = spawn("/bin/sh", ["-c", script], { env: { PATH: process.env.PATH, MARK: mark }, stdio: "ignore" });
  return { mark, child };
}

test("a hundred processes that start others when they are killed are all ended, and others have their turns meanwhile", async () => {
  const { mark, child } = swarm(60);
  const ended = once(child, "exit");
  await until("all of them", () => processesWith(mark).length >= 60);
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  await killAll({ marks: [`MARK=${mark}`] });
  clearInterval(timer);
  assert.deepEqual(processesWith(mark), []);
  assert.ok(turns > 0);
  await ended;
});

/** A hierarchy of version 2, which may stand beside those of version 1, for what every group there can. */
const unified = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].find((root) => existsSync(join(root, "cgroup.controllers")));

test("where the kernel can, all processes of a group are ended in one step", { skip: !canGroup() }, async () => {
  const group = new JobGroup({ version: 2, root: unified!, hierarchies: ["."] }, `job-${randomUUID()}`);
  mkdirSync(join(unified!, group.path), { recursive: true });
  const procs = join(unified!, group.path, "cgroup.procs");
  const inside = spawn("/bin/sh", ["-c", 'echo 0 >"$0"; sleep 1000 & sleep 1000; :', procs], { stdio: "ignore" });
  await until("its processes", () => group.processes().length === 3);
  group.kill();
  await once(inside, "exit");
  await until("their end", () => group.processes().length === 0);
  await group.clear();
});

/** Whether this process may make groups there. */
function canGroup(): boolean {
  if (unified === undefined) return false;
  try {
    const probe = join(unified, "causeway", "probe-of-tests");
    mkdirSync(probe, { recursive: true });
    const can = existsSync(join(probe, "cgroup.kill"));
    rmdirSync(probe);
    return can;
  } catch {
    return false;
  }
}
