import { readdirSync, readFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";

/** What tells one process from another that later gets the same id: its start, in clock ticks since the boot. */
export interface ProcessIdentity {
  bootId: string;
  pid: number;
  startTicks: string;
}

/** The id of this boot of the host; process ids and start times mean nothing beyond it. */
export function bootId(): string {
  thisBoot ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return thisBoot;
}
let thisBoot: string | undefined;

/** What /proc/PID/stat says of a process. `residentBytes`: of memory, those shared with others included. */
export interface ProcessStat {
  pid: number;
  parent: number;
  state: string;
  startTicks: string;
  residentBytes: number;
  /**
   * Whether its environment cannot be read at this moment: it is replacing its program (`execve`), and the old
   * environment is gone while the new one is not there yet; or it is ending, and has given its memory back already.
   */
  isBetween: boolean;
  /** Whether its environment has any bytes. */
  hasEnvironment: boolean;
}

/** Reads a line of /proc/PID/stat, whose second field may hold anything. */
export function parseStat(line: string): ProcessStat | undefined {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const [state, parent, startTicks] = [fields[0], fields[1], fields[19]];
  if (!state || !parent || !startTicks) return undefined;
  const residentBytes = Number(fields[21]) * PAGE_BYTES;
  // Fields 9, 50 and 51 of proc_pid_stat(5). Kernel threads have no environment ever.
  const isKernelThread = (Number(fields[6]) & PF_KTHREAD) !== 0;
  const isBetween = fields[48] === "0" && !isKernelThread && !isOver(state);
  const hasEnvironment = fields[47] !== fields[48];
  const pid = Number.parseInt(line, 10);
  return { pid, parent: Number(parent), state, startTicks: startTicks.trim(), residentBytes, isBetween, hasEnvironment };
}

/** Whether a process of this state is nothing but an exit status that waits for its parent. */
export function isOver(state: string): boolean {
  return state === "Z" || state === "X";
}

/** Of include/linux/sched.h. */
const PF_KTHREAD = 0x200000;

/** Of the kernels of all machines that run our dependencies' binaries. */
const PAGE_BYTES = 4096;

/** The identity of a process that is there now; `undefined` when it is not. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  return stat && { bootId: bootId(), pid, startTicks: stat.startTicks };
}

/** Whether exactly this process is there and not just its remains (a zombie). */
export function isAlive(who: ProcessIdentity): boolean {
  if (who.bootId !== bootId()) return false; // the host has been started anew since
  const stat = readStat(who.pid);
  return stat !== undefined && stat.startTicks === who.startTicks && !isOver(stat.state);
}

/** What /proc says of a process now; `undefined` when it has ended. */
export function readStat(pid: number): ProcessStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined; // ENOENT or ESRCH: it has ended
  }
}

/** Processes that are looked at, some 30 µs each, before others have their turn on this thread. */
const AT_ONCE = 100;

/** Goes through processes, of which there may be thousands, and lets others have their turn now and then. */
export async function* inTurns<T>(items: Iterable<T>): AsyncGenerator<T> {
  let since = 0;
  for (const item of items) {
    if (++since % AT_ONCE === 0) await nextTurn();
    yield item;
  }
}

/** All processes of this host, within some moments. */
export class ProcessTable {
  readonly stats: ReadonlyMap<number, ProcessStat>;
  readonly #children: ReadonlyMap<number, number[]>;

  private constructor(stats: ReadonlyMap<number, ProcessStat>) {
    this.stats = stats;
    const children = new Map<number, number[]>();
    for (const { pid, parent } of stats.values()) {
      const siblings = children.get(parent);
      if (siblings) siblings.push(pid);
      else children.set(parent, [pid]);
    }
    this.#children = children;
  }

  static async read(): Promise<ProcessTable> {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const stats = new Map<number, ProcessStat>();
    for await (const pid of inTurns(pids)) {
      const stat = readStat(Number(pid));
      if (stat) stats.set(stat.pid, stat);
    }
    return new ProcessTable(stats);
  }

  /** The process, if it is there, and all that descend from it. */
  tree(root: number): ProcessStat[] {
    // It grows while it is gone through. A set, because ids may have changed hands while the table was read.
    const found = new Set(this.stats.has(root) ? [root] : []);
    for (const pid of found) for (const child of this.#children.get(pid) ?? []) found.add(child);
    return [...found].map((pid) => this.stats.get(pid)!);
  }
}
