import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmdirSync } from "node:fs";
import { readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, type TestContext, test } from "node:test";
import { BlobMissing, StorageFull } from "../blob-errors.ts";
import { newBlobKey } from "../blob-key.ts";
import type { BlobUpload } from "../blob-store.ts";
import { DiskBlobStore } from "./disk-blob-store.ts";

const MiB = 1024 * 1024;

describe("a disk that is full", { skip: cannotMount() }, () => {
  test("a blob that does not fit leaves nothing, and smaller ones go on", async (t) => {
    const { store, root } = await smallStore(t);
    const key = newBlobKey();
    await assert.rejects(store.put(key, Readable.from([randomBytes(20 * MiB)])), StorageFull);
    await assert.rejects(store.stat(key), BlobMissing);
    assert.deepEqual(await readdir(join(root, "incoming")), []);
    assert.equal((await store.put(key, Readable.from([randomBytes(4 * MiB)]))).size, 4 * MiB);
  });

  test("an upload that does not fit keeps its parts, and goes on when there is room", async (t) => {
    const { store, root } = await smallStore(t);
    await writeFile(join(root, "ballast"), randomBytes(5 * MiB));
    const upload = await store.openUpload(newBlobKey(), { partSize: 2 * MiB });
    const parts = [2 * MiB, 2 * MiB, 77].map((size) => randomBytes(size));
    const one = await send(store, upload, 1, parts[0]!);
    await assert.rejects(send(store, upload, 2, parts[1]!), StorageFull);
    await assert.rejects(send(store, upload, 2, parts[1]!), StorageFull);
    assert.deepEqual(await store.listParts(upload), [one]);

    await rm(join(root, "ballast"));
    const rest = [await send(store, upload, 2, parts[1]!), await send(store, upload, 3, parts[2]!)];
    await store.completeUpload(upload, [one, ...rest]);
    assert.ok(Buffer.concat(parts).equals(await buffer(await store.open(upload.key))));
  });

  test("a completion that must copy and has no room loses no part", async (t) => {
    const { store, root } = await smallStore(t);
    const upload = await store.openUpload(newBlobKey(), { partSize: 2 * MiB });
    // A short first part moves the second one: a new file must be made of copies.
    const parts = [randomBytes(MiB), randomBytes(2 * MiB)];
    const named = [await send(store, upload, 1, parts[0]!), await send(store, upload, 2, parts[1]!)];
    await writeFile(join(root, "ballast"), randomBytes(3 * MiB));
    await assert.rejects(store.completeUpload(upload, named), StorageFull);
    await assert.rejects(store.stat(upload.key), BlobMissing);
    assert.deepEqual(await store.listParts(upload), named);

    await rm(join(root, "ballast"));
    await store.completeUpload(upload, named);
    assert.ok(Buffer.concat(parts).equals(await buffer(await store.open(upload.key))));
  });

  test("a disk without a byte left refuses even an empty upload, and nothing is left of it", async (t) => {
    const { store, root } = await smallStore(t);
    await assert.rejects(writeFile(join(root, "ballast"), randomBytes(9 * MiB)), /ENOSPC/);
    const opened = await store.openUpload(newBlobKey(), { partSize: MiB }).catch((error) => error);
    if (!(opened instanceof Error)) await assert.rejects(send(store, opened, 1, randomBytes(9)), StorageFull);
    else assert.ok(opened instanceof StorageFull);
    assert.deepEqual(await readdir(join(root, "incoming")), []);
  });
});

function send(store: DiskBlobStore, upload: BlobUpload, number: number, bytes: Buffer) {
  return store.writePart(upload, number, Readable.from([bytes], { objectMode: false }), { length: bytes.length });
}

/** A store on a file system of its own, of 8 MiB. */
async function smallStore(t: TestContext): Promise<{ store: DiskBlobStore; root: string }> {
  const root = mount();
  t.after(() => unmount(root));
  return { store: await DiskBlobStore.open(root), root };
}

function mount(): string {
  const root = mkdtempSync(join(tmpdir(), "causeway-full-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", root], { stdio: "pipe" });
  } catch (error) {
    rmdirSync(root);
    throw error;
  }
  return root;
}

function unmount(root: string): void {
  execFileSync("umount", [root]);
  rmdirSync(root);
}

function cannotMount(): string | false {
  try {
    unmount(mount());
    return false;
  } catch {
    return "a full disk is simulated by a small tmpfs, which only root may mount";
  }
}
