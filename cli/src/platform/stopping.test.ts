import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { createHome, finished, type Home } from "../testing/command.ts";
import { ROOT } from "./server-process.ts";

/** Processes that have something below `directory` in their command line. */
function processesIn(directory: string): { pid: number; args: string }[] {
  return execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(directory))
    .map((line) => ({ pid: Number.parseInt(line, 10), args: line.trim() }));
}

const allGone = async (directory: string) => {
  while (processesIn(directory).length > 0) await pause(50);
};

/** An empty database is made once: it takes longest. */
const CAUSEWAY_EMPTY_CLUSTERS = await mkdtemp(join(tmpdir(), "causeway-empty-clusters-"));
after(() => rm(CAUSEWAY_EMPTY_CLUSTERS, { recursive: true }));
const QUIET = { CAUSEWAY_EMPTY_CLUSTERS, CAUSEWAY_LOG: "silent", CAUSEWAY_DATABASE_DURABLE: "false" };

interface Serving {
  home: Home;
  data: string;
  cli: ChildProcess;
  url: string;
  token: string;
  server: number;
  database: number;
}

/** `causeway serve` on a directory of its own, when it serves. */
async function startServing(home: Home, settings: Record<string, string> = {}): Promise<Serving> {
  const data = join(home.directory, "data");
  const cli = home.start(["serve", "--port", "0", "--data-dir", data, "--json"], { ...QUIET, ...settings });
  const [line] = (await once(createInterface({ input: cli.stdout! }), "line")) as [string];
  const { url, token_file } = JSON.parse(line) as { url: string; token_file: string };
  const { pid } = JSON.parse(readFileSync(join(data, "running.json"), "utf8")) as { pid: number };
  const database = Number.parseInt(readFileSync(join(data, "database", "cluster", "postmaster.pid"), "utf8"), 10);
  return { home, data, cli, url, token: readFileSync(token_file, "utf8").trim(), server: pid, database };
}

/** 200 files of random bytes in ten directories, by their paths below `directory`. */
async function manyFiles(directory: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (let number = 0; number < 200; number++) {
    const path = join(`lane${number % 10}`, `${number}.fastq`);
    await mkdir(join(directory, `lane${number % 10}`), { recursive: true });
    files.set(path, randomBytes(1000 + number));
    await writeFile(join(directory, path), files.get(path)!);
  }
  return files;
}

/** How many files a project has, 50 at most; folders do not count. */
async function filesIn({ url, token }: Serving, project: string): Promise<number> {
  const answer = await fetch(`${url}/files/search`, {
    method: "POST",
    headers: { "x-sbg-auth-token": token, "content-type": "application/json" },
    body: JSON.stringify({ query: `IN "${project}" WHERE type = "FILE" RECURSIVE` }),
  });
  return ((await answer.json()) as { count: number }).count;
}

/** A database server with all its processes. */
const familyOf = (pid: number): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return name === String(pid) || new RegExp(`^PPid:\\s*${pid}$`, "m").test(readFileSync(`/proc/${name}/status`, "utf8"));
      } catch {
        return false; // It has ended since.
      }
    })
    .map(Number);

test("SIGTERM ends the platform and its database, also when the database hangs and a client waits for it", async () => {
  const home = await createHome();
  const { data, cli, url, token, database } = await startServing(home, { CAUSEWAY_STOP_SECONDS: "1" });
  const ended = finished(cli);
  const family = familyOf(database);
  assert.ok(family.length > 3);
  for (const pid of family) process.kill(pid, "SIGSTOP");
  // A request that waits for the database, with its client waiting for the answer.
  const asked = fetch(`${url}/user`, { headers: { "x-sbg-auth-token": token } }).catch(() => "cut");
  await pause(100);
  cli.kill("SIGTERM");
  const { code, stderr } = await ended;
  assert.equal(code, 1);
  assert.match(stderr, /did not end within 1 s \(CAUSEWAY_STOP_SECONDS\)/);
  await asked;
  await allGone(data);

  const again = await startServing(home);
  const answer = await fetch(`${again.url}/user`, { headers: { "x-sbg-auth-token": token } });
  assert.equal(answer.status, 200);
  again.cli.kill("SIGTERM");
  assert.equal((await finished(again.cli)).code, 0);
  await allGone(data);
  await home.remove();
});

test("a server that does not react is killed at the second signal, and its database ends with it", async () => {
  const home = await createHome();
  const { data, cli, server } = await startServing(home);
  const ended = finished(cli);
  process.kill(server, "SIGSTOP");
  cli.kill("SIGTERM");
  await pause(1200); // A signal that comes within a second of the first is taken for the same one.
  cli.kill("SIGTERM");
  assert.equal((await ended).code, 1);
  await allGone(data);
  await home.remove();
});

test("a server killed amid an upload takes its database along; after the next start the same command uploads the rest", async () => {
  const home = await createHome();
  const first = await startServing(home);
  const ended = finished(first.cli);
  const at = ({ url }: Serving) => ({ SB_API_ENDPOINT: url, SB_AUTH_TOKEN: first.token });
  const files = await manyFiles(join(home.directory, "work", "reads"));
  const { id: project } = JSON.parse((await home.run(["project", "create", "Reef", "--json"], at(first))).stdout);
  const upload = ["upload", "-r", "reads", "--project", project];

  const cut = home.start(upload, at(first));
  const uploading = finished(cut);
  while ((await filesIn(first, project)) < 20) await pause(20);
  process.kill(first.server, "SIGKILL");
  assert.equal((await ended).code, 1);
  const { code, stderr } = await uploading;
  assert.notEqual(code, 0);
  assert.match(stderr, /cannot be reached/);

  // At once: the old database may still be on its way down.
  const second = await startServing(home);
  const again = await home.run(upload, at(second));
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout + again.stderr, /of 200 files were there already/);
  const down = await home.run(["download", `${project}/reads`, "-o", "down"], at(second));
  assert.equal(down.code, 0, down.stderr);
  for (const [path, bytes] of files)
    assert.deepEqual(await readFile(join(home.directory, "work", "down", "reads", path)), bytes, path);
  second.cli.kill("SIGTERM");
  assert.equal((await finished(second.cli)).code, 0);
  await allGone(second.data);
  await home.remove();
});

test("causeway serve ends with the npx or npm run that started it, which pass no signal on, and outlives a shell", async () => {
  const starters: [NodeJS.Signals, string, ...string[]][] = [
    ["SIGTERM", "npx", "causeway"],
    ["SIGKILL", "npm", "run", "--silent", "causeway", "--"],
    ["SIGKILL", "bash", "-c", '"$0" cli/src/main.ts "$@"; true', process.execPath],
  ];
  for (const [signal, command, ...args] of starters) {
    const home = await createHome();
    const data = join(home.directory, "data");
    const env = { ...process.env, HOME: home.directory, ...QUIET };
    // As in a shell of one's own: nothing tells of an npm that runs these tests.
    for (const name of Object.keys(env)) if (/^npm_/.test(name)) delete env[name as keyof typeof env];
    const serve = ["serve", "--port", "0", "--data-dir", data, "--json"];
    const starter = spawn(command, [...args, ...serve], { cwd: ROOT, env, stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(createInterface({ input: starter.stdout! }), "line")) as [string];
    const gone = once(starter, "exit");
    starter.kill(signal);
    await gone;
    if (command === "bash") {
      await pause(1500); // three looks at the parents
      const { url } = JSON.parse(line) as { url: string };
      assert.equal((await fetch(`${url}/user`)).status, 401, "it serves");
      const { pid } = processesIn(data).find(({ args }) => args.includes("cli/src/main.ts"))!;
      process.kill(pid, "SIGTERM");
    }
    await allGone(data);
    await home.remove();
  }
});

test("causeway dev ends with whoever started it: a shell, npx, npm run", async () => {
  const starters: [NodeJS.Signals, string, ...string[]][] = [
    // The second command keeps the shell from becoming the first.
    ["SIGKILL", "bash", "-c", '"$0" cli/src/main.ts dev --json; true', process.execPath],
    ["SIGTERM", "npx", "causeway", "dev", "--json"],
    ["SIGKILL", "npm", "run", "--silent", "causeway", "--", "dev", "--json"],
  ];
  for (const [signal, command, ...args] of starters) {
    const home = await createHome();
    const tmp = join(home.directory, "tmp");
    await mkdir(tmp);
    const env = { ...process.env, HOME: home.directory, TMPDIR: tmp, ...QUIET };
    const starter = spawn(command, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "inherit"] });
    await once(createInterface({ input: starter.stdout! }), "line");
    assert.ok(processesIn(tmp).length > 0);
    starter.kill(signal);
    await allGone(tmp);
    const left = async () => (await readdir(tmp)).filter((name) => name.startsWith("causeway-dev"));
    while ((await left()).length > 0) await pause(50);
    await home.remove();
  }
});
