import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/** What one run cost. `peakMiB` is that of its largest process. */
export interface Cost {
  wallSeconds: number;
  cpuSeconds: number;
  peakMiB: number;
}

/** Runs a command in a directory of its own under `directory` and measures it and all its children, by GNU time. */
export function measure(directory: string, command: readonly string[]): Cost {
  const place = mkdtempSync(join(directory, "run-"));
  const report = join(place, "time.txt");
  try {
    const { status, stderr } = spawnSync("/usr/bin/time", ["-f", "%e %U %S %M", "-o", report, ...command], {
      cwd: place,
      stdio: ["ignore", "ignore", "pipe"],
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    if (status !== 0) throw new Error(`${command.join(" ")} failed:\n${stderr.split("\n").slice(-20).join("\n")}`);
    const [wall, user, system, kilobytes] = readFileSync(report, "utf8").trim().split("\n").at(-1)!.split(" ").map(Number);
    return { wallSeconds: wall!, cpuSeconds: user! + system!, peakMiB: kilobytes! / 1024 };
  } finally {
    rmSync(place, { recursive: true });
  }
}

/** The middle one by wall time. */
export function median(costs: readonly Cost[]): Cost {
  return [...costs].sort((a, b) => a.wallSeconds - b.wallSeconds)[Math.floor(costs.length / 2)]!;
}
