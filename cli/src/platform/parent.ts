import { readFileSync } from "node:fs";

const LOOK_EVERY_MS = 500;

/**
 * Calls `gone` once the process that started this one has ended. Below npm and npx that is npm itself, too: a shell
 * between it and us may outlive it.
 */
export function watchParent(gone: () => void): void {
  watch([process.ppid, ...(upToNpm() ?? [])], gone);
}

/**
 * Calls `gone` once the npm or npx that started this process has ended, which passes no signal on; never for who was
 * started by something else, and may be meant to outlive that.
 */
export function watchNpm(gone: () => void): void {
  const starters = upToNpm();
  if (starters) watch(starters, gone);
}

function watch(starters: readonly number[], gone: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent && starters.every((pid) => isAlive(pid))) return;
    clearInterval(timer);
    gone();
  }, LOOK_EVERY_MS).unref();
}

/** The processes above this one up to the npm that started us; `undefined` where there is none, or the system does not tell. */
function upToNpm(): number[] | undefined {
  if (process.env.npm_execpath === undefined) return undefined;
  const above: number[] = [];
  for (let at = process.ppid; at > 1; ) {
    const { parent, command } = lookAt(at);
    above.push(at);
    if (/\bnp[mx]\b/.test(command)) return above;
    at = parent;
  }
  return undefined;
}

function lookAt(pid: number): { parent: number; command: string; isOver: boolean } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return { parent: Number(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? 0), command, isOver: /^State:\s*[ZX]/m.test(status) };
  } catch {
    return { parent: 0, command: "", isOver: false };
  }
}

/** What has ended may wait for somebody to ask how. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !lookAt(pid).isOver;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
