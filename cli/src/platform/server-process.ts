import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { CliError } from "../exit.ts";
import { watchNpm, watchParent } from "./parent.ts";

/** The repository's root: the server is started from its source. */
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url)).replace(/\/$/, "");
/** The server's program. */
export const SERVER = `${ROOT}/server/src/main.ts`;

/** How a process went. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ServerProcess {
  /** The API's base URL, ending in `/v2`. */
  readonly url: string;
  /** Resolves when the process is gone, with how it went. */
  readonly ended: Promise<Ending>;
  /**
   * Asks it to end and waits until it has: its database is down then, too. One that does not end in the time it has told
   * is killed, at once when this process gets another signal; its database ends moments later then.
   */
  stop(): Promise<Ending>;
}

/** What a server may take to end that has not told yet. */
const STOPS_WITHIN_SECONDS = 24;
/** It says by itself when its time is over; this is for one that says nothing any more. */
const KILLED_AFTER_SECONDS = 3;
/** A terminal and a program between it and us may both pass the same Ctrl-C on. */
const SAME_SIGNAL_MS = 1000;

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
 * @throws CliError when it ends before it serves; the abort's reason when `signal` comes first
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
  let stopsWithin = STOPS_WITHIN_SECONDS;
  const ended = new Promise<Ending>((resolve) => {
    child.once("exit", (code, killer) => resolve({ code, signal: killer }));
    child.once("error", () => resolve({ code: null, signal: null }));
  });
  const stop = () => endChild(child, ended, stopsWithin + KILLED_AFTER_SECONDS);
  const onAbort = () => void stop();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const ready = await Promise.race([readyLine(child), ended.then(() => undefined)]);
    if (signal?.aborted) {
      await stop();
      throw signal.reason;
    }
    if (ready === undefined) throw new CliError("The platform did not start.", { advice: "What it wrote above says why." });
    stopsWithin = ready.stops_within_seconds;
    return { url: ready.ready, ended, stop };
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Asks for an end, and brings it about. */
async function endChild(child: ChildProcess, ended: Promise<Ending>, seconds: number): Promise<Ending> {
  child.kill("SIGTERM");
  const since = Date.now();
  const kill = () => void child.kill("SIGKILL");
  const onSignal = () => {
    if (Date.now() > since + SAME_SIGNAL_MS) kill();
  };
  const late = setTimeout(kill, seconds * 1000);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    return await ended;
  } finally {
    clearTimeout(late);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

interface ReadyLine {
  ready: string;
  stops_within_seconds: number;
}

/** The one line that the server prints when it is ready; never, when it prints none. */
function readyLine(child: ChildProcess): Promise<ReadyLine> {
  return new Promise((resolve) => {
    createInterface({ input: child.stdout! }).once("line", (line) => resolve(JSON.parse(line) as ReadyLine));
  });
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Aborts at the first SIGINT, SIGTERM or SIGHUP from now on, and when the npm or npx that started us is gone.
 * `endsWithParent`: also when any other parent is.
 */
export function untilSignal({ endsWithParent = false } = {}): AbortSignal {
  const stop = new AbortController();
  const onStop = () => stop.abort(new Stopped());
  for (const signal of SIGNALS) process.on(signal, onStop);
  if (endsWithParent) watchParent(onStop);
  else watchNpm(onStop);
  return stop.signal;
}

/** @throws CliError when a server that was told to end had to be broken off */
export function assertEndedWell({ code }: Ending): void {
  if (code !== 0)
    throw new CliError("The platform was broken off.", { advice: "What was under way is taken up when it is started again." });
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
