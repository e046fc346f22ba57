import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdir, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { makeTemporaryDirectory } from "@causeway/executors";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Limits {
  /** No file can grow beyond this: writing fails as it does on a full disk. */
  readonly largestFileKiB?: number;
}

/** A home directory of a test's own, and the command run from it as its user would. */
export interface Home {
  readonly directory: string;
  /** Runs `causeway …` to its end. `environment` goes over the home's. */
  run(args: readonly string[], environment?: Readonly<Record<string, string>>, limits?: Limits): Promise<Finished>;
  /** The same with `--json`: the document on stdout. Fails when the exit code is not 0. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an answer.
  json(args: readonly string[]): Promise<any>;
  /** Starts `causeway …`. */
  start(args: readonly string[], environment?: Readonly<Record<string, string>>): ChildProcess;
  remove(): Promise<void>;
}

export async function createHome(settings: Readonly<Record<string, string>> = {}): Promise<Home> {
  const directory = makeTemporaryDirectory("home");
  await mkdir(join(directory, "work"));
  // As root the database runs as another user, who has to get in.
  await chmod(directory, 0o755);
  // What is only kept to save time (compiled code, empty databases, which engines work here) is this user's.
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const env = { PATH: process.env.PATH ?? "", HOME: directory, XDG_CACHE_HOME: cache, ...settings };
  const start = (args: readonly string[], environment: Readonly<Record<string, string>> = {}, limits: Limits = {}) =>
    spawn(
      "bash",
      ["-c", `ulimit -f ${limits.largestFileKiB ?? "unlimited"}; exec "$@"`, "bash", process.execPath, MAIN, ...args],
      {
        cwd: join(directory, "work"),
        env: { ...env, ...environment },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
  const home: Home = {
    directory,
    start,
    run: (args, environment, limits) => finished(start(args, environment, limits)),
    async json(args) {
      const { code, stdout, stderr } = await home.run([...args, "--json"]);
      if (code !== 0) throw new Error(`causeway ${args.join(" ")} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout);
    },
    // A process that was killed may still write what it has compiled.
    remove: () => rm(directory, { recursive: true, force: true, maxRetries: 10 }),
  };
  return home;
}

/** Everything a process says, once it has ended. */
export async function finished(child: ChildProcess): Promise<Finished> {
  let stdout = "";
  let stderr = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout, stderr };
}

export interface DevPlatform {
  readonly url: string;
  readonly users: Record<string, { token: string }>;
  readonly child: ChildProcess;
  /** Everything on its stdout so far. */
  readonly lines: readonly string[];
  /** Sends SIGTERM and answers the exit code. */
  stop(): Promise<number | null>;
}

/** Starts `causeway dev --json` and waits for its line. */
export async function startDev(home: Home, args: readonly string[]): Promise<DevPlatform> {
  const child = home.start(["dev", "--port", "0", "--json", ...args]);
  child.stderr!.pipe(process.stderr);
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout! });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const ready = new Promise<void>((resolve, reject) => {
    reader.on("line", (line) => {
      lines.push(line);
      resolve();
    });
    void ended.then((code) => reject(new Error(`causeway dev ended with ${code} before it was ready`)));
  });
  await ready;
  return {
    ...JSON.parse(lines[0]!),
    child,
    lines,
    stop() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}
