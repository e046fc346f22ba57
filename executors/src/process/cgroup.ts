import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { JobLimits } from "../job.ts";
import { killAll } from "./tree.ts";

/**
 * Linux control groups, where this process may make them: limits on memory and processes, weights of processors, the
 * peak of memory, and the surest list of a job's processes. Version 2, and version 1's hierarchies.
 *
 * Calls are synchronous: the kernel answers them from memory, in some 30 µs.
 */
export interface ControlGroups {
  readonly version: 1 | 2;
  readonly root: string;
  /** Version 1: the hierarchies that are mounted; version 2: the one, `.`. */
  readonly hierarchies: readonly string[];
}

/** What can be used on this host, or `undefined`. Makes the parent group `causeway`. */
export function findControlGroups(root = "/sys/fs/cgroup"): ControlGroups | undefined {
  try {
    if (existsSync(join(root, "cgroup.controllers"))) {
      mkdirSync(join(root, PARENT), { recursive: true });
      for (const group of [".", PARENT]) {
        const control = join(root, group, "cgroup.subtree_control");
        writeFileSync(control, "+memory +pids");
        tryWrite(control, "+cpu"); // weights are worth having, and some kernels do not give them
      }
      return { version: 2, root, hierarchies: ["."] };
    }
    const hierarchies = readdirSync(root).filter((name) => existsSync(join(root, name, "cgroup.procs")));
    if (!hierarchies.includes("memory") || !hierarchies.includes("pids")) return undefined;
    for (const hierarchy of ["memory", "pids", "cpu"].filter((name) => hierarchies.includes(name)))
      mkdirSync(join(root, hierarchy, PARENT), { recursive: true });
    return { version: 1, root, hierarchies };
  } catch {
    // No right to make groups (an ordinary user, a container): jobs run without. The attempt is the question.
    return undefined;
  }
}

/**
 * Removes what killed processes and deleted directories left behind: groups that are empty and more than an hour old.
 * A younger one may belong to a job that is just being started.
 */
export function sweepGroups(groups: ControlGroups): void {
  const parent = join(groups.root, groups.version === 2 ? "." : "memory", PARENT);
  for (const entry of readdirSync(parent, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const age = Date.now() - (statSync(join(parent, entry.name), { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    const group = new JobGroup(groups, entry.name);
    if (age > 3_600_000 && group.processes().length === 0) void group.clear();
  }
}

/** Figures that no controller counted are absent. */
export interface GroupUsage {
  peakMemoryBytes: number | undefined;
  cpuSeconds: number | undefined;
  outOfMemory: boolean;
  /** Whether it wanted more processes than it may have. */
  outOfProcesses: boolean;
}

const PARENT = "causeway";

/** The group of one job. Its name alone finds it again after a restart. */
export class JobGroup {
  /** Its path in every hierarchy, for engines that make groups of their own below it. */
  readonly path: string;
  readonly #groups: ControlGroups;
  readonly #memory: string;
  readonly #pids: string;
  /** Absent where this host has no hierarchy for it. */
  readonly #cpu: string | undefined;

  constructor(groups: ControlGroups, name: string) {
    this.#groups = groups;
    this.path = `/${PARENT}/${name}`;
    const two = groups.version === 2;
    this.#memory = join(groups.root, two ? "." : "memory", this.path);
    this.#pids = join(groups.root, two ? "." : "pids", this.path);
    const cpu = two ? "." : groups.hierarchies.find((name) => name === "cpu");
    this.#cpu = cpu && join(groups.root, cpu, this.path);
  }

  /**
   * Makes the group and sets its limits. By `cores` jobs divide processors that do not suffice for all of them. All jobs
   * are below one group, which counts as much as a process or a group beside it: a job's thousands of processes do not
   * count as thousands against the platform.
   */
  make(limits: JobLimits, cores = 1): void {
    for (const directory of this.#own) mkdirSync(directory, { recursive: true });
    if (limits.memoryMiB !== undefined) {
      const [file, swap] =
        this.#groups.version === 2 ? ["memory.max", "memory.swap.max"] : ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"];
      const bytes = String(Math.ceil(limits.memoryMiB * 1024 * 1024));
      writeFileSync(join(this.#memory, file), bytes);
      // Memory is not stretched by swap, where the kernel counts that: version 2 counts it apart, version 1 both together.
      const swapFile = join(this.#memory, swap);
      if (existsSync(swapFile)) writeFileSync(swapFile, this.#groups.version === 2 ? "0" : bytes);
    }
    writeFileSync(join(this.#pids, "pids.max"), String(limits.processes ?? MOST_PROCESSES));
    this.#weigh(cores);
  }

  #weigh(cores: number): void {
    if (this.#cpu === undefined) return;
    const { file, ofOneCore, most } = this.#groups.version === 2 ? WEIGHT : SHARES;
    const path = join(this.#cpu, file);
    if (existsSync(path)) writeFileSync(path, String(Math.min(most, Math.max(2, Math.round(cores * ofOneCore)))));
  }

  /** The files a process writes `0` to in order to join. */
  get procs(): string[] {
    return this.#own.map((directory) => join(directory, "cgroup.procs"));
  }

  /** The ids of its processes, those of groups below included; none when the group is gone. */
  processes(): number[] {
    return treeOf(this.#memory).flatMap((directory) => {
      const text = read(join(directory, "cgroup.procs")) ?? "";
      return text.split("\n").filter(Boolean).map(Number);
    });
  }

  /** From now on nothing in the group can fork, so that killing what is in it comes to an end. */
  forbidForks(): void {
    if (existsSync(this.#pids)) writeFileSync(join(this.#pids, "pids.max"), "0");
  }

  /** Ends all of its processes, those of groups below included, in one step, where the kernel can (`cgroup.kill`); else none. */
  kill(): void {
    const file = join(this.#memory, "cgroup.kill");
    if (existsSync(file)) tryWrite(file, "1");
  }

  /** What all that ever ran in it used, and whether the kernel killed a process of it for lack of memory. */
  used(): GroupUsage {
    return this.#groups.version === 2 ? this.#usedInVersion2() : this.#usedInVersion1();
  }

  #usedInVersion2(): GroupUsage {
    const file = (name: string) => read(join(this.#memory, name)) ?? "";
    return {
      peakMemoryBytes: Number(file("memory.peak")) || undefined,
      cpuSeconds: Number(file("cpu.stat").match(/^usage_usec (\d+)$/m)?.[1]) / 1e6 || undefined,
      outOfMemory: /^oom_kill [1-9]/m.test(file("memory.events")),
      outOfProcesses: this.#refusedForks,
    };
  }

  #usedInVersion1(): GroupUsage {
    const file = (name: string) => read(join(this.#memory, `memory.${name}`)) ?? "";
    const peak = Number(file("max_usage_in_bytes"));
    const killedHere = /^oom_kill [1-9]/m.test(file("oom_control"));
    // The kernel counts a kill in the victim's group: that may have been a container's, gone by now. The failure stays.
    const limitReached = Number(file("failcnt")) > 0 && peak >= Number(file("limit_in_bytes"));
    const cpuNanoseconds = Number(read(join(this.#groups.root, "cpuacct", this.path, "cpuacct.usage")));
    return {
      peakMemoryBytes: peak || undefined,
      cpuSeconds: cpuNanoseconds / 1e9 || undefined,
      outOfMemory: killedHere || limitReached,
      outOfProcesses: this.#refusedForks,
    };
  }

  get #refusedForks(): boolean {
    return /^max [1-9]/m.test(read(join(this.#pids, "pids.events")) ?? "");
  }

  /** Removes the group and those below it. What runs in it still is killed. */
  async clear(): Promise<void> {
    while (!this.#remove()) {
      await killAll({ group: this, marks: [] });
      await wait(1); // the kernel lets go of a process a moment after its end
    }
  }

  #remove(): boolean {
    try {
      for (const hierarchy of this.#groups.hierarchies) {
        const directories = treeOf(join(this.#groups.root, hierarchy, this.path));
        for (const directory of directories.reverse()) rmdirSync(directory);
      }
      return true;
    } catch (error) {
      if (["EBUSY", "ENOENT"].includes((error as NodeJS.ErrnoException).code!)) return false; // ENOENT: its engine was first
      throw error;
    }
  }

  /** Where a process is put that is to be in the group. */
  get #own(): string[] {
    return [...new Set([this.#memory, this.#pids, ...(this.#cpu === undefined ? [] : [this.#cpu])])];
  }
}

/** How the two versions call it, what the kernel gives by default, and the most that it takes. */
const WEIGHT = { file: "cpu.weight", ofOneCore: 100, most: 10_000 };
const SHARES = { file: "cpu.shares", ofOneCore: 1024, most: 262_144 };

/** A fork bomb ends here; no tool known to us has as many threads. */
const MOST_PROCESSES = 4096;

/** The group's directory and those below it, parents first; nothing when it is gone. */
function treeOf(directory: string): string[] {
  // A directory of groups has two links and one for every group in it.
  const links = statSync(directory, { throwIfNoEntry: false })?.nlink;
  if (links === undefined) return [];
  if (links === 2) return [directory];
  const entries = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [directory, ...entries.flatMap((entry) => treeOf(join(directory, entry.name)))];
}

function tryWrite(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch {
    // Then it is as it was.
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    // ENOENT: no such group, or a kernel before `memory.peak` (5.19). ENODEV: it goes away this moment.
    if (["ENOENT", "ENODEV"].includes((error as NodeJS.ErrnoException).code!)) return undefined;
    throw error;
  }
}
