import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Complaint } from "../exit.ts";

/** The repository's root: the server is started from its source. */
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url)).replace(/\/$/, "");
const SERVER = `${ROOT}/server/src/main.ts`;

export interface ServerProcess {
  /** The API's base URL, ending in `/v2`. */
  readonly url: string;
  /** Resolves when the process is gone, with how it went. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Asks it to end and waits until it has: its database is down then, too. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Settings by environment variable; they go over those of this process. `undefined` takes one away. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** A file descriptor for the log. Default: this process's stderr. */
  readonly logTo?: number;
  /** Gives up starting, and stops what was started. */
  readonly signal?: AbortSignal;
}

/**
 * Starts the platform in a process of its own and waits until it serves. It ends with this process, however that ends:
 * they share a channel, and the server stops when it closes.
 *
 * @throws Complaint when it ends before it serves; the abort's reason when `signal` comes first
 */
export async function startServer({ settings, logTo, signal }: ServerOptions): Promise<ServerProcess> {
  const env = { ...process.env, ...settings };
  for (const [name, value] of Object.entries(settings)) if (value === undefined) delete env[name];
  // A process group of its own: a Ctrl-C is for us, and we stop the server when we are done with it.
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", SERVER], {
    stdio: ["ignore", "pipe", logTo ?? "inherit", "ipc"],
    detached: true,
    env,
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("exit", (code, killer) => resolve({ code, signal: killer }));
    child.once("error", () => resolve({ code: null, signal: null }));
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  const onAbort = () => void child.kill("SIGTERM");
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const url = await Promise.race([readyLine(child), ended.then(() => undefined)]);
    if (signal?.aborted) {
      await stop();
      throw signal.reason;
    }
    if (url === undefined) throw new Complaint("The platform did not start.", { advice: "What it wrote above says why." });
    return { url, ended, stop };
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/** The address in the one line that the server prints when it is ready; never, when it prints none. */
function readyLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    createInterface({ input: child.stdout! }).once("line", (line) => resolve((JSON.parse(line) as { ready: string }).ready));
  });
}

/** Aborts at the first SIGINT, SIGTERM or SIGHUP from now on; those after it change nothing. */
export function untilSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort(new Stopped()));
  return stop.signal;
}

/** Somebody asked this process to end: no failure. */
export class Stopped extends Error {
  constructor() {
    super("stopped");
  }
}

/** Resolves when `signal` is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
