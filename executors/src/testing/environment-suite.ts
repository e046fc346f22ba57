import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JobResult, JobSpec } from "../job.ts";
import { until } from "./world.ts";

/** What the stories need: a directory of this host that no job sees, jobs of the engine, and what runs them. */
export interface EnvironmentBench {
  directory: string;
  job(argv: string[], more?: Partial<JobSpec>): JobSpec;
  run(job: JobSpec): Promise<JobResult>;
  /** Whether the command sees nothing of this host: `none` has no walls. */
  hasWalls: boolean;
  /** Whether the command gets exactly the job's environment; an image may bring entries of its own. */
  isExact: boolean;
}

/** What a document says of the environment is the command's alone, exactly, and stands on no command line. */
export async function environmentIsTheCommandsAlone(bench: EnvironmentBench): Promise<void> {
  const secret = randomUUID();
  // A shell of the image does not pass such a name on, and is needed there for values of several lines.
  const odd = { "with.dots-and-dashes": secret };
  const env = { ...hostileEnvironment(bench, secret), ...(bench.isExact ? odd : {}) };
  const printed = bench.job(["/usr/bin/env", "-0"], { env });
  const ended = await bench.run(printed);
  assert.ok(ended.is === "exited" && ended.code === 0, `${JSON.stringify(ended)} ${readFileSync(printed.stderr!, "utf8")}`);
  const seen = Object.fromEntries(entriesOf(readFileSync(printed.stdout!, "utf8")));
  if (bench.isExact) assert.deepEqual(seen, env);
  else for (const [name, value] of Object.entries(env)) assert.deepEqual([name, seen[name]], [name, value]);

  if (!bench.isExact) {
    const odder = bench.job(["/usr/bin/env"], { env: odd });
    await bench.run(odder);
    assert.match(readFileSync(odder.stdout!, "utf8"), new RegExp(`^with\\.dots-and-dashes=${secret}$`, "m"));
  }

  const marks = existsSync(markOf(bench)) ? readFileSync(markOf(bench), "utf8").trim().split("\n") : [];
  assert.deepEqual([...new Set(marks)], bench.hasWalls || !marks.length ? [] : [realpathSync("/usr/bin/env")]);

  await nobodySees(secret, bench, env);
}

/** Looks at every command line of this host from before the start until the command has been at work for a while. */
async function nobodySees(secret: string, bench: EnvironmentBench, env: Record<string, string>): Promise<void> {
  const napping = bench.job(["/bin/sh", "-c", `: >$1/up; while [ ! -e $1/go ]; do /bin/sleep 0.1; done`, "sh"], { env });
  napping.argv.push(napping.outdir.path);
  const running = bench.run(napping);
  const shown = new Set<string>();
  const look = () => {
    for (const line of commandLines()) if (line.includes(secret)) shown.add(line.slice(0, 2000));
  };
  await until("its start", () => {
    look();
    return existsSync(join(napping.outdir.host, "up"));
  });
  for (let n = 0; n < 3; n++) look();
  writeFileSync(join(napping.outdir.host, "go"), "");
  assert.ok((await running).is === "exited");
  assert.deepEqual([...shown], []);
}

/** Names that rule loaders, shells, interpreters and container engines, and values that are hard to pass on. */
function hostileEnvironment(bench: EnvironmentBench, secret: string): Record<string, string> {
  const absent = "/no/such/place";
  const ruling =
    "LD_AUDIT LD_LIBRARY_PATH GCONV_PATH LOCPATH BASH_ENV ENV PYTHONPATH PERL5OPT DOCKER_CONFIG CONTAINERS_CONF CONTAINERS_STORAGE_CONF REGISTRY_AUTH_FILE XDG_RUNTIME_DIR XDG_CONFIG_HOME TMPDIR NOTIFY_SOCKET";
  return {
    ...Object.fromEntries(ruling.split(" ").map((name) => [name, absent])),
    LD_PRELOAD: preloaded(bench) ?? `${absent}.so`,
    PATH: "/opt/conda/bin",
    HOME: bench.hasWalls ? "/out" : absent,
    DOCKER_HOST: "tcp://127.0.0.1:1",
    CONTAINER_HOST: "tcp://127.0.0.1:1",
    APPTAINERENV_X: "x",
    SINGULARITYENV_X: "x",
    APPTAINER_BIND: "/etc:/host",
    SINGULARITY_BIND: "/etc:/host",
    NODE_OPTIONS: `--require=${absent}`,
    PS4: "$(touch /tmp/ps4)",
    SECRET: secret,
    LINES: `${secret}\nsecond\r\n'quoted' "twice" \`thrice\` \\n $HOME $(id)\n`,
    EMPTY: "",
    EDGES: "  spaces, # and 'quotes' \t",
    QUOTES: `"${secret}"`,
    CONTROLS: "\u0001\u001b[31m\u007f\u0080ÿ\u{1f9ec}",
    LONG: `${"long ".repeat(20_000)}${secret}`,
    IFS: "/e",
    _: "underscore",
    OPTIND: "7",
  };
}

const markOf = ({ directory }: EnvironmentBench) => join(directory, "preloaded");

/** A library that writes down who loads it; `undefined` where there is no compiler. */
function preloaded(bench: EnvironmentBench): string | undefined {
  const [source, library] = [join(bench.directory, "mark.c"), join(bench.directory, "mark.so")];
  writeFileSync(
    source,
    `#include <stdio.h>
    #include <unistd.h>
    __attribute__((constructor)) static void mark(void) {
      char program[4096] = "";
      if (readlink("/proc/self/exe", program, sizeof program - 1) < 0) return;
      FILE *file = fopen(${JSON.stringify(markOf(bench))}, "a");
      if (file) { fprintf(file, "%s\\n", program); fclose(file); }
    }`,
  );
  try {
    execFileSync("cc", ["-shared", "-fPIC", "-o", library, source], { stdio: "pipe" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return library;
}

function entriesOf(printed: string): [string, string][] {
  const entries = printed.split("\0").filter(Boolean);
  return entries.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]);
}

function commandLines(): string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, "utf8")];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}
