import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { BlobMissing, MemoryBlobStore, newBlobKey } from "@causeway/storage";
import { createBlobCache } from "./blob-cache.ts";

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
