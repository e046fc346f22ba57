import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { ContainerEngine, Probe } from "../containers/engine.ts";
import { refusedCalls } from "../containers/system-calls/filter.ts";
import type { ImageRequirement, JobSpec } from "../job.ts";
import { ProcessRunner } from "../process/run.ts";
import { environmentIsTheCommandsAlone } from "./environment-suite.ts";
import { IMAGE, removeImages, testImages } from "./image-suite.ts";
import { packSmallRoot } from "./small-image.ts";
import { codeOf, JobWorld, processesWith, until } from "./world.ts";

/** What an engine cannot help: which code a missing program has, and whether paths may hold `"` and commas. */
export interface Peculiarities {
  missingProgram?: number;
  quotesPaths?: boolean;
}

/** What every container engine must do. An engine that this host lacks is skipped, with the reason. */
export function testEngine(name: string, find: () => Promise<Probe>, peculiar: Peculiarities = {}): void {
  const { missingProgram = 127, quotesPaths = true } = peculiar;
  describe(name, () => {
    const world = new JobWorld();
    let probe: Probe;
    let runner: ProcessRunner;
    let image: ImageRequirement | undefined;
    const references = [IMAGE];

    before(async () => {
      probe = await find();
      if ("unusable" in probe) return;
      runner = new ProcessRunner(probe);
      // `programs: host` engines take no image; the others all get theirs by dockerImport.
      if (probe.programs === "image") image = { dockerImport: packSmallRoot(world.directory), dockerImageId: IMAGE };
    });
    after(async () => {
      runner?.close();
      if (image && !("unusable" in probe)) await removeImages(probe, image, references, job(["true"]));
      world.remove();
    });

    function story(sentence: string, tell: (engine: ContainerEngine) => Promise<void>, only?: ContainerEngine["programs"]): void {
      test(sentence, async (context) => {
        if ("unusable" in probe) return context.skip(probe.unusable);
        if (only && probe.programs !== only) return context.skip(`for engines with programs of the ${only}`);
        await tell(probe);
      });
    }
    /** A job whose directories the command sees as /out and /scratch. */
    const job = (argv: string[], more: Partial<JobSpec> = {}): JobSpec => {
      const made = world.job(argv, more);
      made.outdir.path = "/out";
      made.tmpdir.path = "/scratch";
      made.env = more.env ?? { HOME: "/out", TMPDIR: "/scratch", PATH: "/usr/bin:/bin" };
      if (image) made.image ??= { docker: image, required: true };
      return made;
    };
    const shell = (script: string, more?: Partial<JobSpec>) => job(["sh", "-c", script], more);

    story("runs the command in its directory, with its streams, and tells its exit code", async () => {
      const words = join(world.directory, "words");
      writeFileSync(words, "one\ntwo\n");
      const made = shell("pwd; cat; echo oops >&2; echo kept > file; exit 7", { stdin: words });
      assert.equal(codeOf(await runner.run(made)), 7);
      assert.equal(world.stdout(made), "/out\none\ntwo\n");
      assert.equal(world.stderr(made), "oops\n");
      const file = statSync(join(made.outdir.host, "file"));
      assert.equal(file.uid, process.getuid!(), "what it makes is ours");
    });

    story("a missing program and a signal have the codes of a shell", async () => {
      assert.equal(codeOf(await runner.run(job(["no-such-program"]))), missingProgram);
      // Of a child: the first process of a container does not die of a signal that it sends itself.
      assert.equal(codeOf(await runner.run(shell("sh -c 'kill -9 $$'"))), 137);
    });

    story("passes the environment and odd arguments unharmed", async () => {
      const env = { PATH: "/usr/bin:/bin", HOME: "/out", ODD: "a b\n'c' \"d\" $e=f" };
      const made = job(["sh", "-c", 'env; echo "$1"', "sh", "x, 'y'\n$z"], { env });
      assert.equal(codeOf(await runner.run(made)), 0);
      assert.ok(world.stdout(made).includes(`ODD=${env.ODD}\n`));
      assert.match(world.stdout(made), /^HOME=\/out$/m);
      assert.ok(world.stdout(made).endsWith("x, 'y'\n$z\n"));
      assert.ok(!world.stdout(made).includes(process.env.USER ? `USER=${process.env.USER}` : "\0"));
    });

    story("what a document says of the environment is the command's alone, and stands on no command line", async (engine) => {
      const { directory } = world;
      const run = (made: JobSpec) => runner.run(made);
      await environmentIsTheCommandsAlone({ directory, job, run, hasWalls: true, isExact: engine.programs === "host" });
    });

    story("a program or an argument is no option of the engine or of a shell", async () => {
      for (const program of ["--version", "-c"]) assert.equal(codeOf(await runner.run(job([program, "exit 0"]))), missingProgram);
      const made = job(["echo", "--help", "-x", "--", "$(id)", "a=b"]);
      assert.equal(codeOf(await runner.run(made)), 0);
      assert.equal(world.stdout(made), "--help -x -- $(id) a=b\n");
    });

    story("mounts appear under odd names; only what is writable can be written to", async () => {
      const sign = quotesPaths ? '",\n' : "";
      const source = join(world.directory, `in:put ${sign}1`);
      writeFileSync(source, "text\n");
      const target = `/inputs/a:b ${sign}c 'd'/ü`;
      const kept = world.shell("").outdir.host;
      const made = shell(
        `cat "$1"; echo x >"$1"; echo x >/new; echo x >/usr/new; echo x >/kept/f && echo x >/tmp/f && echo x >/scratch/f`,
        {
          mounts: [
            { source, target, writable: false },
            { source: kept, target: "/kept", writable: true },
          ],
        },
      );
      made.argv.push("sh", target);
      assert.equal(codeOf(await runner.run(made)), 0, world.stderr(made));
      assert.equal(world.stdout(made), "text\n");
      assert.equal(readFileSync(source, "utf8"), "text\n");
      assert.equal(world.stderr(made).match(/(Read-only file system|Permission denied)$/gm)?.length, 3, world.stderr(made));
      assert.ok(existsSync(join(kept, "f")));
    });

    story("no path of a job leads to places of the host while the walls are put up", async () => {
      const made = join(world.directory, "made");
      for (const path of [`/../oldroot${made}`, `/x/../../oldroot${made}`, `..${made}`, "/", ""]) {
        const moved = job(["true"]);
        moved.outdir.path = path;
        await assert.rejects(runner.run(moved), /not a path of a job/);
        const mounts = [{ source: world.directory, target: path, writable: true }];
        await assert.rejects(runner.run(job(["true"], { mounts })), /not a path of a job/);
      }
      assert.ok(!existsSync(made));
    });

    story("no network but its own loop, unless the job may", async () => {
      const interfaces = async (network: boolean) => {
        const made = shell("while read -r name rest; do echo $name; done </proc/net/dev", { network });
        assert.equal(codeOf(await runner.run(made)), 0, world.stderr(made));
        return world.stdout(made).match(/^\w+(?=:)/gm);
      };
      assert.deepEqual(await interfaces(false), ["lo"]);
      assert.ok((await interfaces(true))!.length > 1);
    });

    story("the command has no capabilities and sees neither the host's processes nor its files", async () => {
      const mark = `${world.directory}/secret`;
      writeFileSync(mark, "");
      const made = shell(`grep CapEff /proc/self/status; ls -d /proc/[0-9]*; ls ${mark} /root/.ssh /home/*`);
      await runner.run(made);
      assert.match(world.stdout(made), /CapEff:\s0+\n/);
      assert.ok(world.stdout(made).match(/\/proc\/\d+/g)!.length < 8);
      assert.ok(!world.stdout(made).includes(mark));
    });

    story("nothing outside the walls can be changed through /proc", async () => {
      // By the administrator's id alone: no capability is needed for these. Each is tried with the value it has.
      const made = shell(`
        for f in /proc/sys/kernel/core_pattern /proc/sys/vm/swappiness /proc/sys/fs/file-max /proc/self/oom_score_adj; do
          read -r value <$f; echo "$value" 2>&1 >$f && echo "written: $f"
        done
        for f in /proc/* /proc/sys/*/* /proc/fs/*/* /proc/irq/*/* /proc/bus/*/*; do
          case $f in /proc/[0-9]* | /proc/self* | /proc/thread-self*) continue ;; esac
          if test -f $f && (: >>$f) 2>/out/e; then echo "opened: $f"; fi
        done; exit 0`);
      assert.equal(codeOf(await runner.run(made)), 0, world.stderr(made));
      const found = world.stdout(made).match(/^(written|opened): .*$/gm) ?? [];
      // Engines with images let a job say that it is rather killed first.
      assert.deepEqual(
        found.filter((line) => line !== "written: /proc/self/oom_score_adj"),
        [],
      );
    });

    story(
      "no system call leads past the walls to the keys of this user or into the kernel's inner parts",
      async (engine) => {
        const refused = Object.entries(refusedCalls(process.arch));
        const calls = refused.map(
          ([name, number]) => `print "${name} ", (syscall(${number}, 0, -3, 0, 0, 0) < 0 ? $!+0 : "done"), "\\n";`,
        );
        const made = job(["/usr/bin/perl", "-e", calls.join("")]);
        const result = await runner.run(made);
        if (codeOf(result) === missingProgram) return;
        assert.equal(codeOf(result), 0, world.stderr(made));
        assert.deepEqual(
          world.stdout(made).trim().split("\n"),
          refused.map(([name]) => `${name} 1`),
          engine.name,
        );
      },
      "host",
    );

    story(
      "the command makes no user namespace, in which it would have capabilities, and everything else of processes and threads",
      async () => {
        const [clone, unshare] = process.arch === "arm64" ? [220, 97] : [56, 272];
        const tries = [`${unshare}, 0x10000000`, `${unshare}, 0x10020000`, `${clone}, 0x10000011, 0, 0, 0, 0`];
        const calls = tries.map((call) => `print syscall(${call}) < 0 ? "refused" : "done", "\\n"; exit if $$ != $self;`);
        const made = job(["/usr/bin/perl", "-e", `$self = $$; ${calls.join(" ")} print fork ? "" : "forked\\n"; wait`]);
        const result = await runner.run(made);
        if (codeOf(result) === missingProgram) return;
        assert.equal(world.stdout(made), "refused\nrefused\nrefused\nforked\n", world.stderr(made));
        const threads = job([
          "python3",
          "-c",
          "import threading; t = threading.Thread(target=print, args=('thread',)); t.start(); t.join()",
        ]);
        if (codeOf(await runner.run(threads)) !== missingProgram)
          assert.equal(world.stdout(threads), "thread\n", world.stderr(threads));
      },
      "host",
    );

    story("keeps a job within its memory and its processes", async () => {
      const limits = { memoryMiB: 64, processes: 20 };
      const greedy = await runner.run(job(["dd", "if=/dev/zero", "of=/dev/null", "bs=300M", "count=1"], { limits }));
      assert.ok(greedy.is === "killed" ? greedy.why === "out of memory" : greedy.is === "exited" && greedy.code !== 0);
      const forks = shell("i=0; while [ $i -lt 40 ]; do sleep 60 & i=$((i+1)); done; wait", { limits });
      assert.notEqual(codeOf(await runner.run(forks)), 0);
      assert.match(world.stderr(forks), /fork/i);
    });

    story("keeps what a job writes to memory within its memory, and its files within their size", async () => {
      const limits = { memoryMiB: 64, diskMiB: 20 };
      const fill = (path: string) => `dd if=/dev/zero of=${path}/f bs=4M count=75 2>/tmp/e || exit 3`;
      for (const path of ["/tmp", "/dev/shm"]) {
        const filled = await runner.run(shell(`test -d ${path} || exit 3; ${fill(path)}`, { limits: { memoryMiB: 64 } }));
        assert.notEqual(codeOf(filled), 0, path);
      }
      const small = shell("dd if=/dev/zero of=/out/f bs=1M count=2 2>/tmp/e && echo written", { limits });
      assert.equal(codeOf(await runner.run(small)), 0, world.stderr(small));
      const large = await runner.run(job(["dd", "if=/dev/zero", "of=/out/f", "bs=1M", "seek=1000000", "count=1"], { limits }));
      assert.notEqual(codeOf(large), 0);
    });

    story("an abort and a time limit end every process, and leave no container", async (engine) => {
      const mark = randomUUID();
      const nap = `sh -c 'while :; do sleep 1; done' ${mark}`;
      const abort = new AbortController();
      const aborted = shell(`setsid ${nap} & (setsid ${nap} &) ; touch /out/up; ${nap}`);
      const ending = runner.run(aborted, abort.signal);
      await until("its start", () => existsSync(join(aborted.outdir.host, "up")) && processesWith(mark).length > 2);
      abort.abort();
      const result = await ending;
      assert.ok(result.is === "killed" && result.why === "aborted", JSON.stringify(result));
      const slow = shell(`${nap}`, { timeLimitSeconds: 2 });
      const limited = await runner.run(slow);
      assert.ok(limited.is === "killed" && limited.why === "time limit", JSON.stringify(limited));
      assert.deepEqual(processesWith(mark), []);
      for (const made of [aborted, slow]) assert.equal(containerOf(engine, made), "");
    });

    story("what was used is the job's, not the engine's", async () => {
      const made = job(["dd", "if=/dev/zero", "of=/dev/null", "bs=100M", "count=20"]);
      const result = await runner.run(made);
      assert.ok(result.is === "exited" && result.code === 0, world.stderr(made));
      const { cpuSeconds, peakMemoryBytes } = result.usage;
      if (cpuSeconds !== undefined) assert.ok(cpuSeconds > 0.01 && cpuSeconds <= 10, String(cpuSeconds));
      if (peakMemoryBytes !== undefined) assert.ok(peakMemoryBytes > 100e6 && peakMemoryBytes < 200e6, String(peakMemoryBytes));
    });

    testImages({ story, world, job, run: (made) => runner.run(made), image: () => image!, references });
  });
}

/** What the engine's server still has of the job; nothing where there is no server. */
function containerOf(engine: ContainerEngine, job: JobSpec): string {
  const stop = engine.stop?.(job);
  if (!stop) return "";
  const [program] = stop.argv;
  return execFileSync(program!, ["ps", "--all", "--quiet", "--filter", `name=${stop.argv.at(-1)}`], {
    env: stop.env,
    encoding: "utf8",
  });
}
