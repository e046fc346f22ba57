import { execFile, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ImageUnavailable } from "./engine.ts";

/** The first line a program prints, or why it cannot be used. */
export function ask(program: string, args: string[], env: Record<string, string>): Promise<string | { unusable: string }> {
  return new Promise((resolve) => {
    execFile(program, args, { env, timeout: 20_000 }, (error, stdout, stderr) => {
      if (!error) resolve(stdout.trim().split("\n")[0]!);
      else if ((error as NodeJS.ErrnoException).code === "ENOENT") resolve({ unusable: `${program} is not installed` });
      else
        resolve({
          unusable: `${program} is installed but does not answer: ${stderr.trim().split("\n").at(-1) || error.message}`,
        });
    });
  });
}

/**
 * Runs a container engine's own command to its end, with `input` as its standard input, and returns what it printed.
 * Throws `ImageUnavailable` with what it complained about.
 */
export async function runEngine(program: string, args: string[], env: Record<string, string>, input?: Readable): Promise<string> {
  const child = spawn(program, args, { env, stdio: [input ? "pipe" : "ignore", "pipe", "pipe"] });
  const ended = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  let [stdout, stderr] = ["", ""];
  child.stdout!.on("data", (chunk) => (stdout += chunk));
  child.stderr!.on("data", (chunk) => (stderr += chunk));
  // When the program refuses early, its own message says more than the broken pipe.
  if (input) await pipeline(input, child.stdin!).catch(() => {});
  const code = await ended;
  if (code !== 0) throw new ImageUnavailable(`${program} ${args[0]} failed (${code}): ${stderr.trim()}`);
  return stdout;
}
