import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Says which process runs on a data directory, and where it serves: `{"pid", "url"}`; commands find the platform by it. */
export const RUNNING = "running.json";

export interface DirectoryClaim {
  /** Tells the address, once the platform serves, and the file of a certificate that only commands here trust. */
  serves(url: string, certificate?: string): void;
  release(): void;
}

/**
 * Makes this process the only one that runs on `directory`: two of them would stop each other's database. What a killed
 * process left behind is taken over.
 *
 * @throws Error naming the process that runs there, and its address
 */
export function claimDirectory(directory: string): DirectoryClaim {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, RUNNING);
  const { pid } = process;
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(path, JSON.stringify({ pid }), { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const other = whoRuns(path);
      if (other || attempt > 3) throw new AlreadyRunning(directory, other);
      rmSync(path, { force: true });
    }
  }
  return {
    serves: (url, certificate) => writeFileSync(path, JSON.stringify({ pid, url, certificate })),
    release: () => rmSync(path, { force: true }),
  };
}

/** Another platform runs on the data directory. */
export class AlreadyRunning extends Error {
  constructor(directory: string, other: { pid: number; url?: string } | undefined) {
    const where = other?.url === undefined ? "" : ` and serves ${other.url}`;
    super(`A platform runs on ${directory} already: process ${other?.pid ?? "unknown"}${where}.`);
  }
}

function whoRuns(path: string): { pid: number; url?: string } | undefined {
  try {
    const other = JSON.parse(readFileSync(path, "utf8")) as { pid: number; url?: string };
    process.kill(other.pid, 0);
    return isPlatform(other.pid) ? other : undefined;
  } catch (error) {
    // A process of another user is one that runs; a half-written file and a number that nobody has are left-overs.
    return (error as NodeJS.ErrnoException).code === "EPERM" ? { pid: Number.NaN } : undefined;
  }
}

/** Whether a platform runs on the directory. */
export const isClaimed = (directory: string): boolean => whoRuns(join(directory, RUNNING)) !== undefined;

/** A number can have been given to another program since; only Linux tells. */
function isPlatform(pid: number): boolean {
  try {
    return pid !== process.pid && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("main.ts");
  } catch {
    return pid !== process.pid;
  }
}
