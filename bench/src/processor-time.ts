import { readdir, readFile } from "node:fs/promises";
import type { Platform } from "./platform.ts";

/** Clock ticks a second in /proc: 100 on every Linux that Node runs on. */
const TICKS = 100;

/**
 * Processor time that was used so far, in seconds: by the platform's process, by what it has started (the commands of
 * jobs with their walls, and the shells that start them), by PostgreSQL's processes, and by the commands that this process
 * has started and seen end.
 */
export interface Used {
  platform: number;
  jobs: number;
  postgres: number;
  commands: number;
}

export async function processorTime({ sql, process: child }: Platform): Promise<Used> {
  const { rows } = await sql.query("select pg_backend_pid() as pid");
  const stats = await allStats();
  const postmaster = stats.get(rows[0].pid)!.parent;
  const platform = stats.get(child.pid!)!;
  let postgres = stats.get(postmaster)!.seconds;
  let jobs = platform.ofChildren;
  for (const { parent, seconds, ofChildren } of stats.values()) {
    if (parent === postmaster) postgres += seconds;
    if (parent === child.pid) jobs += seconds + ofChildren;
  }
  return { platform: platform.seconds, jobs, postgres, commands: stats.get(process.pid)!.ofChildren };
}

/** What was used between two looks. */
export const difference = (before: Used, after: Used): Used => ({
  platform: after.platform - before.platform,
  jobs: after.jobs - before.jobs,
  postgres: after.postgres - before.postgres,
  commands: after.commands - before.commands,
});

interface Stat {
  parent: number;
  seconds: number;
  /** Of those that have ended and that it has waited for. */
  ofChildren: number;
}

async function allStats(): Promise<Map<number, Stat>> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = await Promise.all(pids.map(async (pid) => [pid, await statOf(pid)] as const));
  return new Map(stats.filter((entry): entry is [number, Stat] => entry[1] !== undefined));
}

/** Undefined when the process has ended. */
async function statOf(pid: number): Promise<Stat | undefined> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (line === undefined) return undefined;
  // The second field is the command's name, which may hold spaces: count from its end.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const [own, ofChildren] = [Number(fields[11]) + Number(fields[12]), Number(fields[13]) + Number(fields[14])];
  return { parent: Number(fields[1]), seconds: own / TICKS, ofChildren: ofChildren / TICKS };
}
