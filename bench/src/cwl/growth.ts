// How cost grows with the width of a scatter, from 1,000 to 20,000 jobs: it should be the same for each job.
//     node bench/src/cwl/growth.ts
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { echoes, writeCase } from "./cases.ts";
import { type Cost, measure } from "./measure.ts";

const WIDTHS = [1000, 5000, 20_000];
const MOST_MIB = 500;
/** How much dearer a job of the widest scatter may be than one of the narrowest: room for noise, none for a square. */
const MOST_GROWTH = 2;

const runner = resolve(import.meta.dirname, "../../../cli/bin/causeway-cwl-runner");
const directory = mkdtempSync(join(tmpdir(), "causeway-bench-"));
try {
  const start = runWide(1);
  const costs = WIDTHS.map((width) => ({ width, ...runWide(width) }));
  for (const { width, wallSeconds, cpuSeconds, peakMiB } of costs) {
    const each = perJob({ width, cpuSeconds }, start);
    console.log(
      `${String(width).padStart(6)} jobs  ${wallSeconds.toFixed(1).padStart(6)} s  CPU ${cpuSeconds.toFixed(1).padStart(5)} s, ` +
        `${each.toFixed(2)} ms a job  ${peakMiB.toFixed(0).padStart(4)} MiB`,
    );
  }
  const growth = perJob(costs.at(-1)!, start) / perJob(costs[0]!, start);
  const isWithin = growth <= MOST_GROWTH && costs.at(-1)!.peakMiB <= MOST_MIB;
  console.log(
    `a job costs ${growth.toFixed(2)} times as much in the widest; wanted: up to ${MOST_GROWTH}, within ${MOST_MIB} MiB: ${isWithin ? "met" : "MISSED"}`,
  );
  process.exitCode = isWithin ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true });
}

function runWide(width: number): Cost {
  const files = writeCase(directory, echoes(width));
  return measure(directory, [runner, "--quiet", "--no-container", files.document, files.inputs]);
}

/** Milliseconds of CPU, its process included, beyond what starting the program costs. */
function perJob({ width, cpuSeconds }: { width: number; cpuSeconds: number }, start: Cost): number {
  return ((cpuSeconds - start.cpuSeconds) / width) * 1000;
}
