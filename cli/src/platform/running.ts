import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The platform that runs on a data directory, if one does: its process lives. */
export function findRunning(directory: string): { pid: number; url?: string } | undefined {
  try {
    const running = JSON.parse(readFileSync(join(directory, "running.json"), "utf8")) as { pid: number; url?: string };
    process.kill(running.pid, 0);
    return running;
  } catch {
    // No file, or what a killed process left behind: the server takes the directory over.
    return undefined;
  }
}
