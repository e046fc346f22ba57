import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const CAUSEWAY = fileURLToPath(new URL("../cli/bin/causeway", import.meta.url));

export const USERS = ["ana", "ben", "eve"] as const;
export type User = (typeof USERS)[number];

/** A real platform for the tests: where it serves (`url` ends in `/v2`) and everybody's token. `ana` administers it. */
export interface DevPlatform {
  readonly url: string;
  readonly tokens: Readonly<Record<User, string>>;
  /** The line that `causeway dev --json` printed. */
  readonly line: string;
  stop(): Promise<void>;
}

/**
 * Starts `causeway dev` with an empty data directory, and waits until it serves. `CAUSEWAY_CLIENTS_PLATFORM` names a file
 * with the line that it printed elsewhere: then that platform is used.
 */
export async function startDevPlatform(): Promise<DevPlatform> {
  const told = process.env.CAUSEWAY_CLIENTS_PLATFORM;
  if (told) return { ...platformOf(readFileSync(told, "utf8")), stop: async () => {} };
  const child = spawn(CAUSEWAY, ["dev", "--port", "0", "--json", ...USERS.flatMap((name) => ["--user", name])], {
    stdio: ["ignore", "pipe", "inherit"],
    // Volumes are made of buckets of the tests' own.
    env: { ...process.env, CAUSEWAY_RATE_LIMIT: "1000000", CAUSEWAY_VOLUME_ENDPOINTS: "127.0.0.1" },
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const line = await Promise.race([
    new Promise<string>((resolve) => createInterface({ input: child.stdout }).once("line", resolve)),
    ended.then(() => Promise.reject(new Error("The platform did not start."))),
  ]);
  return {
    ...platformOf(line),
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function platformOf(line: string): Pick<DevPlatform, "url" | "tokens" | "line"> {
  const { url, users } = JSON.parse(line) as { url: string; users: Record<User, { token: string }> };
  return { url, tokens: { ana: users.ana.token, ben: users.ben.token, eve: users.eve.token }, line };
}
