import { spawn } from "node:child_process";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Client, createClient, createOperatorClient } from "@causeway/contract/client";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A platform in a process of its own, as a lab runs it, with the UI built. */
export interface Platform {
  /** Without `/v2`. */
  readonly origin: string;
  /** The public API as that user, who is made on first mention. `admin` operates the platform. */
  as(username: string): Promise<Client>;
  /** A link that works once; `sign-in` needs no password. */
  link(username: string, purpose: "password" | "sign-in"): Promise<string>;
  stop(): Promise<void>;
}

export async function startPlatform(settings: Readonly<Record<string, string>> = {}): Promise<Platform> {
  await ended(spawn(process.execPath, [join(ROOT, "web/build.ts"), "--if-stale"], { stdio: ["ignore", "ignore", "inherit"] }));
  const directory = await mkdtemp(join(tmpdir(), "web-"));
  // As root the database runs as another user, who has to get in.
  await chmod(directory, 0o755);
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(ROOT, "server/src/main.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      CAUSEWAY_DATA: directory,
      CAUSEWAY_PORT: "0",
      CAUSEWAY_LOG: "error",
      CAUSEWAY_DATABASE_DURABLE: "false",
      CAUSEWAY_RATE_LIMIT: "1000000",
      CAUSEWAY_ISOLATION: "none",
      ...settings,
    },
  });
  const ready = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", (line) => resolve((JSON.parse(line) as { ready: string }).ready));
    child.once("exit", (code) => reject(new Error(`The platform ended with ${code} before it was ready.`)));
  });
  const baseUrl = await ready;
  const token = (await readFile(join(directory, "admin.token"), "utf8")).trim();
  const operator = createOperatorClient({ baseUrl, token });
  const clients = new Map<string, Promise<Client>>([["admin", Promise.resolve(createClient({ baseUrl, token }))]]);
  const enroll = async (username: string) =>
    createClient({ baseUrl, token: (await operator.createAccount({ body: { username } })).token });
  const platform: Platform = {
    origin: baseUrl.replace(/\/v2$/, ""),
    as(username) {
      const known = clients.get(username) ?? enroll(username);
      clients.set(username, known);
      return known;
    },
    async link(username, purpose) {
      await platform.as(username);
      return (await operator.createLink({ username, body: { purpose } })).url;
    },
    async stop() {
      child.kill("SIGTERM");
      await ended(child);
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return platform;
}

const ended = (child: ReturnType<typeof spawn>): Promise<void> =>
  new Promise((resolve) => (child.exitCode === null ? child.once("exit", () => resolve()) : resolve()));
