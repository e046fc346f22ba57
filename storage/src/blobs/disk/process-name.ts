import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * A name for a process that no other ever has: host, boot, process namespace, process id, start time. Written beside
 * unfinished work, so that whoever finds it later can tell whether somebody may still be at it.
 */
export function nameOfProcess(pid: number): string {
  return [hostname(), bootId(), processNamespace(), String(pid), startTime(pid) ?? ""].map(encodeURIComponent).join("~");
}

export const THIS_PROCESS = nameOfProcess(process.pid);

/** Whether the process of this name has certainly ended. One on another host, or in another container, may live. */
export function hasEnded(name: string): boolean {
  const [host, boot, namespace, pid, start] = name.split("~").map(decodeURIComponent);
  if (host !== hostname()) return false;
  if (boot !== bootId()) return true;
  if (namespace !== processNamespace()) return false;
  const startNow = startTime(Number(pid));
  return startNow === undefined ? !accepts(Number(pid)) : startNow !== start;
}

function bootId(): string {
  return readSystem(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()) ?? "";
}

function processNamespace(): string {
  return readSystem(() => readlinkSync("/proc/self/ns/pid")) ?? "";
}

/** In clock ticks since boot; undefined where there is no such process, or no /proc (macOS). */
function startTime(pid: number): string | undefined {
  const line = readSystem(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // The second field is the command's name, which may hold spaces and parentheses: count from its end.
  return line?.slice(line.lastIndexOf(")") + 2).split(" ")[19];
}

function accepts(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function readSystem(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined; // No /proc here, or no such process: both are answers.
  }
}
