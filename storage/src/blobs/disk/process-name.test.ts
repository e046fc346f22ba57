import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { hasEnded, nameOfProcess, THIS_PROCESS } from "./process-name.ts";

test("a process that runs has not ended, one that was killed has", async () => {
  assert.equal(hasEnded(THIS_PROCESS), false);
  const child = spawn("sleep", ["60"]);
  await once(child, "spawn");
  const name = nameOfProcess(child.pid!);
  assert.equal(hasEnded(name), false);
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(hasEnded(name), true);
});

test("a process id that was given out again is another process", () => {
  const fields = THIS_PROCESS.split("~");
  assert.equal(hasEnded([...fields.slice(0, 4), "1"].join("~")), true);
});

test("nothing before a reboot of this host lives, and of other hosts and containers nothing is known", () => {
  const [host, boot, namespace, pid, start] = THIS_PROCESS.split("~");
  assert.equal(hasEnded([host, "another-boot", namespace, pid, start].join("~")), true);
  assert.equal(hasEnded(["another-host", boot, namespace, "999999", start].join("~")), false);
  assert.equal(hasEnded([host, boot, "another-namespace", "999999", start].join("~")), false);
});
