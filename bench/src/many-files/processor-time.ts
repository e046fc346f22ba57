import { readdir, readFile } from "node:fs/promises";
import type { Platform } from "../platform.ts";

/** Clock ticks a second in /proc: 100 on every Linux that Node runs on. */
const TICKS = 100;

/**
 * Processor time that was used so far, in seconds: by the platform's process, by PostgreSQL's, and by the commands that
 * this process has started and seen end.
 */
export interface Used {
  platform: number;
  postgres: number;
  commands: number;
}

export async function processorTime({ sql, process: child }: Platform): Promise<Used> {
  const { rows } = await sql.query("select pg_backend_pid() as pid");
  const postmaster = (await statOf(rows[0].pid))!.parent;
  let postgres = 0;
  for (const name of await readdir("/proc")) {
    const found = /^\d+$/.test(name) ? await statOf(Number(name)) : undefined;
    if (found && (found.parent === postmaster || name === String(postmaster))) postgres += found.seconds;
  }
  return { platform: (await statOf(child.pid!))!.seconds, postgres, commands: (await statOf(process.pid))!.ofChildren };
}

/** Undefined when the process has ended. */
async function statOf(pid: number): Promise<{ parent: number; seconds: number; ofChildren: number } | undefined> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (line === undefined) return undefined;
  // The second field is the command's name, which may hold spaces: count from its end.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const [own, ofChildren] = [Number(fields[11]) + Number(fields[12]), Number(fields[13]) + Number(fields[14])];
  return { parent: Number(fields[1]), seconds: own / TICKS, ofChildren: ofChildren / TICKS };
}
