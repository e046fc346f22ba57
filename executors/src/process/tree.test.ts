import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import { until } from "../testing/world.ts";
import { identify, isAlive, killAll } from "./tree.ts";

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
