import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { createHome, finished, type Home, startDev } from "../testing/command.ts";

/** Processes that have something below `directory` in their command line or data. */
function processesIn(directory: string): string[] {
  return execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(directory));
}

/** A home whose temporary directory is its own, so that what is left there shows. */
async function createHomeWithTmp(): Promise<Home & { tmp: string }> {
  const home = await createHome();
  const tmp = join(home.directory, "tmp");
  await mkdir(tmp);
  return { ...home, tmp };
}

test("causeway dev prints exactly one JSON line, serves its users, and leaves nothing behind", async () => {
  const home = await createHome();
  const dev = await startDev(home, ["--user", "ana", "--user", "ben"]);
  try {
    assert.match(dev.url, /^http:\/\/127\.0\.0\.1:\d+\/v2$/);
    assert.deepEqual(Object.keys(dev.users), ["ana", "ben"]);
    const roles = [];
    for (const { token } of Object.values(dev.users)) {
      assert.match(token, /^[0-9a-f]{32}$/);
      const answer = await fetch(`${dev.url}/user`, { headers: { "x-sbg-auth-token": token } });
      const { username, role } = (await answer.json()) as { username: string; role: string };
      roles.push([username, role]);
    }
    assert.deepEqual(roles, [
      ["ana", "ADMIN"],
      ["ben", "MEMBER"],
    ]);
  } finally {
    assert.equal(await dev.stop(), 0);
  }
  assert.equal(dev.lines.length, 1);
  await home.remove();
});

test("a kept data directory has the same users at the next start, with working tokens", async () => {
  const home = await createHomeWithTmp();
  const directory = join(home.directory, "kept");
  const first = await startDev(home, ["--user", "ana", "--user", "ben", "--data-dir", directory]);
  assert.equal(await first.stop(), 0);
  const second = await startDev(home, ["--user", "ben", "--user", "cara", "--data-dir", directory]);
  try {
    const environment = { SB_API_ENDPOINT: second.url, SB_AUTH_TOKEN: second.users.ben!.token };
    const { stdout } = await home.run(["user", "list", "--json"], environment);
    const users = JSON.parse(stdout) as { username: string; is_admin: boolean }[];
    assert.deepEqual(
      users.map(({ username, is_admin }) => [username, is_admin]),
      [
        ["ana", true],
        ["ben", true],
        ["cara", false],
      ],
    );

    const third = await finished(home.start(["dev", "--data-dir", directory, "--json"]));
    assert.equal(third.code, 1);
    assert.match(third.stderr, /A platform runs on .* already: process \d+ and serves http/);
  } finally {
    assert.equal(await second.stop(), 0);
  }
  assert.ok(existsSync(directory));
  assert.deepEqual(processesIn(directory), []);
  await home.remove();
});

test("stopped while it starts, or killed outright, causeway dev takes its server and database along", async () => {
  const home = await createHomeWithTmp();
  const environment = { TMPDIR: home.tmp };
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    const child = home.start(["dev", "--json"], environment);
    const ended = finished(child);
    while (!processesIn(home.tmp).some((line) => line.includes("postgres"))) await pause(20);
    child.kill(signal);
    const { code, stdout } = await ended;
    if (signal === "SIGINT") assert.deepEqual({ code, stdout }, { code: 0, stdout: "" });
    while (processesIn(home.tmp).length > 0) await pause(20);
    if (signal === "SIGINT")
      assert.deepEqual(
        (await readdir(home.tmp)).filter((name) => name.startsWith("causeway-dev")),
        [],
      );
  }
  await home.remove();
});
