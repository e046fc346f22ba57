import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { bodyOf, type KilledWriter } from "../../testing/killed-writer.ts";
import { BlobMissing } from "../blob-errors.ts";
import { newBlobKey } from "../blob-key.ts";
import type { BlobUpload, StoredPart } from "../blob-store.ts";
import { DiskBlobStore } from "./disk-blob-store.ts";

const PROGRAM = join(import.meta.dirname, "../../testing/killed-writer.ts");
const PART = 64 * 1024;

/** Into the slot; the same again, aside; too long, aside; empty; the tail. Their sum is that of the slots: nothing moves. */
const BODIES: KilledWriter["bodies"] = [
  [1, PART, 1],
  [1, PART, 2],
  [2, PART + 1, 3],
  [3, 0, 4],
];
const WHOLE = Buffer.concat([bodyOf(PART, 2), bodyOf(PART + 1, 3)]);

/** What holds whichever operation a writer was killed before. Returns whether it was killed at all. */
async function writerKilledAt(killAt: number): Promise<boolean> {
  const root = await mkdtemp(join(tmpdir(), "causeway-crash-"));
  try {
    const key = newBlobKey();
    const upload = await (await DiskBlobStore.open(root)).openUpload(key, { partSize: PART });
    const { wasKilled, promises } = await runWriter({ root, killAt, upload, bodies: BODIES });

    const store = await DiskBlobStore.open(root);
    assert.deepEqual(await readdir(join(root, "incoming")), [], "what it was building is gone");
    const completed = promises.some((promise) => promise.completed);
    const replaced = promises.some((promise) => promise.replaced);
    const blob = await readWhole(store, key);
    if (completed) assert.ok(blob, "a blob that was promised is there");
    if (!replaced && blob?.length !== 100) {
      assert.ok(!blob || blob.equals(WHOLE), "a blob is whole");
      if (!blob) await assertPromisedPartsThere(store, upload, promises);
      await resume(store, upload);
      assert.ok(WHOLE.equals((await readWhole(store, key))!), "an upload goes on to its end");
    }
    assert.deepEqual(await readdir(join(root, "uploads")), []);
    return wasKilled;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

interface Promised {
  stored?: StoredPart;
  completed?: true;
  replaced?: true;
}

function runWriter(writer: KilledWriter): Promise<{ wasKilled: boolean; promises: Promised[] }> {
  return new Promise((resolve, reject) => {
    // Compiled once for all the kills, not once each.
    const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "causeway-compile-cache") };
    execFile(process.execPath, [PROGRAM, JSON.stringify(writer)], { env }, (error, stdout) => {
      if (error && error.signal !== "SIGKILL") return reject(error);
      const lines = stdout.split("\n").filter((line) => line !== "");
      resolve({ wasKilled: error !== null, promises: lines.map((line) => JSON.parse(line)) });
    });
  });
}

async function assertPromisedPartsThere(store: DiskBlobStore, upload: BlobUpload, promises: Promised[]): Promise<void> {
  const there = new Map((await store.listParts(upload)).map((part) => [part.number, part]));
  const promised = new Map(promises.flatMap(({ stored }) => (stored ? [[stored.number, stored] as const] : [])));
  for (const [number, part] of promised) {
    // The kill may have come between a later body's record and its promise: then that body counts.
    const isLater = number === 1 && there.get(number)?.size === PART;
    assert.ok(isLater || there.get(number)?.etag === part.etag, `part ${number} is there`);
  }
}

/** What a client does after a crash: it sends what is not there and completes. */
async function resume(store: DiskBlobStore, upload: BlobUpload): Promise<void> {
  if (await readWhole(store, upload.key)) {
    assert.equal((await store.completeUpload(upload, [])).size, WHOLE.length);
    return;
  }
  const last = new Map(BODIES.map((body) => [body[0], body]));
  const named = [];
  for (const [number, size, fill] of last.values()) {
    named.push(await store.writePart(upload, number, Readable.from([bodyOf(size, fill)]), { length: size }));
  }
  await store.completeUpload(upload, named);
}

async function readWhole(store: DiskBlobStore, key: string): Promise<Buffer | undefined> {
  try {
    return await buffer(await store.open(key));
  } catch (error) {
    if (error instanceof BlobMissing) return undefined;
    throw error;
  }
}

test("kill -9 before any operation on files loses nothing that was promised and shows nothing by half", async () => {
  let killAt = 1;
  let survived = false;
  const lane = async () => {
    while (!survived) if (!(await writerKilledAt(killAt++))) survived = true;
  };
  await Promise.all([lane(), lane(), lane()]);
  assert.ok(killAt > 30, `the writer has ${killAt} operations to be killed at`);
});
