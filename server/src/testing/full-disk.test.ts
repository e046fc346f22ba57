import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { startKillable } from "./killable-platform.ts";

// One platform, with its embedded database, on two small disks of its own: one for the bytes of files, one for everything
// else. Each is filled while the platform is at work, and emptied again.

const MiB = 2 ** 20;
const RESERVE_MIB = 24;
const cannotMount = process.getuid?.() !== 0 && "needs root: it mounts two small tmpfs";

let root: string;
let data: string;
let platform: Awaited<ReturnType<typeof startKillable>>;
let token: string;
let project: string;

before(async () => {
  if (cannotMount) return;
  root = await mkdtemp(join(tmpdir(), "causeway-full-"));
  await chmod(root, 0o755);
  data = join(root, "data");
  await mkdir(data);
  mount(data, 400);
  await mkdir(join(data, "files"));
  mount(join(data, "files"), 16);
  platform = await startKillable(data, "", {
    settings: {
      CAUSEWAY_DISK_RESERVE_MIB: String(RESERVE_MIB),
      CAUSEWAY_IMAGES: "ignore",
      CAUSEWAY_LOG: process.env.TEST_LOG ?? "silent",
      CAUSEWAY_RATE_LIMIT: "1000000",
    },
  });
  token = (await readFile(join(data, "admin.token"), "utf8")).trim();
  project = (await post("/projects", { name: "Full" })).body.id;
  for (const [name, script] of Object.entries(TOOLS)) await post(`/apps/${project}/${name}/raw`, tool(script));
});

after(async () => {
  if (cannotMount) return;
  platform[0].kill("SIGTERM");
  await once(platform[0], "exit");
  execFileSync("umount", [join(data, "files")]);
  execFileSync("umount", [data]);
  await rm(root, { recursive: true });
});

const TOOLS = {
  small: "echo done",
  endless: "echo begun >&2; sleep 1000",
  large: "head -c 6M /dev/urandom",
  growing: "for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do head -c 20M /dev/urandom; sleep 0.3; done",
};
const tool = (script: string) => ({
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  baseCommand: ["sh", "-c", script],
  inputs: [],
  outputs: [{ id: "out", type: "stdout" }],
});

test("the disk of files fills while an upload comes and an output is stored", { skip: cannotMount }, async () => {
  const kept = randomBytes(MiB);
  const upload = `/upload/multipart/${(await post("/upload/multipart", { project, name: "kept", part_size: 5 * MiB })).body.upload_id}`;
  const put = async (number: number) => {
    const { url } = (await get(`${upload}/part/${number}`)).body;
    const { status, headers } = await fetch(url, { method: "PUT", body: kept });
    return { status, part: { part_number: number, response: { headers: { ETag: headers.get("etag") } } } };
  };
  const ballast = await fill(join(data, "files"), 4 * MiB);
  const task = (await post("/tasks?action=run", { project, app: `${project}/large`, name: "large" })).body.id;
  // The output has 6 MiB, and 4 are free: it waits for room, and says so.
  await says(task, /the disk is full/);
  const rest = await fill(join(data, "files"));
  assert.deepEqual((await put(1)).status, 507);
  assert.equal((await get(`/tasks/${task}`)).body.status, "RUNNING");
  assert.equal((await get(`/files?project=${project}`)).status, 200);

  await rm(rest);
  await rm(ballast);
  const { status, part } = await put(1);
  assert.equal(status, 200);
  const file = (await post(`${upload}/complete`, { parts: [part] })).body;
  assert.equal(await sha256Of(file.id), createHash("sha256").update(kept).digest("hex"));
  const { outputs } = await ended(task, "COMPLETED");
  assert.equal((await get(`/files/${outputs.out.path}`)).body.size, 6 * MiB);
});

test("a task is aborted while the disk of files is full, where the last of its job's logs have no room", {
  skip: cannotMount,
}, async () => {
  const task = (await post("/tasks?action=run", { project, app: `${project}/endless`, name: "endless" })).body.id;
  const logsOf = async () => (await get(`/tasks/${task}/execution_details`)).body.jobs[0]?.logs ?? {};
  await until(logsOf, (logs: object) => "job.err.log" in logs);
  const ballast = await fill(join(data, "files"));
  await post(`/tasks/${task}/actions/abort`, {});
  await ended(task, "ABORTED");
  await rm(ballast);
});

test("the disk of jobs fills while one runs: it fails and says so, and the next one waits for room", {
  skip: cannotMount,
}, async () => {
  const growing = (await post("/tasks?action=run", { project, app: `${project}/growing`, name: "growing" })).body.id;
  const { execution_status } = await ended(growing, "FAILED");
  assert.match(execution_status.message, /disk .* is full/);

  const ballast = await fill(data, (RESERVE_MIB - 4) * MiB);
  const waiting = (await post("/tasks?action=run", { project, app: `${project}/small`, name: "waiting" })).body.id;
  await says(waiting, /disk .* is full/);
  await rm(ballast);
  await ended(waiting, "COMPLETED");
});

test("the disk of the database fills: what cannot be written is refused, what can be read is read, nothing is lost", {
  skip: cannotMount,
}, async () => {
  const large = () => ({ ...tool("true"), doc: randomBytes(MiB).toString("base64") });
  const put = (number: number) => send("POST", `/apps/${project}/app-${number}/raw`, large());
  const ballast = await fill(data);
  let stored = 0;
  let refused = await put(stored);
  for (; refused.status === 200; refused = await put(++stored));
  assert.deepEqual([refused.status, refused.body.code], [503, 6000]);
  await rm(ballast);
  await until(
    async () => (await get("/user")).status,
    (status) => status === 200,
  );
  for (let number = 0; number < stored; number++) assert.equal((await get(`/apps/${project}/app-${number}`)).status, 200);
  await until(
    async () => (await put(stored)).status,
    (status) => status === 200,
  );
  const task = (await post("/tasks?action=run", { project, app: `${project}/small`, name: "after" })).body.id;
  await ended(task, "COMPLETED");
  assert.equal(platform[0].exitCode, null);
});

function mount(directory: string, size: number): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}m,mode=755`, "tmpfs", directory]);
}

/** Fills the disk of a directory until no more than `leave` bytes are free; answers the file that did it. */
async function fill(directory: string, leave = 0): Promise<string> {
  const path = join(directory, `ballast-${leave}`);
  await writeFile(path, "");
  const free = () => Number(execFileSync("df", ["--output=avail", "-B1", directory], { encoding: "utf8" }).split("\n")[1]);
  try {
    for (let more = free() - leave; more > 0; more = free() - leave)
      await appendFile(path, Buffer.alloc(Math.min(more, 8 * MiB)));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
  }
  return path;
}

async function send(method: string, path: string, body?: unknown) {
  const headers = { "x-sbg-auth-token": token, "content-type": "application/json" };
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(platform[1] + path, { method, headers, ...init });
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an answer.
  return { status: answer.status, body: (await answer.json()) as any };
}
const get = (path: string) => send("GET", path);
async function post(path: string, body: unknown) {
  const answer = await send("POST", path, body);
  assert.ok(answer.status < 300, JSON.stringify(answer));
  return answer;
}

const says = (task: string, message: RegExp) =>
  until(
    async () => (await get(`/tasks/${task}`)).body.execution_status.message,
    (found) => message.test(found),
  );

async function ended(task: string, status: string) {
  const state = async () => (await get(`/tasks/${task}`)).body;
  await until(state, ({ status }: { status: string }) => ["COMPLETED", "FAILED", "ABORTED"].includes(status));
  const { body } = await get(`/tasks/${task}`);
  assert.equal(body.status, status, JSON.stringify(body));
  return body;
}

async function sha256Of(file: string): Promise<string> {
  const { url } = (await get(`/files/${file}/download_info`)).body;
  return createHash("sha256")
    .update(Buffer.from(await (await fetch(url)).arrayBuffer()))
    .digest("hex");
}

/** Asks until the answer is as wanted; a platform that never gets there fails the test with what it says instead. */
async function until(look: () => Promise<unknown>, isWanted: (found: never) => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const found = await look();
    if (isWanted(found as never)) return;
    if (Date.now() > deadline) assert.fail(`it stays at ${JSON.stringify(found)}`);
    await pause(200);
  }
}
