import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median, startProcess, stopProcess, verdict } from "./platform.ts";

// From the start of the process to the line that says it is ready, on the embedded database: with no data directory, and
// with one that is there. The floor is Node itself, in the same run. Usage: node bench/src/start-up.ts [rounds]
const rounds = Number(process.argv[2] ?? 5);
const main = new URL("../../server/src/main.ts", import.meta.url).pathname;

const fresh: number[] = [];
const again: number[] = [];
const floor: number[] = [];
for (let round = 0; round < rounds; round++) {
  const directory = await mkdtemp(join(tmpdir(), "causeway-start-"));
  const environment = { CAUSEWAY_DATA: directory, CAUSEWAY_PORT: "0", CAUSEWAY_LOG: "silent" };
  try {
    fresh.push(await startOnce(main, environment));
    again.push(await startOnce(main, environment));
    floor.push(await startOnce("--eval", {}, ["console.log(1)"]));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
console.log(`Node that prints one line: ${median(floor).toFixed(0)} ms`);
console.log(`ratio: ${(median(again) / median(floor)).toFixed(1)} times that, with the data directory there`);
verdict("start to ready, data directory there", median(again) / 1000, " s", { atMost: 2 });
verdict("start to ready, data directory new", median(fresh) / 1000, " s", { atMost: 6 });

/** Milliseconds until the first line. */
async function startOnce(script: string, environment: Record<string, string>, args: string[] = []): Promise<number> {
  const start = performance.now();
  const { child } = await startProcess(script, args, environment);
  const took = performance.now() - start;
  await stopProcess(child);
  return took;
}
