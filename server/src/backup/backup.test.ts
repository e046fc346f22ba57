import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import pg from "pg";
import pino from "pino";
import { openBlobStore } from "../blob-store.ts";
import { readSettings, type Settings } from "../settings.ts";
import { settleRestoredTasks } from "../tasks/running/restored-tasks.ts";
import { abortAll } from "../tasks/testing.ts";
import { createEmptyDatabase } from "../testing/database.ts";
import { createWorld, type World } from "../testing/world.ts";
import { settleRestoredUploads } from "../uploads/restored-uploads.ts";
import { createPlatform } from "../wiring/platform.ts";
import { backUp } from "./backup.ts";
import { holdBytes } from "./hold.ts";
import { BackupRefused, readManifest } from "./manifest.ts";
import { restore } from "./restore.ts";

const MAIN = new URL("../main.ts", import.meta.url).pathname;
const quiet = () => {};

const undoings = new WeakMap<TestContext, AsyncDisposableStack>();

/** Undoes what a test has made, the last first: a platform is closed before its database goes. */
function afterwards(context: TestContext, undo: () => Promise<unknown>): void {
  let stack = undoings.get(context);
  if (!stack) {
    const made = new AsyncDisposableStack();
    undoings.set(context, made);
    context.after(() => made.disposeAsync());
    stack = made;
  }
  stack.defer(async () => {
    await undo();
  });
}

async function temporary(context: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "causeway-backup-"));
  afterwards(context, () => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function worldFor(context: TestContext, overrides: Partial<Settings> = {}): Promise<World> {
  const world = await createWorld(overrides);
  afterwards(context, () => world.close());
  return world;
}

async function backUpWorld(world: World, directory: string) {
  return backUp({
    databaseUrl: world.settings.databaseUrl,
    store: world.platform.store,
    dataDirectory: world.directory,
    directory,
    fetchesBytes: false,
    tell: quiet,
  });
}

/** Restores to a new data directory and a new database, whose settings are answered. */
async function restoreTo(context: TestContext, directory: string, dataDirectory: string): Promise<Settings> {
  const database = await createEmptyDatabase();
  afterwards(context, () => database.drop());
  const settings: Settings = {
    ...readSettings({}),
    port: 0,
    dataDirectory,
    databaseUrl: database.url,
    databaseConnections: 17,
    rateLimit: 1_000_000,
    logLevel: "silent",
  };
  await restore({
    directory,
    dataDirectory,
    openStore: () => openBlobStore(settings),
    openDatabase: async () => ({ url: database.url, close: async () => {} }),
    settle: [settleRestoredTasks, settleRestoredUploads],
    tell: quiet,
  });
  return settings;
}

const SLOW = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  baseCommand: ["sh", "-c", "sleep 3; cat $0"],
  inputs: { text: { type: "File", inputBinding: { position: 1 } } },
  outputs: { copy: { type: "stdout" } },
};

test("what was acknowledged before a backup began is in it, byte for byte, whatever goes on meanwhile", async (context) => {
  const world = await worldFor(context);
  const project = await world.project("ana");
  const kept = new Map<string, Buffer>();
  const uploadOne = async (name: string) => {
    const bytes = randomBytes(1 + Math.floor(Math.random() * 200_000));
    kept.set((await world.file("ana", project.id, name, bytes)).id, bytes);
  };
  for (let i = 0; i < 5; i++) await uploadOne(`first-${i}`);
  await world.post("ana", `/apps/${project.id}/slow/raw`, SLOW);
  const [input, text] = [...kept][0]!;
  const app = { project: project.id, app: `${project.id}/slow`, inputs: { text: { class: "File", path: input } } };
  const task = await world.post("ana", "/tasks?action=run", app);
  assert.equal(task.status, 200);
  const begun = await world.post("ana", "/upload/multipart", { project: project.id, name: "unfinished", size: 10 });
  for (;;) {
    const { body } = await world.get("ana", `/tasks/${task.body.id}/execution_details`);
    if (body.jobs[0]?.status === "RUNNING") break;
    await new Promise((wake) => setTimeout(wake, 50));
  }

  // Uploads and copies go on, before, during and after.
  let isLoaded = true;
  const load = [1, 2].map(async (one) => {
    for (let i = 0; isLoaded; i++) {
      await uploadOne(`load-${one}-${i}`);
      await world.post("ana", "/action/files/copy", { project: project.id, file_ids: [input] });
    }
  });
  await new Promise((wake) => setTimeout(wake, 300));
  const acknowledged = new Map(kept);
  const directory = join(await temporary(context), "backup");
  const made = await backUpWorld(world, directory);
  isLoaded = false;
  await Promise.all(load);
  assert.equal(made.damaged, 0);
  assert.ok(made.blobs >= acknowledged.size);
  assert.equal((await stat(directory)).mode & 0o777, 0o700);

  const settings = await restoreTo(context, directory, join(await temporary(context), "data"));
  const restored = await createPlatform(settings, pino({ level: "silent" }));
  afterwards(context, () => restored.close());
  const url = `${await restored.listen()}/v2`;
  const headers = { "x-sbg-auth-token": await world.token("ana") };
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an answer.
  const get = async (path: string): Promise<any> => (await fetch(url + path, { headers })).json();
  const download = async (id: string) => {
    const { url: address } = await get(`/files/${id}/download_info`);
    const answer = await fetch(address);
    assert.equal(answer.status, 200);
    return Buffer.from(await answer.arrayBuffer());
  };
  for (const [id, bytes] of acknowledged) assert.deepEqual(await download(id), bytes, id);
  // Uploads whose parts are not in the backup are not offered to be gone on with.
  assert.equal((await fetch(`${url}/upload/multipart/${begun.body.upload_id}`, { headers })).status, 404);
  // The task goes on: its job runs again, from nothing but the backup.
  for (let now = "RUNNING"; now !== "COMPLETED"; ) {
    const { status, execution_status, outputs } = await get(`/tasks/${task.body.id}`);
    assert.ok(["QUEUED", "RUNNING", "COMPLETED"].includes(status), execution_status?.message);
    now = status;
    if (status === "COMPLETED") assert.deepEqual(await download(outputs.copy.path), text);
    else await new Promise((wake) => setTimeout(wake, 100));
  }
  await abortAll(world, "ana");
});

test("a backup of which one byte is another is refused, and no platform starts on what was begun with it", async (context) => {
  const world = await worldFor(context);
  const project = await world.project("ana");
  await world.file("ana", project.id, "one.txt", "the bytes of one\n");
  const place = await temporary(context);
  await backUpWorld(world, join(place, "backup"));
  const blobs = join(place, "backup", "blobs");
  const group = (await readdir(blobs))[0]!;
  const damage = [
    join(blobs, group, (await readdir(join(blobs, group)))[0]!),
    join(place, "backup", "database", "public.files.copy.gz"),
    join(place, "backup", "data", "secrets", "links"),
    join(place, "backup", "blobs.tsv"),
    join(place, "backup", "manifest.json"),
  ];
  for (const [index, path] of damage.entries()) {
    const right = await readFile(path);
    const wrong = Buffer.from(right);
    wrong[wrong.length - 10]! ^= 1;
    await chmod(path, 0o600);
    await writeFile(path, wrong);
    const data = join(place, `data-${index}`);
    await assert.rejects(restoreTo(context, join(place, "backup"), data), (error) => {
      assert.ok(error instanceof BackupRefused, String(error));
      assert.match(error.message, /damaged/);
      return true;
    });
    if (index === 0) assert.ok(existsSync(join(data, "RESTORING")));
    await writeFile(path, right);
  }
  // The same directory can be restored to again.
  await restoreTo(context, join(place, "backup"), join(place, "data-0"));
  await assert.rejects(restoreTo(context, join(place, "backup"), join(place, "data-0")), /is not empty/);
});

test("a backup that is killed at any moment looks like none, and the same command goes on with it", async (context) => {
  const world = await worldFor(context);
  const project = await world.project("ana");
  for (let i = 0; i < 20; i++) await world.file("ana", project.id, `file-${i}`);
  const directory = join(await temporary(context), "backup");
  const env = {
    ...process.env,
    DATABASE_URL: world.settings.databaseUrl,
    CAUSEWAY_DATA: world.directory,
  };
  for (const marker of ["UNFINISHED", "blobs.wanted.tsv", "blobs"]) {
    const child = spawn(process.execPath, [MAIN, "--backup", directory], { env, stdio: "ignore" });
    const ended = once(child, "exit");
    while (!existsSync(join(directory, marker)) && child.exitCode === null) await new Promise((wake) => setTimeout(wake, 1));
    child.kill("SIGKILL");
    const [code] = await ended;
    if (code !== 0) await assert.rejects(readManifest(directory), /broken off/);
  }
  if (!existsSync(join(directory, "manifest.json"))) await backUpWorld(world, directory);
  assert.equal((await readManifest(directory)).bytes.blobs, 20);
  await assert.rejects(backUpWorld(world, directory), /holds a complete backup already/);
  const other = await temporary(context);
  await writeFile(join(other, "thesis.txt"), "not a backup");
  await assert.rejects(backUpWorld(world, other), /is no backup/);
});

test("sweeps remove no bytes while a backup is made, and bytes that are missing are named in it", async (context) => {
  const world = await worldFor(context);
  const project = await world.project("ana");
  const gone = await world.file("ana", project.id, "gone");
  await world.file("ana", project.id, "stays");
  const client = new pg.Client({ connectionString: world.settings.databaseUrl });
  await client.connect();
  const hold = await holdBytes(client);
  const directory = join(await temporary(context), "backup");
  await assert.rejects(backUpWorld(world, directory), /Another backup/);
  await world.delete("ana", `/files/${gone.id}`);
  const later = new Date(Date.now() + 1000 * 24 * 60 * 60 * 1000);
  const { fileSweep, uploadSweep } = world.platform.services;
  await uploadSweep.dropIdle(later);
  assert.equal(await fileSweep.removeDeleted(later), 1);
  assert.equal(await fileSweep.removeUnreferenced(later), 0);
  await hold.release();
  await client.end();
  assert.equal(await fileSweep.removeUnreferenced(later), 1);

  for await (const { key } of world.platform.store.list()) await world.platform.store.remove(key);
  assert.equal((await backUpWorld(world, directory)).damaged, 1);
  assert.match(await readFile(join(directory, "blobs.tsv"), "utf8"), /\tits bytes are missing\n$/);
});
