import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import pino from "pino";
import { readSettings } from "../settings.ts";
import { createTestDatabase } from "../testing/database.ts";
import { type World, withWorld } from "../testing/world.ts";
import { createPlatform } from "../wiring/platform.ts";

const MiB = 1024 * 1024;
const PART = 5 * MiB;
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const report = (number: number, etag: string) => ({ part_number: number, response: { headers: { ETag: etag } } });

/** A server process, its disk and its database, that can be killed and started again. */
class Server {
  readonly directory: string;
  readonly databaseUrl: string;
  readonly token: string;
  #process: ChildProcess | undefined;
  url = "";

  constructor(directory: string, databaseUrl: string, token: string) {
    this.directory = directory;
    this.databaseUrl = databaseUrl;
    this.token = token;
  }

  async start(): Promise<void> {
    const environment = {
      CAUSEWAY_DATA: this.directory,
      DATABASE_URL: this.databaseUrl,
      CAUSEWAY_PORT: "0",
      CAUSEWAY_LOG: "error",
    };
    const main = new URL("../main.ts", import.meta.url).pathname;
    this.#process = spawn(process.execPath, [main], {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface(this.#process.stdout!)) {
      this.url = JSON.parse(line).ready;
      return;
    }
    throw new Error("the server ended before it was ready");
  }

  async kill(): Promise<void> {
    this.#process!.kill("SIGKILL");
    if (this.#process!.exitCode === null && this.#process!.signalCode === null) await once(this.#process!, "exit");
  }

  async call(method: string, path: string, body?: unknown) {
    const response = await fetch(this.url + path, {
      method,
      headers: { "x-sbg-auth-token": this.token, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  }

  /** Sends a part and reports it. */
  async send(upload: string, number: number, bytes: Uint8Array): Promise<void> {
    const { body } = await this.call("GET", `/upload/multipart/${upload}/part/${number}`);
    const put = await fetch(body.url, { method: "PUT", body: bytes as RequestInit["body"] });
    await this.call("POST", `/upload/multipart/${upload}/part`, report(number, put.headers.get("etag") ?? ""));
  }

  async download(id: string): Promise<Buffer> {
    const { body } = await this.call("GET", `/files/${id}/download_info`);
    return Buffer.from(await (await fetch(body.url)).arrayBuffer());
  }
}

/** Runs the story with a server that has one user, who has one project. */
async function withServer(story: (server: Server, project: string) => Promise<void>): Promise<void> {
  const database = await createTestDatabase();
  const directory = await mkdtemp(join(tmpdir(), "causeway-killed-"));
  const settings = { ...readSettings({}), databaseUrl: database.url, dataDirectory: directory };
  const platform = await createPlatform(settings, pino({ level: "silent" }));
  const { token } = await platform.services.users.create({ username: "ana" });
  await platform.close();
  const server = new Server(directory, database.url, token);
  try {
    await server.start();
    const { body } = await server.call("POST", "/projects", { name: "Reef" });
    await story(server, body.id);
  } finally {
    await server.kill();
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  }
}

const ROUNDS = Number(process.env.TEST_ROUNDS ?? 4);

test("kill -9 of the server at any moment of an upload leaves a whole file, or an upload to go on with", async () => {
  const bytes = randomBytes(2 * PART + 1234);
  const part = (number: number) => bytes.subarray((number - 1) * PART, number * PART);
  await withServer(async (server, project) => {
    for (let round = 0; round < ROUNDS; round++) {
      const name = `round ${round}`;
      const { body: started } = await server.call("POST", "/upload/multipart", {
        name,
        project,
        size: bytes.length,
        part_size: PART,
      });
      const id: string = started.upload_id;
      // The last round is cut while it is being completed; the others wherever they happen to be.
      const moment = round === ROUNDS - 1 ? 0 : Math.random() * 250;
      const uploading = (async () => {
        await Promise.all([1, 2, 3].map((number) => server.send(id, number, part(number))));
        return server.call("POST", `/upload/multipart/${id}/complete`);
      })().catch(() => undefined);
      if (round === ROUNDS - 1) await Promise.all([1, 2, 3].map((number) => server.send(id, number, part(number))));
      await new Promise((wake) => setTimeout(wake, moment));
      await server.kill();
      await uploading;
      await server.start();

      const cut = `killed after ${moment} ms of round ${round}`;
      const files = () =>
        server.call("GET", `/files?project=${project}&name=${encodeURIComponent(name)}`).then(({ body }) => body.items);
      const open = await server.call("GET", `/upload/multipart/${id}?list_parts=true`);
      if (open.status === 200) {
        assert.deepEqual(await files(), [], cut);
        const there = new Set(open.body.parts.map(({ part_number }: { part_number: number }) => part_number));
        // The parts of a completion that was cut at its end are in the blob already: completing goes on without them.
        for (const number of [1, 2, 3]) if (!there.has(number)) await server.send(id, number, part(number));
      }
      const done = await server.call("POST", `/upload/multipart/${id}/complete`);
      assert.equal(done.status, 200, `${cut}: ${JSON.stringify(done.body)}`);
      const [file] = await files();
      assert.equal(file.id, done.body.id, cut);
      assert.equal(sha256(await server.download(file.id)), sha256(bytes), cut);
    }
  });
});

test("after kill -9 an upload can be aborted, and nothing of it stays on the disk", async () => {
  await withServer(async (server, project) => {
    const { body: started } = await server.call("POST", "/upload/multipart", { name: "a", project, part_size: PART });
    const sending = server.send(started.upload_id, 1, randomBytes(PART)).catch(() => undefined);
    await server.send(started.upload_id, 2, randomBytes(PART));
    await server.kill();
    await sending;
    await server.start();
    assert.equal((await server.call("DELETE", `/upload/multipart/${started.upload_id}`)).status, 204);
    assert.equal((await server.call("POST", `/upload/multipart/${started.upload_id}/complete`)).body.code, 8003);
    assert.equal(execFileSync("find", [join(server.directory, "files"), "-type", "f"], { encoding: "utf8" }), "");
  });
});

test(
  "a client that is killed amid a part can be followed by another, which sends only what is missing",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const bytes = randomBytes(2 * PART);
    const { body } = await world.post("ana", "/upload/multipart", {
      name: "a",
      project: project.id,
      size: 2 * PART,
      part_size: PART,
    });
    const path = `/upload/multipart/${body.upload_id}`;
    const send = async (number: number) => {
      const { url } = (await world.get("ana", `${path}/part/${number}`)).body;
      const put = await fetch(url, { method: "PUT", body: bytes.subarray((number - 1) * PART, number * PART) });
      await world.post("ana", `${path}/part`, report(number, put.headers.get("etag")!));
    };
    await send(1);
    const { url } = (await world.get("ana", `${path}/part/2`)).body;
    const script = `const request = require("http").request(process.argv[1], { method: "PUT", headers: { "content-length": ${PART} } });
      request.write(Buffer.alloc(${MiB}), () => console.log("half"));`;
    const client = spawn(process.execPath, ["-e", script, url], { stdio: ["ignore", "pipe", "inherit"] });
    await once(client.stdout, "data");
    client.kill("SIGKILL");
    await once(client, "exit");

    const { parts } = (await world.get("ana", `${path}?list_parts=true`)).body;
    assert.deepEqual(
      parts.map(({ part_number }: { part_number: number }) => part_number),
      [1],
    );
    assert.equal((await world.post("ana", `${path}/complete`)).body.code, 8007);
    await send(2);
    const done = await world.post("ana", `${path}/complete`);
    assert.equal(done.status, 200);
    assert.equal(sha256(await download(world, done.body.id)), sha256(bytes));
  }),
);

test("a full disk refuses a part without an ETag; when there is room again the upload goes on", async (t) => {
  if (process.getuid?.() !== 0) return t.skip("needs root: it mounts a small tmpfs");
  const directory = await mkdtemp(join(tmpdir(), "causeway-full-"));
  const disk = join(directory, "files");
  await mkdir(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=14m", "tmpfs", disk]);
  try {
    await withWorld(fillTheDisk, { dataDirectory: directory })();
  } finally {
    execFileSync("umount", [disk]);
    await rm(directory, { recursive: true, force: true });
  }
});

async function fillTheDisk(world: World): Promise<void> {
  const project = await world.project("ana");
  const start = async (name: string) => {
    const { body } = await world.post("ana", "/upload/multipart", { name, project: project.id, part_size: PART });
    return `/upload/multipart/${body.upload_id}`;
  };
  const put = async (path: string, number: number, bytes: Uint8Array) => {
    const { url } = (await world.get("ana", `${path}/part/${number}`)).body;
    const { status, headers } = await fetch(url, { method: "PUT", body: bytes as RequestInit["body"] });
    return { status, etag: headers.get("etag") };
  };
  const bytes = randomBytes(2 * PART);
  const ballast = await start("ballast");
  assert.equal((await put(ballast, 1, bytes.subarray(0, PART))).status, 200);
  const path = await start("a");
  const first = await put(path, 1, bytes.subarray(0, PART));
  assert.equal(first.status, 200);

  assert.deepEqual(await put(path, 2, bytes.subarray(PART)), { status: 507, etag: null });
  assert.equal((await world.post("ana", `${path}/part`, report(2, ""))).body.code, 8014);
  assert.deepEqual((await world.get("ana", `/files?project=${project.id}`)).body.items, []);

  assert.equal((await world.delete("ana", ballast)).status, 204);
  const second = await put(path, 2, bytes.subarray(PART));
  assert.equal(second.status, 200);
  const parts = [report(1, first.etag!), report(2, second.etag!)];
  const done = await world.post("ana", `${path}/complete`, { parts });
  assert.equal(sha256(await download(world, done.body.id)), sha256(bytes));
}

async function download(world: World, id: string): Promise<Buffer> {
  const { body } = await world.get("ana", `/files/${id}/download_info`);
  return Buffer.from(await (await fetch(body.url)).arrayBuffer());
}
