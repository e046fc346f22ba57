import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";
import { startEmbeddedPostgres } from "../../server/src/db/embedded.ts";

/** A server of ours in a process of its own, on a fresh embedded PostgreSQL, with one user. */
export interface Platform {
  /** Ends in `/v2`. */
  url: string;
  headers: Record<string, string>;
  token: string;
  directory: string;
  databaseUrl: string;
  /** Straight to the database. */
  sql: pg.Client;
  process: ChildProcess;
  // biome-ignore lint/suspicious/noExplicitAny: a bench says what it expects of an answer.
  call(method: string, path: string, body?: unknown): Promise<any>;
  close(): Promise<void>;
}

/**
 * `nodeFlags`: of Node, before the script. Flags in BENCH_NODE_FLAGS come in addition: `--cpu-prof` says where time goes.
 * `settings` go over those of every bench; an empty one is the default. `within`: a command that becomes the one after it.
 */
export async function startPlatform({
  nodeFlags = [] as string[],
  settings = {} as Readonly<Record<string, string>>,
  within = [] as readonly string[],
} = {}): Promise<Platform> {
  const directory = await mkdtemp(join(tmpdir(), "causeway-bench-"));
  // PostgreSQL's own user goes through it; else the database would be put elsewhere, and stay there.
  await chmod(directory, 0o711);
  const postgres = await startEmbeddedPostgres(join(directory, "database"));
  const environment = {
    CAUSEWAY_DATA: directory,
    DATABASE_URL: postgres.url,
    CAUSEWAY_PORT: "0",
    CAUSEWAY_LOG: "warn",
    CAUSEWAY_ISOLATION: "none",
    CAUSEWAY_RATE_LIMIT: "1000000000",
    ...settings,
  };
  const main = new URL("../../server/src/main.ts", import.meta.url).pathname;
  const flags = [...nodeFlags, ...(process.env.BENCH_NODE_FLAGS?.split(" ") ?? [])];
  const removeAll = async () => {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  };
  const { child, line } = await startProcess(main, [], environment, flags, within).catch(async (error) => {
    await removeAll();
    throw error;
  });
  const url: string = JSON.parse(line).ready;
  const sql = new pg.Client({ connectionString: postgres.url });
  await sql.connect();
  const token = await addUser(sql);
  const headers = { "x-sbg-auth-token": token };
  const close = async () => {
    await sql.end();
    await stopProcess(child);
    await removeAll();
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void close().finally(() => process.exit(1)));
  return {
    url,
    headers,
    token,
    directory,
    databaseUrl: postgres.url,
    sql,
    process: child,
    async call(method, path, body) {
      const response = await fetch(path.startsWith("http") ? path : url + path, {
        method,
        headers: { ...headers, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === "" ? undefined : JSON.parse(text);
    },
    close,
  };
}

/** Runs a script with Node until it has printed its first line; messages can be sent to it. */
export async function startProcess(
  script: string,
  args: string[],
  environment: Record<string, string>,
  nodeFlags: readonly string[] = [],
  within: readonly string[] = [],
) {
  const [program, ...words] = [...within, process.execPath, ...nodeFlags, script, ...args];
  const child = spawn(program!, words, {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  for await (const line of createInterface(child.stdout!)) return { child, line };
  throw new Error(`${script} ended before it was ready`);
}

export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

/** Asks every `everyMs` until `ask` answers something. @throws Error after `seconds` */
export async function until<Answer>(
  seconds: number,
  what: string,
  ask: () => Promise<Answer | undefined | false>,
  everyMs = 20,
): Promise<Answer> {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((wake) => setTimeout(wake, everyMs));
  }
  throw new Error(`${what} did not happen within ${seconds} s`);
}

async function addUser(sql: pg.Client): Promise<string> {
  const token = "0123456789abcdef0123456789abcdef";
  await sql.query(`
    with made as (insert into users (username, email) values ('ana', 'ana@localhost') returning id),
    known as (insert into tokens (hash, user_id) select sha256('${token}'), id from made),
    payer as (insert into billing_groups (name, owner_id) select 'ana', id from made returning id, owner_id)
    insert into billing_group_members (group_id, user_id) select id, owner_id from payer`);
  return token;
}

/** The median of what `measure` answers in `rounds` rounds. */
export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Prints a figure with its goal. */
export function verdict(what: string, value: number, unit: string, goal: { atLeast: number } | { atMost: number }): void {
  const [ok, text] =
    "atLeast" in goal ? [value >= goal.atLeast, `at least ${goal.atLeast}`] : [value <= goal.atMost, `at most ${goal.atMost}`];
  console.log(`${what}: ${value.toFixed(2)}${unit} (goal ${text}) ${ok ? "ok" : "MISSED"}`);
}
