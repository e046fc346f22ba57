import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";

const MAIN = new URL("../main.ts", import.meta.url).pathname;

/**
 * A platform in a process of its own, for tests that kill it; answers the process and the address, ending in `/v2`.
 * `within`: a command that becomes the one after it.
 */
export async function startKillable(
  directory: string,
  databaseUrl: string,
  { within = [], settings = {} }: { within?: string[]; settings?: Record<string, string> } = {},
): Promise<[ChildProcess, string]> {
  const own = { CAUSEWAY_DATA: directory, DATABASE_URL: databaseUrl, CAUSEWAY_PORT: "0", CAUSEWAY_LOG: "warn" };
  const [program, ...args] = [...within, process.execPath, MAIN];
  const server = spawn(program!, args, {
    env: { ...process.env, CAUSEWAY_ISOLATION: "none", ...own, ...settings },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const chunk of server.stdout!) {
    const line = String(chunk);
    if (line.includes("ready")) return [server, (JSON.parse(line) as { ready: string }).ready];
  }
  throw new Error("the platform did not start");
}

/** Calls by absolute address, GET without a body and POST with one; anything but success fails the test. */
export function callerWith(token: string) {
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an answer.
  return async (url: string, body?: object): Promise<any> => {
    const init = body ? { method: "POST", body: JSON.stringify(body) } : {};
    const response = await fetch(url, { ...init, headers: { "x-sbg-auth-token": token, "content-type": "application/json" } });
    const answer = await response.json();
    assert.ok(response.ok, `${url}: ${JSON.stringify(answer)}`);
    return answer;
  };
}

/** The task at this absolute address when it has ended; asks again until then. */
export async function untilEnded(call: ReturnType<typeof callerWith>, url: string) {
  for (;;) {
    const task = await call(url);
    if (["COMPLETED", "FAILED", "ABORTED"].includes(task.status)) return task;
    await new Promise((wake) => setTimeout(wake, 50));
  }
}
