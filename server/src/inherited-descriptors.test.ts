import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";

test("what the starter of the platform had open is closed for its commands, and its own channels work", async () => {
  const module = JSON.stringify(new URL("./inherited-descriptors.ts", import.meta.url).href);
  const program = `
    const { closeInherited } = await import(${module});
    closeInherited();
    const { execFileSync } = await import("node:child_process");
    console.log(execFileSync("/bin/sh", ["-c", "ls -l /proc/$$/fd"], { encoding: "utf8" }));
    process.send("still there");
    process.disconnect();`;
  const open = ["ignore", "pipe", "inherit", "ipc", "ignore", "pipe"] as const;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: [...open, ...new Array(20).fill("pipe")],
  });
  const [said, [message]] = await Promise.all([text(child.stdout!), once(child, "message")]);
  assert.equal(message, "still there");
  const descriptors = [...said.matchAll(/(\d+) -> (.*)/g)].map(([, descriptor, target]) => [Number(descriptor), target] as const);
  // A shell may have its script open.
  assert.deepEqual(
    descriptors.filter(([descriptor, target]) => descriptor > 2 && /pipe|socket/.test(target!)),
    [],
  );
});
