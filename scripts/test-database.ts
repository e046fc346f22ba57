import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * A place for the PostgreSQL server that the test files of one run share: whichever needs it first starts it there
 * (server/src/testing/database.ts), and it outlives them. Each run has its own, so that two runs never meet.
 */
export function makeTestDatabase(): string {
  const place = mkdtempSync(join(tmpdir(), "causeway-tests-"));
  chmodSync(place, 0o755); // as root the server runs as another user, who has to get in
  return place;
}

/** Stops the server in `place`, if one was started, and removes everything of it. */
export async function removeTestDatabase(place: string): Promise<void> {
  const pidFile = join(place, "cluster", "postmaster.pid");
  if (existsSync(pidFile)) {
    // Lines of postmaster.pid: process id, data directory, start time, port, socket directory, …
    const [pid, , , , socketDirectory] = readFileSync(pidFile, "utf8").split("\n");
    process.kill(Number(pid), "SIGQUIT"); // at once, without writing anything: the data goes away next
    while (existsSync(pidFile) && isAlive(Number(pid))) await sleep(20);
    if (socketDirectory) rmSync(socketDirectory, { recursive: true, force: true });
  }
  rmSync(place, { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
