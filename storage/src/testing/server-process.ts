import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Starts a server whose output goes to the file `log`. `setpriv` has the kernel end it when we die, even by kill -9. */
export function startServer(command: string[], { log, env }: { log: string; env?: NodeJS.ProcessEnv }): ChildProcess {
  return spawn("sh", ["-c", 'log=$1; shift; exec setpriv --pdeathsig KILL "$@" >>"$log" 2>&1', "sh", log, ...command], {
    stdio: "ignore",
    ...(env ? { env: { ...process.env, ...env } } : {}),
  });
}

export async function endServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exited;
}

/** Waits until `isReady` does not throw any more. Throws what it threw when a server has ended, or after half a minute. */
export async function serversReady(isReady: () => Promise<unknown>, started: readonly ChildProcess[]): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await isReady();
      return;
    } catch (error) {
      if (attempt > 300 || started.some((child) => child.exitCode !== null)) throw error;
      await sleep(100);
    }
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

/** Of the host's own programs these do in any version. */
const OF_ANY_VERSION = ["openssl"];

/**
 * A server in the folder that `CAUSEWAY_VOLUME_SERVERS` names: `.ci/volume-servers.sh` puts the versions there that the
 * tests know. One of another version that happens to be on the PATH answers differently.
 */
export function findProgram(name: string): string | undefined {
  const folder = process.env.CAUSEWAY_VOLUME_SERVERS;
  const path = OF_ANY_VERSION.includes(name) ? (process.env.PATH ?? "").split(delimiter) : [];
  return [...(folder ? [join(folder, "bin")] : []), ...path].map((each) => join(each, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
