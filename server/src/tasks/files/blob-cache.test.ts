import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { BlobMissing, MemoryBlobStore, newBlobKey } from "@causeway/storage";
import { createBlobCache } from "./blob-cache.ts";

test("a fetch that nobody waits for any more is ended and leaves nothing; the next one begins anew", async () => {
  const directory = await mkdtemp(join(tmpdir(), "copies-"));
  try {
    const store = new MemoryBlobStore();
    const key = newBlobKey();
    await store.put(key, Readable.from(Array.from({ length: 64 }, () => Buffer.alloc(2 ** 20))));
    const copies = createBlobCache(store, directory);
    const caller = new AbortController();
    const given = copies.pathOf(key, caller.signal);
    caller.abort(new Error("no more"));
    const again = copies.pathOf(key);
    await assert.rejects(given, /no more/);
    assert.equal((await stat(await again)).size, 64 * 2 ** 20);
    while ((await readdir(directory)).length > 1) await wait(5); // what was ended removes its own
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test("a blob of a store without paths is fetched once, and goes when nobody has asked for it for long", async () => {
  const directory = await mkdtemp(join(tmpdir(), "copies-"));
  try {
    const store = new MemoryBlobStore();
    const key = newBlobKey();
    await store.put(key, Readable.from([Buffer.from("reads")]));
    const copies = createBlobCache(store, directory);

    const [path, again] = await Promise.all([copies.pathOf(key), copies.pathOf(key)]);
    assert.equal(path, again);
    assert.equal(await readFile(path, "utf8"), "reads");
    await store.remove(key);
    assert.equal(await copies.pathOf(key), path, "the copy is enough");

    assert.equal(await copies.removeUnused(new Date(0)), 0);
    assert.equal(await copies.removeUnused(new Date(Date.now() + 60_000)), 1);
    await assert.rejects(copies.pathOf(key), BlobMissing);
    assert.deepEqual(await readdir(directory), []);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
