import { readFileSync } from "node:fs";

const LOOK_EVERY_MS = 500;

/**
 * Calls `gone` once the process that started this one has ended. Below npm and npx that is npm itself, too: a shell
 * between it and us may outlive it.
 */
export function watchParent(gone: () => void): void {
  const parents = [process.ppid, ...npmAbove(process.ppid)];
  const timer = setInterval(() => {
    if (process.ppid === parents[0] && parents.every((pid) => isAlive(pid))) return;
    clearInterval(timer);
    gone();
  }, LOOK_EVERY_MS).unref();
}

/** The processes above `pid` up to the npm that started us; none where there is none, or the system does not tell. */
function npmAbove(pid: number): number[] {
  if (process.env.npm_execpath === undefined) return [];
  const above: number[] = [];
  for (let at = pid; at > 1; ) {
    const { parent, command } = lookAt(at);
    if (at !== pid) above.push(at);
    if (/\bnp[mx]\b/.test(command)) return above;
    at = parent;
  }
  return [];
}

function lookAt(pid: number): { parent: number; command: string } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return { parent: Number(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? 0), command };
  } catch {
    return { parent: 0, command: "" };
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
