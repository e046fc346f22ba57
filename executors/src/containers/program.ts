import { execFile, spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { basename, delimiter, isAbsolute, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ImageUnavailable } from "./engine.ts";
import { MINUTE_MS, ProbeMemory } from "./probe-memory.ts";

/**
 * Where programs of the host are looked for, and the `PATH` of container engines: the system's directories before those
 * that our own PATH names. What npm puts there belongs to whoever wrote the package.
 */
export const HOST_PATH = [
  ...["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"],
  ...(process.env.PATH ?? "").split(delimiter).filter((path) => isAbsolute(path) && !path.includes("node_modules")),
].filter((path, index, all) => all.indexOf(path) === index);

/** The absolute path of a program of this host; `undefined` when it is not there. */
export function findProgram(name: string): string | undefined {
  return HOST_PATH.map((directory) => join(directory, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not for us to run
  }
}

/** Says later whether the program is the one that it is now. */
export function programWatch(path: string): () => boolean {
  const sign = () => {
    const entry = statSync(path, { throwIfNoEntry: false });
    return entry && `${entry.ino} ${entry.size} ${entry.mtimeMs}`;
  };
  const now = sign();
  return () => sign() === now;
}

export const missing = (name: string) => ({ unusable: `${name} is not installed` });

/** The first line a program prints, or why it cannot be used. `program`: an absolute path. */
export function ask(program: string, args: string[], env: Record<string, string>): Promise<string | { unusable: string }> {
  return new Promise((resolve) => {
    execFile(program, args, { env, cwd: "/", timeout: 20_000 }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout.trim().split("\n")[0]!);
      const said = stderr.trim().split("\n").at(-1) || error.message;
      resolve({ unusable: `${program} is installed but does not work: ${said}` });
    });
  });
}

/** What a command that was told to end gets to do so, in milliseconds; then it is killed. */
const END_MS = 2000;

/**
 * The same, and an answer of this boot counts for `lifetimeMs`; that the program cannot be used, for a minute at most.
 */
export async function askOnce(
  program: string,
  args: string[],
  env: Record<string, string>,
  lifetimeMs: number,
): Promise<string | { unusable: string }> {
  const memory = new ProbeMemory<string | { unusable: string }>(program, [args, env]);
  const known = memory.read((answer) => (typeof answer === "string" ? lifetimeMs : Math.min(lifetimeMs, MINUTE_MS)));
  if (known !== undefined) return known;
  const answer = await ask(program, args, env);
  memory.write(answer);
  return answer;
}

/**
 * Runs a container engine's own command to its end, with `input` as its standard input, and returns what it printed.
 *
 * @throws ImageUnavailable with what it complained about; the reason of `signal`, whose abort ends the command
 */
export async function runEngine(
  program: string,
  args: string[],
  env: Record<string, string>,
  { input, signal }: { input?: Readable; signal: AbortSignal },
): Promise<string> {
  signal.throwIfAborted();
  const child = spawn(program, args, { env, cwd: "/", stdio: [input ? "pipe" : "ignore", "pipe", "pipe"] });
  const ended = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  let killing: NodeJS.Timeout | undefined;
  const end = () => {
    child.kill();
    killing = setTimeout(() => child.kill("SIGKILL"), END_MS);
  };
  signal.addEventListener("abort", end, { once: true });
  let [stdout, stderr] = ["", ""];
  child.stdout!.on("data", (chunk) => (stdout += chunk));
  child.stderr!.on("data", (chunk) => (stderr += chunk));
  // When the program refuses early, its own message says more than the broken pipe.
  if (input) await pipeline(input, child.stdin!).catch(() => {});
  const code = await ended.finally(() => {
    clearTimeout(killing);
    signal.removeEventListener("abort", end);
  });
  signal.throwIfAborted();
  if (code !== 0) throw new ImageUnavailable(`${basename(program)} ${args[0]} failed (${code}): ${stderr.trim()}`);
  return stdout;
}
