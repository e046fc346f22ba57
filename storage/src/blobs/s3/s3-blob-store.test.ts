import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { testBlobStore } from "../../testing/blob-store-suite.ts";
import { createBucket, noSwift, type SwiftServer, startSwift } from "../../testing/swift.ts";
import { BlobMissing } from "../blob-errors.ts";
import { newBlobKey } from "../blob-key.ts";
import { hashBlob, hashStream } from "../hash-stream.ts";
import { S3BlobStore } from "./s3-blob-store.ts";

const MiB = 1024 * 1024;
let server: SwiftServer;

before(async () => {
  if (noSwift) return;
  server = await startSwift();
  await createBucket(server, "blobs");
});

after(() => server?.stop());

const openStore = (secretAccessKey = server.secretAccessKey) =>
  new S3BlobStore({
    bucket: "blobs",
    prefix: "causeway/",
    endpoint: server.endpoint,
    region: server.region,
    credentials: { accessKeyId: server.accessKeyId, secretAccessKey },
    pathStyle: true,
  });

testBlobStore("S3", async () => openStore(), { skip: noSwift });

describe("S3: blobs of several parts", { skip: noSwift }, () => {
  test("a blob of more than one part comes back as it went in, and leaves no upload open", async () => {
    const store = openStore();
    const key = newBlobKey();
    const bytes = randomBytes(33 * MiB + 1);
    const stored = await store.put(key, inChunks(bytes));
    assert.deepEqual(stored, await hashStream(Readable.from([bytes])));
    assert.deepEqual(await hashBlob(store, key), stored);
    assert.deepEqual(await uploadsOf(store, key), []);
  });

  test("one that breaks after its first part leaves nothing, not even an open upload", async () => {
    const store = openStore();
    const key = newBlobKey();
    const torn = Readable.from(
      (async function* () {
        yield* inChunks(randomBytes(20 * MiB));
        throw new Error("cut");
      })(),
      { objectMode: false },
    );
    await assert.rejects(store.put(key, torn), /cut/);
    await assert.rejects(store.stat(key), BlobMissing);
    assert.deepEqual(await uploadsOf(store, key), []);
  });

  const uploadsOf = async (store: S3BlobStore, key: string) => {
    const open = [];
    for await (const upload of store.listUploads()) if (upload.key === key) open.push(upload);
    return open;
  };
});

describe("S3: signed URLs", { skip: noSwift }, () => {
  const partSize = 5 * 1024 * 1024;

  test("a blob is read by anyone who has its URL, in ranges too, and is offered for saving", async () => {
    const store = openStore();
    const key = newBlobKey();
    const bytes = randomBytes(3000);
    await store.put(key, Readable.from([bytes]));
    const url = await store.signReadUrl(key, 60, { filename: 'Probe "ä".txt' });

    const answer = await fetch(url);
    assert.equal(answer.status, 200);
    assert.ok(bytes.equals(Buffer.from(await answer.arrayBuffer())));
    assert.equal(
      answer.headers.get("content-disposition"),
      `attachment; filename="Probe ___.txt"; filename*=UTF-8''Probe%20%22%C3%A4%22.txt`,
    );
    const ranged = await fetch(url, { headers: { range: "bytes=2990-5242879" } });
    assert.equal(ranged.status, 206);
    assert.equal(ranged.headers.get("content-length"), "10");
  });

  test("parts sent to signed URLs, bare and in any order, become the blob", async () => {
    const store = openStore();
    const key = newBlobKey();
    const upload = await store.openUpload(key, { partSize });
    const parts = [randomBytes(partSize + 1), randomBytes(10), randomBytes(0)];
    const named = await Promise.all(
      [2, 1, 3].map(async (number) => {
        const answer = await fetch(await store.signPartUrl(upload, number, 60), { method: "PUT", body: parts[number - 1] });
        assert.equal(answer.status, 200);
        return { number, etag: answer.headers.get("etag")!.replaceAll('"', "") };
      }),
    );
    assert.deepEqual(
      (await store.listParts(upload)).map(({ number, size }) => [number, size]),
      [
        [1, partSize + 1],
        [2, 10],
        [3, 0],
      ],
    );
    assert.equal((await store.completeUpload(upload, named)).size, partSize + 11);
    assert.ok(Buffer.concat(parts).equals(await buffer(await store.open(key))));
  });

  const forgeries: Record<string, (url: URL) => void> = {
    "another signature": (url) => url.searchParams.set("X-Amz-Signature", "0".repeat(64)),
    "no signature": (url) => url.searchParams.delete("X-Amz-Signature"),
    "a longer expiry": (url) => url.searchParams.set("X-Amz-Expires", "600000"),
    "another key": (url) => {
      url.pathname = url.pathname.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
    },
    "another part number": (url) => url.searchParams.has("partNumber") && url.searchParams.set("partNumber", "7"),
  };
  for (const [what, forge] of Object.entries(forgeries)) {
    test(`a URL with ${what} is refused`, async () => {
      const store = openStore();
      const key = newBlobKey();
      await store.put(key, Readable.from([Buffer.from("secret")]));
      const upload = await store.openUpload(newBlobKey(), { partSize });
      const read = await store.signReadUrl(key, 60);
      const write = await store.signPartUrl(upload, 1, 60);
      for (const url of [read, write]) forge(url);
      if (what !== "another part number") assert.equal((await fetch(read)).status, 403);
      assert.equal((await fetch(write, { method: "PUT", body: "forged" })).status, 403);
      assert.deepEqual(await store.listParts(upload), []);
    });
  }

  test("a URL that reads does not write", async () => {
    const store = openStore();
    const key = newBlobKey();
    await store.put(key, Readable.from([Buffer.from("kept")]));
    assert.equal((await fetch(await store.signReadUrl(key, 60), { method: "PUT", body: "forged" })).status, 403);
    assert.equal(String(await buffer(await store.open(key))), "kept");
  });

  test("a URL signed with another secret is refused", async () => {
    const key = newBlobKey();
    await openStore().put(key, Readable.from([Buffer.from("secret")]));
    assert.equal((await fetch(await openStore("not the secret").signReadUrl(key, 60))).status, 403);
    await assert.rejects(openStore("not the secret").stat(key));
  });

  test("a URL that has expired is refused", async () => {
    const store = openStore();
    const key = newBlobKey();
    await store.put(key, Readable.from([Buffer.from("secret")]));
    assert.equal((await fetch(await store.signReadUrl(key, 60))).status, 200);
    const url = await store.signReadUrl(key, 1);
    while ((await fetch(url)).status === 200) await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal((await fetch(url)).status, 403);
  });
});

function* inChunksOf(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function inChunks(bytes: Buffer): Readable {
  return Readable.from(inChunksOf(bytes, 64 * 1024), { objectMode: false });
}
