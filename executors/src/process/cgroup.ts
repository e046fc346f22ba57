import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { JobLimits } from "../job.ts";
import { killAll } from "./tree.ts";

/**
 * Linux control groups, where this process may make them: limits on memory and processes, the peak of memory, and the
 * surest list of a job's processes. Version 2, and version 1's `memory` and `pids` hierarchies.
 *
 * Calls are synchronous: the kernel answers them from memory, in some 30 µs.
 */
export interface ControlGroups {
  readonly version: 1 | 2;
  /** Directories under which groups are made: one in version 2, one a hierarchy in version 1. */
  readonly parents: { memory: string; pids: string };
}

/** What can be used on this host, or `undefined`. Makes the parent group `causeway`. */
export function findControlGroups(root = "/sys/fs/cgroup"): ControlGroups | undefined {
  try {
    if (existsSync(join(root, "cgroup.controllers"))) {
      const parent = join(root, "causeway");
      mkdirSync(parent, { recursive: true });
      for (const directory of [root, parent]) writeFileSync(join(directory, "cgroup.subtree_control"), "+memory +pids");
      return { version: 2, parents: { memory: parent, pids: parent } };
    }
    const parents = { memory: join(root, "memory", "causeway"), pids: join(root, "pids", "causeway") };
    for (const parent of Object.values(parents)) {
      if (!existsSync(join(parent, "..", "cgroup.procs"))) return undefined;
      mkdirSync(parent, { recursive: true });
    }
    return { version: 1, parents };
  } catch {
    // No right to make groups (an ordinary user, a container): jobs run without. The probe is the question itself.
    return undefined;
  }
}

/** The group of one job. Its name alone finds it again after a restart. */
export class JobGroup {
  readonly #groups: ControlGroups;
  readonly #name: string;

  constructor(groups: ControlGroups, name: string) {
    this.#groups = groups;
    this.#name = name;
  }

  /** Makes the group and sets its limits. */
  make(limits: JobLimits): void {
    for (const directory of this.#directories()) mkdirSync(directory, { recursive: true });
    if (limits.memoryMiB !== undefined) {
      const file = this.#groups.version === 2 ? "memory.max" : "memory.limit_in_bytes";
      writeFileSync(join(this.#memory, file), String(Math.ceil(limits.memoryMiB * 1024 * 1024)));
    }
    if (limits.processes !== undefined) writeFileSync(join(this.#pids, "pids.max"), String(limits.processes));
  }

  /** The files a process writes `0` to in order to join. */
  get procs(): string[] {
    return this.#directories().map((directory) => join(directory, "cgroup.procs"));
  }

  /** The ids of its processes; none when the group is gone. */
  processes(): number[] {
    const text = read(join(this.#memory, "cgroup.procs")) ?? "";
    return text.split("\n").filter(Boolean).map(Number);
  }

  /** From now on nothing in the group can fork, so that killing what is in it comes to an end. */
  forbidForks(): void {
    if (existsSync(this.#pids)) writeFileSync(join(this.#pids, "pids.max"), "0");
  }

  /** The most memory used at once, and whether the kernel killed a process of the group for lack of it. */
  memory(): { peakBytes?: number; outOfMemory: boolean } {
    const two = this.#groups.version === 2;
    const peak = read(join(this.#memory, two ? "memory.peak" : "memory.max_usage_in_bytes"));
    const events = read(join(this.#memory, two ? "memory.events" : "memory.oom_control"));
    const outOfMemory = Number(events?.match(/^oom_kill (\d+)$/m)?.[1] ?? 0) > 0;
    return peak === undefined ? { outOfMemory } : { peakBytes: Number(peak), outOfMemory };
  }

  /** Removes the group. What runs in it still is killed. */
  async clear(): Promise<void> {
    while (!this.#remove()) {
      await killAll({ group: this, marks: [] });
      await wait(1); // the kernel lets go of a process a moment after its end
    }
  }

  #remove(): boolean {
    try {
      for (const directory of this.#directories()) if (existsSync(directory)) rmdirSync(directory);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EBUSY") return false;
      throw error;
    }
  }

  get #memory(): string {
    return join(this.#groups.parents.memory, this.#name);
  }
  get #pids(): string {
    return join(this.#groups.parents.pids, this.#name);
  }
  #directories(): string[] {
    return [...new Set([this.#memory, this.#pids])];
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    // ENOENT: no such group, or a kernel before `memory.peak` (5.19).
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
