import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { findBubblewrap } from "../containers/bubblewrap.ts";
import { fixedEngines } from "../containers/host-engines.ts";
import { noEngine } from "../containers/none.ts";
import type { JobLimits, JobResult } from "../job.ts";
import { JobWorld, processesWith, statusOf, until, untilOver } from "../testing/world.ts";
import { findControlGroups, JobGroup } from "./cgroup.ts";
import { ProcessExecutor } from "./executor.ts";

const bubblewrap = await findBubblewrap();
const groups = findControlGroups();

/** What a hostile or careless tool does, and which limit ends it. */
const ATTACKS: { tool: string; script: string; limits: JobLimits; ends: string; limit: number }[] = [
  {
    tool: "makes a file of a tebibyte with nothing in it",
    script: "truncate -s 1T big",
    limits: { diskMiB: 20 },
    ends: "disk limit",
    limit: 20,
  },
  {
    tool: "writes many files",
    script: "i=0; while :; do head -c 4000000 /dev/zero >f$i; i=$((i+1)); sleep 0.01; done",
    limits: { diskMiB: 40 },
    ends: "disk limit",
    limit: 40,
  },
  {
    tool: "makes many files with nothing in them",
    script: "i=0; while :; do truncate -s 19M f$i; i=$((i+1)); sleep 0.02; done",
    limits: { diskMiB: 20 },
    ends: "disk limit",
    limit: 20,
  },
  {
    tool: "fills its scratch space",
    script: "i=0; while :; do head -c 4000000 /dev/zero >$TMPDIR/f$i; i=$((i+1)); sleep 0.01; done",
    limits: { tmpdirMiB: 30, diskMiB: 1000 },
    ends: "disk limit",
    limit: 30,
  },
  {
    tool: "writes to its streams without an end",
    script: "while :; do head -c 4000000 /dev/zero >&2; sleep 0.01; done",
    limits: { diskMiB: 30 },
    ends: "disk limit",
    limit: 30,
  },
  {
    tool: "hides what it writes in files without a name",
    script: "exec 8>a 9>b; rm a b; head -c 30000000 /dev/zero >&8; head -c 30000000 /dev/zero >&9; sleep 600",
    limits: { diskMiB: 40 },
    ends: "disk limit",
    limit: 40,
  },
  {
    tool: "hides what it writes deeper than a path can be long",
    script:
      "n=$(printf 'd%.0s' $(seq 200)); i=0; while [ $i -lt 60 ]; do mkdir $n && cd $n; i=$((i+1)); done; i=0; while :; do head -c 4000000 /dev/zero >f$i; i=$((i+1)); sleep 0.01; done",
    limits: { diskMiB: 40 },
    ends: "disk limit",
    limit: 40,
  },
  {
    tool: "makes files without an end",
    script: "mkdir d; cd d; i=0; while :; do : >f$i; i=$((i+1)); done",
    limits: { files: 300 },
    ends: "too many files",
    limit: 300,
  },
];

const engine = "unusable" in bubblewrap ? noEngine : bubblewrap;
for (const controlGroups of [true, false]) {
  const name = controlGroups ? engine.name : `${engine.name}, without control groups`;
  const skip = controlGroups && !groups ? "no control groups here" : false;
  describe(`limits: ${name}`, { skip, concurrency: 6 }, () => {
    const open = (world: JobWorld) =>
      ProcessExecutor.open({
        directory: join(world.directory, "records"),
        engines: fixedEngines(engine),
        controlGroups,
        capacity: { cores: 6, ramMiB: 1000 },
      });
    const run = async (script: string, limits: JobLimits): Promise<JobResult> => {
      const world = new JobWorld();
      const executor = await open(world);
      const mark = randomUUID();
      try {
        const job = world.shell(`: ${mark}; ${script}`, { limits });
        await executor.submit(job);
        const result = await untilOver(executor, job.id);
        assert.deepEqual(processesWith(mark), [], "no process is left");
        return result;
      } finally {
        await executor.close();
        execFileSync("rm", ["-rf", world.directory]);
      }
    };

    for (const { tool, script, limits, ends, limit } of ATTACKS) {
      test(`a tool that ${tool} is ended`, async () => {
        const { usage: _, lastLines: _lines, ...result } = (await run(script, limits)) as JobResult & { is: "killed" };
        assert.deepEqual(result, { is: "killed", why: ends, limit });
      });
    }

    test("a fork bomb is held, and told", async () => {
      // Bounded, so that it harms nobody where nothing holds it; and there for longer than a loaded machine takes to look.
      const script = "i=0; while [ $i -lt 300 ]; do sleep 60 & i=$((i+1)); done; wait; exit 3";
      const { usage: _, lastLines: _lines, ...result } = (await run(script, { processes: 40 })) as JobResult & { is: "killed" };
      assert.deepEqual(result, { is: "killed", why: "too many processes", limit: 40 });
    });

    test("a tool that uses more memory than it may is ended, with the figure", async () => {
      const limits = { memoryMiB: 60 };
      const result = await run("x=$(head -c 300000000 /dev/zero | tr '\\0' x); sleep 2; exit ${#x}", limits);
      // Without control groups the system may refuse the memory first.
      if (!controlGroups && result.is === "exited") assert.notEqual(result.code, 0);
      else assert.ok(result.is === "killed" && result.why === "out of memory" && result.limit === 60, JSON.stringify(result));
    });

    test("a tool within its limits is left alone, and what was staged for it does not count", async () => {
      const world = new JobWorld();
      const executor = await open(world);
      const job = world.shell("mkdir d; head -c 5000000 /dev/zero >d/f; sleep 2.5", {
        limits: { diskMiB: 20, files: 3, staged: { bytes: 30e6, files: 1 } },
      });
      writeFileSync(join(job.outdir.host, "staged"), Buffer.alloc(30e6));
      await executor.submit(job);
      const result = await untilOver(executor, job.id);
      assert.ok(result.is === "exited" && result.code === 0, JSON.stringify(result));
      await executor.close();
      world.remove();
    });
  });
}

test("on a full disk no job starts, and one that fills it is ended and told so", { skip: mountable() }, async () => {
  const world = new JobWorld();
  const small = join(world.directory, "small");
  mkdirSync(small);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", small]);
  const executor = await ProcessExecutor.open({
    directory: join(small, "records"),
    engines: fixedEngines(noEngine),
    keepFreeMiB: 16,
  });
  try {
    const on = (name: string) => {
      const path = join(small, name);
      mkdirSync(path);
      return { host: path, path };
    };
    const places = (id: string) => ({ id, outdir: on(`${id}.out`), tmpdir: on(`${id}.tmp`) });
    const slow = world.shell("head -c 52000000 /dev/zero >big; sleep 600", places("slow"));
    await executor.submit(slow);
    const ended = await untilOver(executor, slow.id);
    assert.ok(ended.is === "killed" && ended.why === "disk full", JSON.stringify(ended));

    const next = world.shell("exit 0", places("next"));
    await executor.submit(next);
    await until("the reason why it waits", async () => {
      const status = await statusOf(executor, next.id);
      return status.is === "waiting" && /the disk of the jobs is full: \d+ MiB are free, and 16 MiB/.test(status.reason);
    });
    execFileSync("rm", ["-r", slow.outdir.host]);
    assert.equal((await untilOver(executor, next.id)).is, "exited");

    const quick = world.shell("head -c 200000000 /dev/zero >big; exit 1", places("quick"));
    await executor.submit(quick);
    const full = await untilOver(executor, quick.id);
    assert.ok(full.is === "killed" && full.why === "disk full", JSON.stringify(full));
  } finally {
    await executor.close();
    execFileSync("umount", ["--lazy", small]);
    world.remove();
  }
});

/** Why no disk of its own can be made for a test here; false where it can. */
function mountable(): string | false {
  return process.getuid?.() === 0 ? false : "only root can mount";
}

test("a job's share of the processors follows its cores", { skip: noWeights() }, async () => {
  const group = new JobGroup(groups!, `job-${randomUUID()}`);
  group.make({}, 4);
  const files = group.procs.flatMap((procs) => ["cpu.weight", "cpu.shares"].map((name) => join(dirname(procs), name)));
  const weights = files.filter((file) => existsSync(file)).map((file) => readFileSync(file, "utf8").trim());
  await group.clear();
  assert.deepEqual(weights, [groups!.version === 2 ? "400" : "4096"]);
});

function noWeights(): string | false {
  if (!groups) return "no control groups here";
  const { version, root, hierarchies } = groups;
  const has =
    version === 2
      ? readFileSync(join(root, "causeway/cgroup.subtree_control"), "utf8").split(/\s/).includes("cpu")
      : hierarchies.includes("cpu");
  return has ? false : "no control of processors here";
}
