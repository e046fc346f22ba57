// What a job costs on the platform, against cwltool and against `causeway cwl run` without the platform, which take turns.
//     node bench/src/platform/run.ts [--jobs 200] [--rounds 3] [--tasks 50] [--open]
// `--open`: also a platform without walls, against `causeway cwl run`; bubblewrap is hidden from it, which only root can do.
// $CWLTOOL names the reference runner; else it is looked for in the PATH.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { median, type Platform, startPlatform, verdict } from "../platform.ts";
import { Scatter, type TaskCost } from "./scatter.ts";
import { batchOfSmallTasks, installEcho, oneSmallTask } from "./small-tasks.ts";
import { Waits } from "./waits.ts";

const { values: options } = parseArgs({
  options: {
    jobs: { type: "string", default: "200" },
    rounds: { type: "string", default: "3" },
    tasks: { type: "string", default: "50" },
    open: { type: "boolean", default: false },
  },
});
const [jobs, rounds, tasks] = [options.jobs, options.rounds, options.tasks].map(Number) as [number, number, number];
const CAUSEWAY_RUNNER = [resolve(import.meta.dirname, "../../../cli/bin/causeway-cwl-runner")];
const CWLTOOL = [process.env.CWLTOOL ?? "cwltool"];

const directory = mkdtempSync(join(tmpdir(), "causeway-bench-"));
const scatter = new Scatter(jobs, directory);
try {
  const isolated = await measureScatter({ walls: "isolated", other: CWLTOOL, settings: { CAUSEWAY_ISOLATION: "required" } });
  verdict("scatter, isolated, against cwltool without isolation", isolated, "", { atMost: 0.5 });
  if (options.open) {
    const open = await measureScatter({ walls: "not isolated", other: CAUSEWAY_RUNNER, within: hidingBubblewrap() });
    verdict("scatter, not isolated, against causeway cwl run", open, "", { atMost: 1.5 });
  }
} finally {
  rmSync(directory, { recursive: true });
}

interface Comparison {
  /** In words. */
  walls: string;
  /** The program that runs the same. */
  other: readonly string[];
  /** How the platform is started. */
  settings?: Readonly<Record<string, string>>;
  within?: readonly string[];
}

/** Prints what a job of the scatter costs on a platform, and answers its time as a multiple of that of `other`. */
async function measureScatter({ walls, other, ...start }: Comparison): Promise<number> {
  const platform = await startPlatform(start);
  const waits = new Waits(platform);
  try {
    const project = await scatter.install(platform);
    // The first run of each warms up and is not counted.
    await scatter.runTask(platform, project, waits);
    scatter.runAlone(other, directory);
    const costs: TaskCost[] = [];
    const otherSeconds: number[] = [];
    for (let round = 0; round < rounds; round++) {
      otherSeconds.push(scatter.runAlone(other, directory).wallSeconds);
      costs.push(await scatter.runTask(platform, project, waits));
    }
    const perJob = (seconds: (cost: TaskCost) => number) => (median(costs.map(seconds)) / jobs) * 1000;
    console.log(`${jobs} jobs, ${walls}: ${perJob(({ wallSeconds }) => wallSeconds).toFixed(1)} ms a job`);
    console.log(`the same by ${other[0]}: ${((median(otherSeconds) / jobs) * 1000).toFixed(1)} ms a job`);
    verdict(
      "processor time a job: server",
      perJob(({ used }) => used.platform),
      " ms",
      { atMost: 2 },
    );
    verdict(
      "processor time a job: PostgreSQL",
      perJob(({ used }) => used.postgres),
      " ms",
      { atMost: 0.5 },
    );
    verdict(
      "processor time a job: sandbox and command",
      perJob(({ used }) => used.jobs),
      " ms",
      { atMost: 4 },
    );
    verdict("slowest answer of another call meanwhile", median(costs.map(({ slowestMs }) => slowestMs)), " ms", { atMost: 50 });
    await measureSmallTasks(platform);
    return median(costs.map(({ wallSeconds }, round) => wallSeconds / otherSeconds[round]!));
  } finally {
    await waits.close();
    await platform.close();
  }
}

async function measureSmallTasks(platform: Platform): Promise<void> {
  const project = await installEcho(platform);
  await oneSmallTask(platform, project);
  const single: number[] = [];
  for (let task = 0; task < 10; task++) single.push(await oneSmallTask(platform, project));
  verdict("one small task, POST to COMPLETED, median", median(single), " ms", { atMost: 60 });
  const batch = await batchOfSmallTasks(platform, project, tasks);
  verdict(`${tasks} small tasks of a batch`, batch, " a second", { atLeast: 60 });
}

/** A command that hides bubblewrap from the command after it, in file systems of its own. */
function hidingBubblewrap(): string[] {
  const places = ["/usr/local/bin/bwrap", "/usr/bin/bwrap", "/bin/bwrap"].filter(existsSync);
  const hide = [...places.map((path) => `mount --bind /dev/null ${path}`), 'exec "$@"'].join(" && ");
  return ["unshare", "--mount", "sh", "-c", hide, "sh"];
}
