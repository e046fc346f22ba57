import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { EndpointList, openVolume } from "@causeway/storage";
import { makeBucket, makeUser, noProgram, S3_KEYS, setPolicy, startVersitygw, type TestServer } from "@causeway/storage/testing";
import { createWorld, type World } from "../testing/world.ts";

// The codes of a bucket's rights, from a server that checks signatures and policies.
const skip = noProgram("versitygw");
const READER = { accessKeyId: "readers", secretAccessKey: "secret-of-the-reader" };

let server: TestServer;
let world: World;
let count = 0;

before(async () => {
  if (skip) return;
  server = await startVersitygw();
  await makeBucket(server, "lab");
  await makeUser(server, READER);
  world = await createWorld();
});
after(async () => {
  await world?.close();
  await server?.stop();
});

/** Objects of a byte each. */
async function put(...locations: string[]): Promise<void> {
  const settings = { service: "s3" as const, bucket: "lab", endpoint: server.endpoint, credentials: S3_KEYS };
  const store = await openVolume(settings, { endpoints: new EndpointList(["127.0.0.1"]) });
  const body = { size: 1, open: () => Readable.from([Buffer.from("x")]) };
  for (const location of locations) await store.put(location, body);
  store.close();
}

async function make(more: object = {}, keys = S3_KEYS, mode = "RW") {
  count += 1;
  const credentials = { access_key_id: keys.accessKeyId, secret_access_key: keys.secretAccessKey };
  const service = { type: "S3", bucket: "lab", endpoint: server.endpoint, credentials, ...more };
  return world.post("ana", "/storage/volumes", { name: `r${count}`, access_mode: mode, service });
}

const code = async (...given: Parameters<typeof make>) => (await make(...given)).body.code;

test("what a policy does not permit is told by its code", { skip }, async () => {
  await put("first.txt");
  assert.equal(await code({ bucket: "none" }), 9200);
  assert.equal(await code({}, { ...S3_KEYS, accessKeyId: "nobody" }), 9201);
  assert.equal(await code({}, { ...S3_KEYS, secretAccessKey: "wrong" }), 9202);
  assert.equal(await code({}, READER), 9204);
  await setPolicy(server, "lab", READER.accessKeyId, ["s3:ListBucket"]);
  assert.equal(await code({}, READER), 9205);
  await setPolicy(server, "lab", READER.accessKeyId, ["s3:ListBucket", "s3:GetObject"]);
  assert.equal(await code({}, READER), 9206);
  assert.equal((await make({}, READER, "RO")).status, 200);
  await setPolicy(server, "lab", READER.accessKeyId, ["s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"]);
  const { status, body } = await make({}, READER);
  assert.equal(status, 200, JSON.stringify(body));

  // Rights that are lost later.
  await setPolicy(server, "lab", READER.accessKeyId, ["s3:ListBucket"]);
  assert.equal((await world.get("ana", `${body.href}/object?location=first.txt`)).body.code, 9001);
  assert.equal((await world.patch("ana", body.href, { service: { prefix: "x" } })).body.code, 9206);
  assert.equal((await world.get("ana", body.href)).body.service.prefix, "", "and nothing is changed");
  assert.equal((await world.patch("ana", body.href, { active: false })).status, 200);
  assert.equal((await world.patch("ana", body.href, { active: true })).body.code, 9205);
});

test("a folder of many objects is browsed page by page", { skip }, async () => {
  const names = Array.from({ length: 130 }, (_, n) => `many/s ${String(n).padStart(3, "0")}.bam`);
  await put(...names, "many/sub/y");
  const { body } = await make({}, S3_KEYS, "RO");
  const found: string[] = [];
  const folders: string[] = [];
  for (let next: string | undefined = `${body.href}/list?prefix=many&limit=100`; next !== undefined; ) {
    const page: { body: { items: { location: string }[]; prefixes: { prefix: string }[]; links: { next: string }[] } } =
      await world.get("ana", next);
    found.push(...page.body.items.map(({ location }) => location));
    folders.push(...page.body.prefixes.map(({ prefix }) => prefix));
    next = page.body.links[0]?.next;
  }
  assert.deepEqual([found, folders], [names, ["many/sub"]]);
});
