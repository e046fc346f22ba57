import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixedEngines } from "../containers/host-engines.ts";
import { noEngine } from "../containers/none.ts";
import { open as openPlain } from "../testing/plain.ts";
import { JobWorld, processesWith, statusOf, until, untilOver } from "../testing/world.ts";
import { ProcessExecutor } from "./executor.ts";

test("a job whose starter was killed is lost, its processes are ended, and its room is free again", async () => {
  const world = new JobWorld();
  const records = join(world.directory, "records");
  const executor = await openPlain(records);
  const mark = randomUUID();
  const job = world.shell(`(setsid sh -c 'while :; do sleep 1; done' ${mark} &); sleep 1000; : ${mark}`, {
    resources: { cores: 4, ramMiB: 64 },
  });
  const next = world.shell("exit 0", { resources: { cores: 4, ramMiB: 64 } });
  await executor.submit(job);
  await executor.submit(next);
  await until("its processes", () => processesWith(mark).length >= 2);
  const starter = Number.parseInt(readFileSync(join(records, job.id, "started"), "utf8").split("\n")[1]!, 10);
  process.kill(starter, "SIGKILL");
  const result = await untilOver(executor, job.id);
  assert.deepEqual(result, { is: "lost", why: "the shell that watched over it was killed" });
  assert.deepEqual(processesWith(mark), []);
  assert.equal((await untilOver(executor, next.id)).is, "exited");
  await executor.close();
  world.remove();
});

test("a job that waits for room on its disk when the platform is stopped is not lost: it starts under the next one", async () => {
  const world = new JobWorld();
  const settings = { directory: join(world.directory, "records"), engines: fixedEngines(noEngine) };
  const stopped = await ProcessExecutor.open({ ...settings, keepFreeMiB: 1e9 });
  const job = world.shell("exit 3");
  await stopped.submit(job);
  await until("the reason", async () => {
    const status = await statusOf(stopped, job.id);
    return status.is === "waiting" && status.reason.includes("are to stay free");
  });
  await stopped.close();
  const next = await ProcessExecutor.open(settings);
  const result = await untilOver(next, job.id);
  assert.ok(result.is === "exited" && result.code === 3, JSON.stringify(result));
  await next.close();
  world.remove();
});

test("a process that got the id of a job's process after a restart of the host is left alone", async () => {
  const world = new JobWorld();
  const records = join(world.directory, "records");
  const executor = await openPlain(records);
  const job = world.shell("sleep 1000");
  await executor.submit(job);
  await until("its start", async () => (await statusOf(executor, job.id)).is === "running");
  await executor.remove(job.id);
  // The record of a job of an earlier boot, whose process ids are now those of a stranger.
  const stranger = spawn("sleep", ["1000"]);
  await once(stranger, "spawn");
  const line = readFileSync(`/proc/${stranger.pid}/stat`, "utf8").trim();
  const old = world.shell("sleep 1000", { id: "of-an-earlier-boot" });
  mkdirSync(join(records, old.id));
  writeFileSync(join(records, old.id, "job.json"), JSON.stringify(old));
  writeFileSync(join(records, old.id, "started"), `another-boot\n${line}\n0m0.0s 0m0.0s\n0m0.0s 0m0.0s\nend\n`);
  writeFileSync(join(records, old.id, "main"), `${line}\nend\n`);
  assert.deepEqual(await statusOf(executor, old.id), { is: "lost", why: "the host was restarted while it ran" });
  await executor.remove(old.id);
  assert.equal(stranger.exitCode, null);
  assert.ok(readFileSync(`/proc/${stranger.pid}/stat`, "utf8").length > 0);
  stranger.kill();
  await executor.close();
  world.remove();
});

test("a job that cannot be judged keeps no executor from starting, and no other job from its end", async () => {
  const world = new JobWorld();
  const records = join(world.directory, "records");
  const first = await openPlain(records);
  const [broken, other] = [world.shell("sleep 1000"), world.shell("until [ -e go ]; do sleep 0.05; done")];
  for (const job of [broken, other]) {
    await first.submit(job);
    await until("its start", async () => (await statusOf(first, job.id)).is === "running");
  }
  await first.close();
  // Nobody can read how it ended.
  rmSync(join(records, broken.id, "ended"));
  mkdirSync(join(records, broken.id, "ended"));
  const second = await openPlain(records);
  writeFileSync(join(other.outdir.host, "go"), "");
  assert.equal((await untilOver(second, other.id)).is, "exited");
  rmSync(join(records, broken.id, "ended"), { recursive: true });
  await second.remove(broken.id);
  await second.close();
  world.remove();
});

test("a platform killed at any moment loses no job and runs none twice", async () => {
  const world = new JobWorld();
  const jobs = Array.from({ length: 40 }, (_, n) => world.shell(`echo run >> ran; exit ${n % 5}`));
  const program = `
    import { open } from ${JSON.stringify(new URL("../testing/plain.ts", import.meta.url).href)};
    const executor = await open(${JSON.stringify(join(world.directory, "records"))});
    console.log("up");
    for (const job of ${JSON.stringify(jobs)}) await executor.submit(job);
    setInterval(() => {}, 1000);`;
  // Later and later into the work, so that the kills fall between all of its steps.
  for (const delay of [0, 2, 5, 9, 14, 20, 40]) {
    const platform = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    await once(platform.stdout, "data");
    await new Promise((resolve) => setTimeout(resolve, delay));
    const gone = once(platform, "exit");
    platform.kill("SIGKILL");
    await gone;
  }
  const executor = await openPlain(join(world.directory, "records"));
  for (const job of jobs) await executor.submit(job);
  for (const [n, job] of jobs.entries()) {
    const result = await untilOver(executor, job.id);
    assert.ok(result.is === "exited" && result.code === n % 5, JSON.stringify(result));
    assert.equal(readFileSync(join(job.outdir.host, "ran"), "utf8"), "run\n");
  }
  await executor.close();
  world.remove();
});
