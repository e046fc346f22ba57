import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import type { Executor } from "../executor.ts";
import { testIsolation } from "./isolation-suite.ts";
import { submitAndDie } from "./platform.ts";
import { JobWorld, processesWith, statusOf, until, untilOver } from "./world.ts";

/** An executor under test. `module` exports `open(directory, ...options)`, so that another process can open the same one. */
export interface Subject {
  module: URL;
  options?: unknown[];
  /** Whether the peak of memory is only the most that was seen now and then. */
  samplesMemory?: boolean;
  /** Whether commands see nothing of the host but their own. */
  isolates: boolean;
  /** Why it cannot be tried on this host: its tests are skipped, with that reason. */
  unusable?: string | undefined;
}

/** What every executor must do. */
export function testExecutor(name: string, subject: Subject): void {
  /** A story with an executor and a world of its own; whatever still runs at its end is removed. */
  function story(sentence: string, tell: (executor: Executor, world: JobWorld) => Promise<void>): void {
    test(sentence, { skip: subject.unusable ?? false }, async () => {
      const world = new JobWorld();
      const executor = await open(world);
      try {
        await tell(executor, world);
      } finally {
        await executor.close?.();
        world.remove();
      }
    });
  }
  const open = async (world: JobWorld): Promise<Executor> =>
    (await import(subject.module.href)).open(join(world.directory, "records"), ...(subject.options ?? []));

  describe(name, () => {
    story("tells the exit code, and what the job used", async (executor, world) => {
      const job = world.shell("dd if=/dev/zero of=/dev/null bs=100M count=20; exit 3");
      assert.equal(await executor.submit(job), job.id);
      const result = await untilOver(executor, job.id);
      assert.ok(result.is === "exited", JSON.stringify(result));
      assert.equal(result.code, 3);
      const { usage } = result;
      assert.ok(Date.parse(usage.endedAt) >= Date.parse(usage.startedAt));
      if (usage.cpuSeconds !== undefined) assert.ok(usage.cpuSeconds > 0.05 && usage.cpuSeconds < 10, String(usage.cpuSeconds));
      if (usage.peakMemoryBytes !== undefined) {
        const least = subject.samplesMemory ? 0 : 100e6;
        assert.ok(usage.peakMemoryBytes > least && usage.peakMemoryBytes < 300e6, String(usage.peakMemoryBytes));
      }
      assert.deepEqual(await statusOf(executor, job.id), result, "a final status does not change");
    });

    story("tells a signal as 128 + n, a missing program as 127, with the last lines of stderr", async (executor, world) => {
      const [killed, missing, talking] = [
        world.shell("kill -9 $$"),
        world.job(["no-such-program"]),
        world.shell("seq 100 >&2; exit 1"),
      ];
      for (const job of [killed, missing, talking]) await executor.submit(job);
      const result = await untilOver(executor, killed.id);
      assert.deepEqual({ is: result.is, code: result.is === "exited" && result.code }, { is: "exited", code: 137 });
      const absent = await untilOver(executor, missing.id);
      assert.ok(absent.is === "exited" && absent.code === 127 && absent.lastLines?.includes("no-such-program"));
      const talked = await untilOver(executor, talking.id);
      assert.ok(talked.is === "exited" && talked.lastLines?.endsWith("99\n100") && talked.lastLines.length < 100);
    });

    story("reads nothing, and waits for nothing, that a command put in the place of its streams", async (executor, world) => {
      const secret = join(world.directory, "elsewhere", "secret");
      mkdirSync(dirname(secret));
      writeFileSync(secret, "of the host\n");
      const inOutdir = (name: string, script: string) => {
        const job = world.shell(`${script}; exit 1`, { limits: { diskMiB: 100 } });
        const [stdout, stderr] = [join(job.outdir.host, `${name}.out`), join(job.outdir.host, name)];
        mkdirSync(join(job.outdir.host, "d"));
        return { ...job, stdout, stderr };
      };
      const jobs = [
        inOutdir("err", `rm err; ln -s ${secret} err`),
        inOutdir("d/secret", `rm -r d; ln -s ${dirname(secret)} d`),
        inOutdir("err", "rm err err.out; mkfifo err err.out"),
        inOutdir("err", "rm err err.out; mkdir err err.out"),
        inOutdir("err", "rm err; ln -s /dev/zero err; rm err.out; ln -s err.out err.out"),
        inOutdir("x".repeat(300), "true"),
      ];
      for (const job of jobs) {
        await executor.submit(job);
        const result = await untilOver(executor, job.id);
        assert.ok(result.is === "exited" && result.code !== 0, `${job.argv} ${JSON.stringify(result)}`);
        assert.doesNotMatch(result.lastLines ?? "", /of the host/);
      }
    });

    story("gives the command exactly the environment of the job, in its working directory", async (executor, world) => {
      const env = { PATH: "/usr/bin:/bin", HOME: "/nowhere", LINES: "a\nb 'c' \"d\" $e `f` \\", EMPTY: "", "odd.name-1": "x=y" };
      const plain = world.job(["env", "-0"], { env: { PATH: "/bin", A: "1" } });
      const odd = world.job(["env", "-0"], { env });
      const place = world.job(["pwd"]);
      for (const job of [plain, odd, place]) {
        await executor.submit(job);
        await untilOver(executor, job.id);
      }
      assert.deepEqual(environmentIn(world.stdout(plain)), { PATH: "/bin", A: "1" });
      assert.deepEqual(environmentIn(world.stdout(odd)), env);
      assert.equal(world.stdout(place), `${place.outdir.path}\n`);
    });

    story("passes arguments and streams through unharmed", async (executor, world) => {
      const words = ["", " ", "*", "$HOME", "`id`", "a'b", 'a"b', "a\nb", "\\", "-n", "ü→", "x".repeat(100_000)];
      const echo = world.job(["sh", "-c", 'printf "%s\\0" "$@"', "echo", ...words]);
      const source = world.shell("head -c 20000000 /dev/zero; echo end >&2");
      await executor.submit(echo);
      await executor.submit(source);
      await untilOver(executor, echo.id);
      assert.deepEqual(world.stdout(echo).split("\0").slice(0, -1), words);
      await untilOver(executor, source.id);
      assert.equal(statSync(source.stdout!).size, 20_000_000);
      assert.equal(readFileSync(source.stderr!, "utf8"), "end\n");
      const count = world.job(["wc", "-c"], { stdin: source.stdout });
      await executor.submit(count);
      await untilOver(executor, count.id);
      assert.equal(world.stdout(count).trim(), "20000000");
    });

    story("ends a job at its time limit, and one that uses more memory than it may", async (executor, world) => {
      const mark = randomUUID();
      const slow = world.shell(`sleep 1000; : ${mark}`, { timeLimitSeconds: 0.3 });
      const greedy = world.job(["dd", "if=/dev/zero", "of=/dev/null", "bs=400M", "count=1"], { limits: { memoryMiB: 100 } });
      await executor.submit(slow);
      await executor.submit(greedy);
      const limited = await untilOver(executor, slow.id);
      assert.ok(limited.is === "killed" && limited.why === "time limit", JSON.stringify(limited));
      assert.deepEqual(processesWith(mark), []);
      const over = await untilOver(executor, greedy.id);
      assert.ok(over.is === "killed" ? over.why === "out of memory" : over.is === "exited" && over.code !== 0);
    });

    story("removing a job ends every process of it, also those that left its session", async (executor, world) => {
      const mark = randomUUID();
      const nap = `sh -c 'while :; do sleep 1; done' ${mark}`;
      const job = world.shell(`setsid ${nap} & (setsid setsid ${nap} &) ; echo up > up; ${nap}`);
      await executor.submit(job);
      await until("the job's processes", () => existsSync(join(job.outdir.host, "up")) && processesWith(mark).length >= 3);
      assert.equal((await statusOf(executor, job.id)).is, "running");
      await executor.remove(job.id);
      assert.deepEqual(processesWith(mark), []);
      await executor.remove(job.id);
      const status = await statusOf(executor, job.id);
      assert.ok(status.is === "killed" && status.why === "aborted", JSON.stringify(status));
    });

    story("what a command leaves running ends with it", async (executor, world) => {
      const mark = randomUUID();
      const job = world.shell(`(setsid sh -c 'while :; do sleep 1; done' ${mark} &) ; exit 0`);
      await executor.submit(job);
      const result = await untilOver(executor, job.id);
      assert.ok(result.is === "exited" && result.code === 0);
      assert.deepEqual(processesWith(mark), []);
    });

    story("a job submitted many times runs once, also when it is over or removed", async (executor, world) => {
      const job = world.shell("echo run >> ran; exit 5");
      await Promise.all([1, 2, 3, 4, 5].map(() => executor.submit(job)));
      const result = await untilOver(executor, job.id);
      await executor.submit(job);
      assert.deepEqual(await statusOf(executor, job.id), result);
      await executor.remove(job.id);
      await executor.submit(job);
      assert.deepEqual(await statusOf(executor, job.id), result);
      assert.equal(readFileSync(join(job.outdir.host, "ran"), "utf8"), "run\n");
    });

    story("a job removed while it waits never starts", async (executor, world) => {
      const blocker = world.shell("sleep 1000", { resources: { cores: 4, ramMiB: 10 } });
      const waiting = world.shell("echo ran > ran");
      await executor.submit(blocker);
      await executor.submit(waiting);
      const status = await statusOf(executor, waiting.id);
      assert.ok(status.is === "waiting" && status.reason === "no free core", JSON.stringify(status));
      await executor.remove(waiting.id);
      await executor.remove(blocker.id);
      const removed = await statusOf(executor, waiting.id);
      assert.ok(removed.is === "killed" && removed.why === "aborted");
      assert.ok(!existsSync(join(waiting.outdir.host, "ran")));
    });

    story("a job removed while it is being started does not start, or ends", async (executor, world) => {
      const mark = randomUUID();
      const jobs = Array.from({ length: 12 }, () => world.shell(`sleep 1000; : ${mark}`, { resources: { cores: 0, ramMiB: 1 } }));
      for (const [n, job] of jobs.entries()) {
        await executor.submit(job);
        // Later and later, so that the removals fall between all steps of a start.
        for (let turn = 0; turn < n; turn++) await new Promise((resolve) => setImmediate(resolve));
        await executor.remove(job.id);
      }
      const last = world.shell("exit 0");
      await executor.submit(last);
      await untilOver(executor, last.id);
      assert.deepEqual(processesWith(mark), []);
      for (const job of jobs) assert.equal((await statusOf(executor, job.id)).is, "killed");
    });

    story("an id it does not know is lost, and removing it is no error", async (executor, world) => {
      assert.deepEqual(await statusOf(executor, "stranger"), { is: "lost", why: "no such job" });
      await executor.remove("stranger");
      await assert.rejects(executor.submit({ ...world.job(["true"]), id: "../../etc" }), /not a job id/);
    });

    story("many jobs at once all end, each with its own result", async (executor, world) => {
      const jobs = Array.from({ length: 60 }, (_, n) => world.shell(`echo ${n}; exit ${n % 7}`));
      await Promise.all(jobs.map((job) => executor.submit(job)));
      for (const [n, job] of jobs.entries()) {
        const result = await untilOver(executor, job.id);
        assert.equal(result.is === "exited" && result.code, n % 7);
        assert.equal(world.stdout(job), `${n}\n`);
      }
    });

    story("kill -9 of the platform: jobs go on, those that wait start, and nothing runs twice", async (executor, world) => {
      await executor.close?.();
      const go = join(world.shell("", { id: "gate" }).outdir.host, "go");
      const gate = { source: join(go, ".."), target: join(go, ".."), writable: false };
      const wait = (code: number) => `echo run >> ran; while [ ! -e '${go}' ]; do sleep 0.05; done; exit ${code}`;
      const jobs = Array.from({ length: 8 }, (_, n) => world.shell(wait(n), { mounts: [gate] }));
      await submitAndDie(subject, world, jobs, ({ running }) => running === 4);
      const next = await open(world);
      try {
        const statuses = [...(await next.poll(jobs.map((job) => job.id))).values()].map((status) => status.is);
        assert.deepEqual(statuses.sort(), [..."rrrr"].map(() => "running").concat([..."wwww"].map(() => "waiting")));
        for (const job of jobs) await next.submit(job);
        writeFileSync(go, "");
        for (const [n, job] of jobs.entries()) {
          const result = await untilOver(next, job.id);
          assert.ok(result.is === "exited" && result.code === n, JSON.stringify(result));
          assert.ok(result.usage.cpuSeconds === undefined || result.usage.cpuSeconds >= 0);
          assert.equal(readFileSync(join(job.outdir.host, "ran"), "utf8"), "run\n");
        }
      } finally {
        await next.close?.();
      }
    });

    story("a job of a killed platform can still be removed, with all its processes", async (executor, world) => {
      await executor.close?.();
      const mark = randomUUID();
      const job = world.shell(`(setsid sh -c 'while :; do sleep 1; done' ${mark} &) ; sleep 1000; : ${mark}`);
      await submitAndDie(subject, world, [job], ({ running }) => running === 1);
      await until("its processes", () => processesWith(mark).length >= 2);
      const next = await open(world);
      await next.remove(job.id);
      assert.deepEqual(processesWith(mark), []);
      const status = await statusOf(next, job.id);
      assert.ok(status.is === "killed" && status.why === "aborted");
      await next.close?.();
    });

    if (subject.isolates) testIsolation(story);
  });
}

function environmentIn(output: string): Record<string, string> {
  const entries = output.split("\0").filter(Boolean);
  return Object.fromEntries(entries.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]));
}
