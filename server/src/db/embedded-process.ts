import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The pid of the server that runs on this cluster, if one does. */
export async function runningServer(cluster: string): Promise<number | undefined> {
  const lock = await readFile(join(cluster, "postmaster.pid"), "utf8").catch(() => undefined);
  const pid = Number(lock?.split("\n")[0]);
  if (!pid || !isAlive(pid)) return undefined;
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return command.includes(cluster) ? pid : undefined;
}

/**
 * Whether the files of the program that runs have been removed, as with a checkout that is deleted: such a server answers,
 * and fails at the first library that it has not loaded yet.
 */
export function hasLostItsProgram(pid: number): boolean {
  try {
    const program = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0]!;
    return !existsSync(program) || readlinkSync(`/proc/${pid}/exe`).endsWith(" (deleted)");
  } catch {
    return false; // It has ended, or there is no /proc here.
  }
}

/** A server that takes longer to end hangs. */
const END_WITHIN_MS = 8000;

/** Ends a server after its clients' current statements; `kill` is called when it does not end by itself. */
export async function endServer(pid: number, kill: () => void = () => signal(pid, "SIGKILL")): Promise<void> {
  const deadline = Date.now() + END_WITHIN_MS;
  // SIGINT is PostgreSQL's fast shutdown: open transactions are rolled back, everything is flushed.
  signal(pid, "SIGINT");
  for (let isKilled = false; isAlive(pid); ) {
    await new Promise((wake) => setTimeout(wake, 10));
    if (isKilled || Date.now() < deadline) continue;
    kill();
    isKilled = true;
  }
}

/** Whether it is there, and not just its exit status that waits for a parent. */
export function isAlive(pid: number): boolean {
  return signal(pid, 0) && !isOver(pid);
}

function isOver(pid: number): boolean {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, "latin1");
    return line.slice(line.lastIndexOf(")") + 2).startsWith("Z");
  } catch {
    return false;
  }
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
