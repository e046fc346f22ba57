import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { ProcessExecutor } from "../process/executor.ts";
import { JobWorld, statusOf, until, untilOver } from "../testing/world.ts";
import type { Probe } from "./engine.ts";
import type { EngineChoice, EngineWish } from "./host-engines.ts";
import { HostEngines } from "./host-engines.ts";
import { noEngine } from "./none.ts";

test("a job that no engine can run waits and says why, holds no room, can be removed, and starts when there is one", async () => {
  const world = new JobWorld();
  let probe: Probe = { unusable: "nothing is installed" };
  let onChange = () => {};
  const engines: EngineChoice = {
    current: (job: EngineWish) => (job.image ? probe : noEngine),
    choose: async () => probe,
    onChange: (listener) => {
      onChange = listener;
    },
  };
  const capacity = { cores: 1, ramMiB: 100 };
  const executor = await ProcessExecutor.open({ directory: join(world.directory, "records"), engines, capacity });
  const image = { docker: { dockerPull: "tool" }, required: true };
  const [waiting, removed] = [world.shell("exit 3", { image }), world.shell("exit 4", { image })];
  for (const job of [waiting, removed]) await executor.submit(job);
  await until("the reason", async () => {
    const status = await statusOf(executor, waiting.id);
    return status.is === "waiting" && status.reason === "nothing is installed";
  });
  const other = world.shell("exit 5");
  await executor.submit(other);
  assert.equal((await untilOver(executor, other.id)).is, "exited");
  await executor.remove(removed.id);
  assert.equal((await statusOf(executor, removed.id)).is, "killed");
  assert.equal((await statusOf(executor, waiting.id)).is, "waiting");
  probe = noEngine;
  onChange();
  const ended = await untilOver(executor, waiting.id);
  assert.ok(ended.is === "exited" && ended.code === 3, JSON.stringify(ended));
  await executor.close();
  world.remove();
});

test("without isolation tools run on the host, where it is required they wait; images can be ignored", async () => {
  const ignoring = new HostEngines({ isolation: "required", images: "ignore" });
  await ignoring.look();
  const image = { docker: { dockerPull: "tool" }, required: true };
  const bubblewrap = ignoring.found.probes.get("bubblewrap")!;
  const open = new HostEngines({ isolation: "none", images: "ignore" });
  await open.known();
  for (const job of [{}, { image }]) {
    const [walled, free] = [ignoring.current(job), open.current(job)];
    if ("unusable" in bubblewrap) {
      assert.match((walled as { unusable: string }).unusable, /do not run without isolation: .*Install bubblewrap/);
      assert.equal((free as typeof noEngine).name, "none");
    } else
      assert.deepEqual(
        [walled, free].map((engine) => (engine as typeof noEngine).name),
        ["bubblewrap", "bubblewrap"],
      );
  }
  assert.equal(ignoring.wraps, "container");
  ignoring.close();
  open.close();
});
