import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { link, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, type TestContext, test } from "node:test";
import { testBlobStore } from "../../testing/blob-store-suite.ts";
import { newBlobKey } from "../blob-key.ts";
import type { BlobUpload } from "../blob-store.ts";
import { DiskBlobStore } from "./disk-blob-store.ts";

const PART = 64 * 1024;

testBlobStore("disk", async (t) => DiskBlobStore.open(await newRoot(t)));

describe("disk: bytes are written once", () => {
  test("parts that fit their slots are the blob's file from the first byte on", async (t) => {
    const root = await newRoot(t);
    const store = await DiskBlobStore.open(root);
    const upload = await store.openUpload(newBlobKey(), { partSize: PART });
    const { ino } = await stat(join(root, "uploads", upload.id, "bytes"));
    const sizes = [PART, PART, 9];
    const named = await Promise.all(sizes.map((size, index) => send(store, upload, index + 1, randomBytes(size))));
    assert.deepEqual((await readdir(join(root, "uploads", upload.id))).sort(), ["bytes", "journal"]);
    assert.equal((await store.completeUpload(upload, named)).sha256, null);
    assert.equal((await stat(await store.localPath(upload.key))).ino, ino);
  });

  test("a part one byte too long, and the empty one that follows it, do not move the others", async (t) => {
    const root = await newRoot(t);
    const store = await DiskBlobStore.open(root);
    const upload = await store.openUpload(newBlobKey(), { partSize: PART });
    const { ino } = await stat(join(root, "uploads", upload.id, "bytes"));
    const bodies = [PART, PART + 1, 0].map((size) => randomBytes(size));
    const named = [];
    for (const [index, body] of bodies.entries()) named.push(await send(store, upload, index + 1, body));
    await store.completeUpload(upload, named);
    assert.equal((await stat(await store.localPath(upload.key))).ino, ino);
    assert.ok(Buffer.concat(bodies).equals(await buffer(await store.open(upload.key))));
  });

  test("a slot that a broken body left is used again", async (t) => {
    const root = await newRoot(t);
    const store = await DiskBlobStore.open(root);
    const upload = await store.openUpload(newBlobKey(), { partSize: PART });
    await assert.rejects(store.writePart(upload, 1, Readable.from([randomBytes(9)]), { length: PART }));
    await send(store, upload, 1, randomBytes(PART));
    assert.deepEqual((await readdir(join(root, "uploads", upload.id))).sort(), ["bytes", "journal"]);
  });

  test("a part sent many times takes the room of two", async (t) => {
    const root = await newRoot(t);
    const store = await DiskBlobStore.open(root);
    const upload = await store.openUpload(newBlobKey(), { partSize: PART });
    for (let time = 0; time < 5; time += 1) await send(store, upload, 1, randomBytes(PART));
    assert.equal((await readdir(join(root, "uploads", upload.id))).length, 3);
  });

  test("a blob of one part has its SHA-256 at once", async (t) => {
    const store = await DiskBlobStore.open(await newRoot(t));
    const upload = await store.openUpload(newBlobKey(), { partSize: PART });
    const part = await send(store, upload, 1, Buffer.from("abc"));
    const { sha256 } = await store.completeUpload(upload, [part]);
    assert.equal(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  test("an adopted file is the blob's file", async (t) => {
    const root = await newRoot(t);
    const store = await DiskBlobStore.open(join(root, "store"));
    const [path, key] = [join(root, "output"), newBlobKey()];
    await writeFile(path, randomBytes(99));
    await store.adopt(key, path);
    const blob = await stat(await store.localPath(key));
    assert.equal(blob.ino, (await stat(path)).ino);
    assert.equal(blob.mode & 0o777, 0o400);
  });

  test("a program that is adopted can still be run where it lies, and not be written to", async (t) => {
    const root = await newRoot(t);
    const store = await DiskBlobStore.open(join(root, "store"));
    const path = join(root, "program");
    await writeFile(path, "#!/bin/sh\n", { mode: 0o755 });
    await store.adopt(newBlobKey(), path);
    assert.equal((await stat(path)).mode & 0o777, 0o500);
  });

  test("a file that has another name already is copied: whoever has that name may write", async (t) => {
    const root = await newRoot(t);
    const store = await DiskBlobStore.open(join(root, "store"));
    const key = newBlobKey();
    await writeFile(join(root, "a"), "as it was");
    await link(join(root, "a"), join(root, "b"));
    await store.adopt(key, join(root, "a"));
    await writeFile(join(root, "b"), "changed");
    assert.equal(String(await readFile(await store.localPath(key))), "as it was");
  });

  test("a file on another file system is copied", { skip: sameFileSystem("/dev/shm") }, async (t) => {
    const store = await DiskBlobStore.open(await newRoot(t));
    const elsewhere = await mkdtemp("/dev/shm/causeway-adopt-");
    t.after(() => rm(elsewhere, { recursive: true }));
    const [path, key, bytes] = [join(elsewhere, "output"), newBlobKey(), randomBytes(99)];
    await writeFile(path, bytes);
    await store.adopt(key, path);
    assert.ok(bytes.equals(await buffer(await store.open(key))));
  });
});

describe("disk: two stores on one directory", () => {
  test("part after part may come by either, at once, and either completes", async (t) => {
    const root = await newRoot(t);
    const stores = [await DiskBlobStore.open(root), await DiskBlobStore.open(root)] as const;
    const upload = await stores[0].openUpload(newBlobKey(), { partSize: PART });
    const bodies = Array.from({ length: 8 }, () => randomBytes(PART));
    await Promise.all(bodies.flatMap((body, index) => stores.map((store) => send(store, upload, index + 1, body))));
    const named = await stores[1].listParts(upload);
    const blobs = await Promise.all(stores.map((store) => store.completeUpload(upload, named)));
    assert.deepEqual(
      blobs.map((blob) => blob.size),
      [8 * PART, 8 * PART],
    );
    assert.ok(Buffer.concat(bodies).equals(await buffer(await stores[0].open(upload.key))));
  });

  test("a body that is still coming when the upload is completed does not touch the blob", async (t) => {
    const store = await DiskBlobStore.open(await newRoot(t));
    const upload = await store.openUpload(newBlobKey(), { partSize: PART });
    const [hold, held] = heldBody(PART);
    const stalled = store.writePart(upload, 1, hold, { length: PART });
    await held.started;
    const body = randomBytes(PART);
    const named = [await send(store, upload, 1, body)];
    await store.completeUpload(upload, named);
    held.goOn();
    await assert.rejects(stalled);
    assert.ok(body.equals(await buffer(await store.open(upload.key))));
  });
});

/** A body whose second half comes only when told to. */
function heldBody(size: number): [Readable, { started: Promise<void>; goOn: () => void }] {
  const started = Promise.withResolvers<void>();
  const rest = Promise.withResolvers<void>();
  async function* chunks() {
    yield Buffer.alloc(size / 2);
    started.resolve();
    await rest.promise;
    yield Buffer.alloc(size / 2);
  }
  return [Readable.from(chunks(), { objectMode: false }), { started: started.promise, goOn: rest.resolve }];
}

function send(store: DiskBlobStore, upload: BlobUpload, number: number, bytes: Buffer) {
  return store.writePart(upload, number, Readable.from([bytes], { objectMode: false }), { length: bytes.length });
}

async function newRoot(t: TestContext): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "causeway-blobs-"));
  t.after(() => rm(root, { recursive: true }));
  return root;
}

function sameFileSystem(path: string): string | false {
  try {
    if (statSync(path).dev !== statSync(tmpdir()).dev) return false;
  } catch {
    return `${path} is not there`;
  }
  return `${path} is no other file system`;
}
