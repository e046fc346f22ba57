import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Removes a directory with all that a tool made in it, also what is nested deeper than a path can be long. */
export async function removeTree(directory: string): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENAMETOOLONG") throw error;
    // The program goes from directory to directory, and names no path.
    await run("/bin/rm", ["-rf", "--", directory], { env: {}, cwd: "/" });
  }
}
