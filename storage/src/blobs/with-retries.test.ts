import assert from "node:assert/strict";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { test } from "node:test";
import { testBlobStore } from "../testing/blob-store-suite.ts";
import { BlobMissing } from "./blob-errors.ts";
import { newBlobKey } from "./blob-key.ts";
import { DiskBlobStore } from "./disk/disk-blob-store.ts";
import { MemoryBlobStore } from "./memory-blob-store.ts";
import { withRetries } from "./with-retries.ts";

testBlobStore("memory, with retries", async () => withRetries(new MemoryBlobStore()));

test("a failure that passes is not seen, one that stays is", async (t) => {
  const root = await mkdtemp(join(tmpdir(), "causeway-retries-"));
  t.after(() => rm(root, { recursive: true }));
  const store = withRetries(await DiskBlobStore.open(root), { attempts: 1000, pause: 0 });
  const impatient = withRetries(await DiskBlobStore.open(root), { attempts: 2, pause: 0 });

  // An upload cannot be opened while the directory for it is away.
  await rename(join(root, "incoming"), join(root, "away"));
  await assert.rejects(impatient.openUpload(newBlobKey(), { partSize: 10 }), /ENOENT/);
  const opening = store.openUpload(newBlobKey(), { partSize: 10 });
  await rename(join(root, "away"), join(root, "incoming"));
  const upload = await opening;
  assert.deepEqual(await store.listParts(upload), []);
});

test("an answer is not asked for again", async () => {
  let asked = 0;
  class Counting extends MemoryBlobStore {
    override async open(key: string): Promise<Readable> {
      asked += 1;
      return super.open(key);
    }
  }
  await assert.rejects(withRetries(new Counting()).open("k"), BlobMissing);
  assert.equal(asked, 1);
});
