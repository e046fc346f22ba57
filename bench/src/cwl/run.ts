// How long CWL documents take, ours against the reference runner and Toil, in one run on one machine.
//     node bench/src/cwl/run.ts [rounds] [words of a case's name]
// $CWLTOOL and $TOIL name the others' programs; without $TOIL it is left out. cwltool is looked for in the PATH.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { CASES, type Case, writeCase } from "./cases.ts";
import { type Cost, measure, median } from "./measure.ts";

interface Runner {
  name: string;
  command: (files: { document: string; inputs: string }, only: Pick<Case, "validateOnly">) => string[];
  /** Takes part only in cases that are not long. */
  isSlow?: boolean;
}

const rounds = Number(process.argv[2] ?? 3);
const words = process.argv.slice(3).join(" ");
const ours = resolve(import.meta.dirname, "../../../cli/bin/causeway-cwl-runner");
const cwltool = process.env.CWLTOOL ?? "cwltool";

const runners: Runner[] = [
  { name: "causeway", command: (files, only) => [ours, "--quiet", "--no-container", ...argumentsFor(files, only)] },
  { name: "cwltool", command: (files, only) => [cwltool, "--quiet", "--no-container", ...argumentsFor(files, only)] },
];
if (process.env.TOIL) {
  const toil = process.env.TOIL;
  runners.push({
    name: "toil",
    isSlow: true,
    // It starts its workers by name.
    command: ({ document, inputs }) => [
      "env",
      `PATH=${dirname(toil)}:${process.env.PATH}`,
      toil,
      "--logCritical",
      "--no-container",
      document,
      inputs,
    ],
  });
}

function argumentsFor(files: { document: string; inputs: string }, { validateOnly }: Pick<Case, "validateOnly">): string[] {
  return validateOnly ? ["--validate", files.document] : [files.document, files.inputs];
}

const directory = mkdtempSync(join(tmpdir(), "causeway-bench-"));
let isWithinBudget = true;
try {
  for (const each of CASES.filter(({ name }) => name.includes(words)))
    isWithinBudget = tell(each, compare(each)) && isWithinBudget;
} finally {
  rmSync(directory, { recursive: true });
}
process.exitCode = isWithinBudget ? 0 : 1;

/** Runners take turns, so that what else the machine does falls on all of them. */
function compare(each: Case): Map<string, Cost> {
  const files = writeCase(directory, each);
  const taking = runners.filter(({ isSlow }) => !(isSlow && (each.isLong || each.validateOnly)));
  const costs = new Map(taking.map(({ name }) => [name, [] as Cost[]]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, command } of taking) costs.get(name)!.push(measure(directory, command(files, each)));
  }
  return new Map([...costs].map(([name, all]) => [name, median(all)]));
}

/** Prints a case; false when ours is over its budget. */
function tell(each: Case, costs: Map<string, Cost>): boolean {
  console.log(`\n${each.name}`);
  const own = costs.get("causeway")!;
  for (const [name, cost] of costs) {
    const share =
      name === "causeway"
        ? ""
        : `   ours is 1/${(cost.wallSeconds / own.wallSeconds).toFixed(1)} of it (CPU 1/${(cost.cpuSeconds / own.cpuSeconds).toFixed(1)})`;
    const { wallSeconds, cpuSeconds, peakMiB } = cost;
    console.log(
      `  ${name.padEnd(9)} ${wallSeconds.toFixed(2).padStart(7)} s  CPU ${cpuSeconds.toFixed(2).padStart(6)} s  ${peakMiB.toFixed(0).padStart(5)} MiB${share}`,
    );
  }
  if (each.budget === undefined) return true;
  const isWithin = own.wallSeconds <= each.budget * costs.get("cwltool")!.wallSeconds;
  console.log(`  wanted: 1/${Math.round(1 / each.budget)} of cwltool's time: ${isWithin ? "met" : "MISSED"}`);
  return isWithin;
}
