import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fastDirectory, makeTemporaryDirectory } from "@causeway/executors";
import { sweepLeftBehind } from "@causeway/server";

/** Where the test files of one run work. */
export interface TestPlace {
  /**
   * For the PostgreSQL server that they share: whichever needs it first starts it there (server/src/testing/database.ts), and it
   * outlives them.
   */
  readonly database: string;
  /** Their directory for temporary files: what a test that is killed leaves there goes with the run. */
  readonly temporary: string;
}

/**
 * Makes a place for one run of the tests, so that two runs never meet, and removes what runs that were killed have left,
 * database servers included.
 */
export async function makeTestPlace(): Promise<TestPlace> {
  const fast = fastDirectory();
  await sweepLeftBehind([fast]);
  const database = makeTemporaryDirectory("tests", fast);
  const temporary = makeTemporaryDirectory("tests");
  // As root the server runs as another user, who has to get in.
  chmodSync(database, 0o755);
  chmodSync(temporary, 0o1777);
  return { database, temporary };
}

/** Stops the server of the run, if one was started, and removes everything of it. */
export async function removeTestPlace({ database, temporary }: TestPlace): Promise<void> {
  const pidFile = join(database, "cluster", "postmaster.pid");
  if (existsSync(pidFile)) {
    const pid = Number.parseInt(readFileSync(pidFile, "utf8"), 10);
    process.kill(pid, "SIGQUIT"); // at once, without writing anything: the data goes away next
    while (existsSync(pidFile) && isAlive(pid)) await sleep(20);
  }
  for (const directory of [database, temporary]) rmSync(directory, { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
