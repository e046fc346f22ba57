import { existsSync } from "node:fs";
import { chmod, readFile, rm } from "node:fs/promises";
import { homedir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { makeTemporaryDirectory } from "@causeway/executors";
import { CliError, EXIT, type ExitCode } from "../exit.ts";
import { printable } from "../output/output.ts";
import { aborted, Stopped, startServer, untilSignal } from "./server-process.ts";

export interface DevOptions {
  readonly port: string;
  /** Usernames; the first one is made an administrator. */
  readonly user?: readonly string[];
  /** Kept at the end; without it the data goes to a temporary directory that is removed. */
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** Where and as whom scripts can work: what `--json` prints. */
interface DevPlatform {
  url: string;
  users: Record<string, { token: string }>;
}

const DEFAULT_USER = "dev";
const DATABASE_ENDS_MS = 10_000;

/**
 * A platform for people who test their scripts: fresh users with tokens, gone at the end. Serves until it is told to stop or
 * whoever started it is gone.
 */
export async function dev(options: DevOptions): Promise<ExitCode> {
  const stop = untilSignal({ endsWithParent: true });
  const users = options.user?.length ? [...new Set(options.user)] : [DEFAULT_USER];
  const directory = options.dataDir === undefined ? await temporaryDirectory() : resolve(options.dataDir);
  try {
    return await serveUntil(stop, directory, users, options);
  } catch (error) {
    if (error instanceof Stopped) return EXIT.ok;
    throw error;
  } finally {
    if (options.dataDir === undefined) await removeData(directory);
  }
}

async function serveUntil(
  stop: AbortSignal,
  directory: string,
  users: readonly string[],
  { port, dataDir, json }: DevOptions,
): Promise<ExitCode> {
  const server = await startServer({
    signal: stop,
    settings: {
      CAUSEWAY_HOST: "127.0.0.1",
      CAUSEWAY_PORT: port,
      CAUSEWAY_PUBLIC_URL: undefined,
      CAUSEWAY_DATA: directory,
      CAUSEWAY_ADMINISTRATOR: users[0],
      // It serves one person, on 127.0.0.1, with their own rights.
      CAUSEWAY_ISOLATION: process.env.CAUSEWAY_ISOLATION ?? "none",
      CAUSEWAY_LOG: process.env.CAUSEWAY_LOG ?? "warn",
      CAUSEWAY_DATABASE_DURABLE: String(dataDir !== undefined),
      CAUSEWAY_EMPTY_CLUSTERS: process.env.CAUSEWAY_EMPTY_CLUSTERS ?? cacheDirectory(),
      // A database of somebody's own is no place for what is gone in an hour.
      DATABASE_URL: undefined,
    },
  });
  try {
    const platform = { url: server.url, users: await tokensOf(server.url, directory, users) };
    process.stdout.write(json ? `${JSON.stringify(platform)}\n` : forPasting(platform, dataDir !== undefined));
    const { code } = await Promise.race([server.ended, aborted(stop).then(() => ({ code: 0 }))]);
    if (code !== 0) throw new CliError("The platform ended by itself.", { advice: "What it wrote above says why." });
    return EXIT.ok;
  } finally {
    await server.stop();
  }
}

/** A token for everybody. In a directory that was used before, users stay and get new tokens. */
async function tokensOf(url: string, directory: string, users: readonly string[]): Promise<DevPlatform["users"]> {
  const administratorToken = (await readFile(join(directory, "admin.token"), "utf8")).trim();
  const { createClient, createOperatorClient } = await import("@causeway/contract/client");
  const operator = createOperatorClient({ baseUrl: url, token: administratorToken });
  const known = new Map((await operator.listAccounts()).users.map((account) => [account.username, account]));
  const owner = createClient({ baseUrl: url, token: administratorToken });
  const { username: administrator } = await owner.getMe();
  const tokens: DevPlatform["users"] = {};
  for (const [index, username] of users.entries()) {
    const account = known.get(username);
    if (username === administrator) tokens[username] = { token: administratorToken };
    else if (!account)
      tokens[username] = { token: (await operator.createAccount({ body: { username, is_admin: index === 0 } })).token };
    else {
      if (index === 0 || account.disabled)
        await operator.changeAccount({ username, body: { disabled: false, ...(index === 0 ? { is_admin: true } : {}) } });
      tokens[username] = { token: (await operator.renewToken({ username })).token };
    }
  }
  return tokens;
}

/** A database whose server was killed ends moments later: until then it writes. */
async function removeData(directory: string): Promise<void> {
  for (let waited = 0; waited < DATABASE_ENDS_MS && existsSync(join(directory, "database", "cluster", "postmaster.pid")); )
    waited += await pause(100, 100);
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** Of this user alone: whoever could write there could give us a database of theirs. */
const cacheDirectory = () => join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "causeway", "databases");

/** As root the database runs as another user, who has to get through to its own directory. */
async function temporaryDirectory(): Promise<string> {
  const directory = makeTemporaryDirectory("dev");
  if (userInfo().uid === 0) await chmod(directory, 0o711);
  return directory;
}

function forPasting({ url, users }: DevPlatform, isKept: boolean): string {
  const [first, ...others] = Object.entries(users);
  const more = others.map(([name, { token }]) => `# ${printable(name)}:\nexport SB_AUTH_TOKEN=${token}\n`).join("");
  return `# A platform for your scripts. Ctrl-C stops it${isKept ? "" : " and removes its data"}.
export SB_API_ENDPOINT=${url}
# ${printable(first![0])}, who administers the platform:
export SB_AUTH_TOKEN=${first![1].token}
${more}`;
}
