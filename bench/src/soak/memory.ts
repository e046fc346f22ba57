import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { verdict } from "../platform.ts";

/** Of a process, in bytes, after a full collection. `external` lies outside the JavaScript heap: buffers, WebAssembly. */
export interface Memory {
  rss: number;
  heapUsed: number;
  external: number;
}

/** What Node needs so that `readMemory` works. */
export const PROBE = ["--expose-gc", "--import", new URL("memory-probe.ts", import.meta.url).pathname];

export async function readMemory(process: ChildProcess): Promise<Memory> {
  process.send("memory");
  const [memory] = await once(process, "message");
  return memory;
}

const MiB = 1024 * 1024;

/**
 * What may be more at the end than after the first minute. What is alive may grow by 16 MiB: caches with a limit (compiled
 * apps, known tokens, statements of 20 connections) are not all full after a minute, and work under way differs from one
 * moment to the next. A leak of 100 bytes a request would be three times that after half a million. What the process
 * holds may grow by a quarter: V8 and malloc keep pages of the busiest moment so far.
 */
const ALIVE_MAY_GROW = 16 * MiB;
const RESIDENT_MAY_GROW = 1.25;

/** Compares the last quarter of the samples with those up to `settled`, the samples of the first minute, by their medians. */
export function judgeMemory(samples: readonly Memory[], settled: number): void {
  const alive = samples.map(({ heapUsed, external }) => heapUsed + external);
  const resident = samples.map(({ rss }) => rss);
  const growth = (values: readonly number[]) => {
    const quarter = Math.max(1, Math.floor((values.length - settled) / 4));
    return { from: middle(values.slice(settled, settled + quarter)), to: middle(values.slice(-quarter)) };
  };
  const ofAlive = growth(alive);
  const ofResident = growth(resident);
  verdict("growth after the first minute of what is alive", (ofAlive.to - ofAlive.from) / MiB, " MiB", {
    atMost: ALIVE_MAY_GROW / MiB,
  });
  verdict("growth after the first minute of what is resident", ofResident.to / ofResident.from, " times", {
    atMost: RESIDENT_MAY_GROW,
  });
}

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
