import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeBucket, noProgram, S3_KEYS, startVersitygw } from "@causeway/storage/testing";
import { sql } from "kysely";
import { openDatabase } from "../db/database.ts";
import { createTestDatabase } from "../testing/database.ts";
import { callerWith, startKillable } from "../testing/killable-platform.ts";

/** How often the platform is killed while the jobs run. */
const KILLS = 3;
const EXPORTS = 6;
const OBJECTS = 1500;
/** Goes in several parts. */
const LARGE = 40 * 2 ** 20;

type Call = ReturnType<typeof callerWith>;

test("imports and exports of a platform that is killed again and again all end, and lose and make up nothing", async () => {
  const directory = await mkdtemp(join(tmpdir(), "causeway-crash-"));
  const share = await mkdtemp(join(tmpdir(), "causeway-share-"));
  const database = await createTestDatabase();
  const { db, close } = openDatabase(database.url, 1);
  const bucket = noProgram("versitygw") ? undefined : await startVersitygw();
  const settings = {
    CAUSEWAY_VOLUME_ROOTS: JSON.stringify({ share: { path: share, mode: "RW" } }),
    CAUSEWAY_VOLUME_ENDPOINTS: "127.0.0.1",
  };
  let server: ChildProcess | undefined;
  try {
    await mkdir(join(share, "in"));
    for (let number = 0; number < OBJECTS; number++) await writeFile(join(share, "in", `s${number}.bam`), `bytes of ${number}`);
    let url: string;
    [server, url] = await startKillable(directory, database.url, { settings });
    const call = callerWith((await readFile(join(directory, "admin.token"), "utf8")).trim());
    const project = await call(`${url}/projects`, { name: "Source" });
    const volumes = [(await call(`${url}/storage/volumes`, { name: "nas", service: { type: "local", bucket: "share" } })).id];
    if (bucket) {
      await makeBucket(bucket, "lab");
      const credentials = { access_key_id: S3_KEYS.accessKeyId, secret_access_key: S3_KEYS.secretAccessKey };
      const service = { type: "S3", bucket: "lab", endpoint: bucket.endpoint, credentials };
      volumes.push((await call(`${url}/storage/volumes`, { name: "s3", service })).id);
    }
    const sent = new Map<string, string>();
    const items: object[] = [];
    for (const volume of volumes) {
      for (let number = 0; number < EXPORTS; number++) {
        const bytes = randomBytes(number === 0 ? LARGE : 10_000);
        const file = await upload(call, url, project.root_folder, `${volume.replace("/", "-")}-${number}`, bytes);
        sent.set(file, createHash("sha256").update(bytes).digest("hex"));
        items.push({ source: { file }, destination: { volume, location: `out/${number}` } });
      }
    }
    const { items: exports } = await call(`${url}/bulk/storage/exports/create`, { items });
    const folder = { source: { volume: volumes[0], location: "in/" }, destination: { project: project.id, name: "in" } };
    const imported = await call(`${url}/storage/imports`, folder);

    for (let kill = 0; kill < KILLS; kill++) {
      // A moment of its own each time: the point is to hit every line once in a while.
      await new Promise((wake) => setTimeout(wake, Math.random() * 700));
      server.kill("SIGKILL");
      await once(server, "exit");
      [server, url] = await startKillable(directory, database.url, { settings });
    }
    for (const { resource } of exports) {
      const job = await untilEnded(call, `${url}/storage/exports/${resource.id}`);
      assert.equal(job.state, "COMPLETED", JSON.stringify(job.error));
      const file = await call(`${url}/files/${job.source.file}`);
      assert.deepEqual(file.storage, { type: "VOLUME", ...job.destination });
      const { url: link } = await call(`${url}/files/${job.source.file}/download_info`);
      const bytes = Buffer.from(await (await fetch(link)).arrayBuffer());
      assert.equal(createHash("sha256").update(bytes).digest("hex"), sent.get(job.source.file));
    }
    const job = await untilEnded(call, `${url}/storage/imports/${imported.id}`);
    assert.equal(job.state, "COMPLETED", JSON.stringify(job.error));
    const { rows } = await sql<{ files: number; left: number }>`
      select (select count(*) from files where parent = ${job.result.id} and deleted_at is null) as files,
        (select count(*) from import_objects) + (select count(*) from export_parts)
          + (select count(*) from exports where upload is not null) as left`.execute(db);
    assert.deepEqual(rows, [{ files: OBJECTS, left: 0 }]);
    const names = (await readdir(join(share, "out"))).filter((name) => !name.startsWith("."));
    assert.deepEqual(names.sort(), Array.from({ length: EXPORTS }, (_, number) => String(number)).sort());
  } finally {
    server?.kill("SIGKILL");
    await close();
    await database.drop();
    await bucket?.stop();
    for (const each of [directory, share]) await rm(each, { recursive: true, force: true });
  }
});

async function upload(call: Call, url: string, parent: string, name: string, bytes: Buffer): Promise<string> {
  const started = await call(`${url}/upload/multipart`, { parent, name, size: bytes.length, part_size: 5 * 2 ** 20 });
  const parts = [];
  for (let number = 1; (number - 1) * started.part_size < bytes.length; number++) {
    const part = await call(`${url}/upload/multipart/${started.upload_id}/part/${number}`);
    const body = bytes.subarray((number - 1) * started.part_size, number * started.part_size);
    const { headers } = await fetch(part.url, { method: "PUT", body: body as Uint8Array<ArrayBuffer> });
    parts.push({ part_number: number, response: { headers: { ETag: headers.get("etag") } } });
  }
  return (await call(`${url}/upload/multipart/${started.upload_id}/complete`, { parts })).id;
}

async function untilEnded(call: Call, url: string) {
  for (;;) {
    const job = await call(url);
    if (job.finished_on !== undefined) return job;
    await new Promise((wake) => setTimeout(wake, 50));
  }
}
