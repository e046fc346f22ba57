import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "node:test";
import { BlobMissing } from "../blobs/blob-errors.ts";
import { hashBlob } from "../blobs/hash-stream.ts";
import { collect, MiB, readAll, sha256, stream, torn } from "./blob-bytes.ts";
import type { Suite } from "./store-under-test.ts";

/** Whole blobs: put, read by range, removed, listed, adopted. */
export function testBlobs({ name, skip, partSize, story }: Suite): void {
  describe(`${name}: blobs`, { skip, concurrency: 4 }, () => {
    for (const size of [0, 1, 9 * MiB + 17]) {
      story(`a blob of ${size} bytes comes back as it went in`, async (store, key) => {
        const bytes = randomBytes(size);
        assert.deepEqual(await store.put(key, stream(bytes)), { size, sha256: sha256(bytes) });
        assert.ok(bytes.equals(await readAll(store, key)));
        assert.equal((await store.stat(key)).size, size);
        assert.deepEqual(await hashBlob(store, key), { size, sha256: sha256(bytes) });
      });
    }

    story("a key that holds nothing is missing, and only that", async (store, key) => {
      await assert.rejects(store.open(key), BlobMissing);
      await assert.rejects(store.open(key, { offset: 0, length: 1 }), BlobMissing);
      await assert.rejects(store.stat(key), BlobMissing);
      if (store.localPath) await assert.rejects(store.localPath(key), BlobMissing);
    });

    story("a range gives its bytes and is clamped to the blob", async (store, key) => {
      const bytes = randomBytes(3000);
      await store.put(key, stream(bytes));
      const ranges = [
        [0, 1],
        [0, 3000],
        [1000, 500],
        [2999, 1],
        [2990, 5_242_880],
        [3000, 10],
        [9999, 1],
        [5, 0],
      ] as const;
      for (const [offset, length] of ranges) {
        const read = await readAll(store, key, { offset, length });
        assert.ok(bytes.subarray(offset, offset + length).equals(read), `${length} bytes from ${offset}`);
      }
    });

    story("a range of an empty blob is empty", async (store, key) => {
      await store.put(key, stream());
      assert.equal((await readAll(store, key, { offset: 0, length: 10 })).length, 0);
    });

    story("a write that fails half-way leaves nothing behind", async (store, key) => {
      await assert.rejects(store.put(key, torn(randomBytes(2 * MiB))), /cut/);
      await assert.rejects(store.open(key), BlobMissing);
    });

    story("a write that fails half-way leaves the blob that was there", async (store, key) => {
      await store.put(key, stream(Buffer.from("first")));
      await assert.rejects(store.put(key, torn(randomBytes(2 * MiB))), /cut/);
      assert.equal(String(await readAll(store, key)), "first");
    });

    story("two writers at once leave one of both blobs, whole", async (store, key) => {
      const [a, b] = [randomBytes(3 * MiB), randomBytes(2 * MiB)];
      await Promise.all([store.put(key, stream(a)), store.put(key, stream(b))]);
      const read = await readAll(store, key);
      assert.ok(read.equals(a) || read.equals(b));
    });

    story("a blob can be removed twice", async (store, key) => {
      await store.put(key, stream(Buffer.from("x")));
      await store.remove(key);
      await store.remove(key);
      await assert.rejects(store.stat(key), BlobMissing);
    });

    story("the list is in order, and goes on after a key", async (store, key) => {
      const prefix = key.slice(0, 20);
      const keys = ["0", "a", "a.b", "b-1", "ba"].map((end) => prefix + end);
      for (const each of keys.toReversed()) await store.put(each, stream(Buffer.from(each)));
      const all = await collect(store.list({ prefix }));
      assert.deepEqual(
        all.map((blob) => blob.key),
        keys,
      );
      assert.ok(all.every((blob) => blob.size === blob.key.length && Math.abs(blob.modifiedAt.getTime() - Date.now()) < 600_000));
      const rest = await collect(store.list({ prefix, after: keys[2] }));
      assert.deepEqual(
        rest.map((blob) => blob.key),
        keys.slice(3),
      );
    });

    story("a file is adopted, and may be adopted again", async (store, key) => {
      await inDirectory(async (directory) => {
        const bytes = randomBytes(MiB + 3);
        const path = join(directory, "output.bam");
        await writeFile(path, bytes);
        assert.deepEqual(await store.adopt(key, path), { size: bytes.length, sha256: sha256(bytes) });
        assert.deepEqual(await store.adopt(key, path), { size: bytes.length, sha256: sha256(bytes) });
        await rm(path);
        assert.ok(bytes.equals(await readAll(store, key)));
      });
    });

    story("a symbolic link is not adopted", async (store, key) => {
      await inDirectory(async (directory) => {
        await symlink("/etc/passwd", join(directory, "link"));
        await assert.rejects(store.adopt(key, join(directory, "link")));
        await assert.rejects(store.stat(key), BlobMissing);
      });
    });

    for (const key of ["", "../up", "a/b", ".hidden", "A", "a\n", "x".repeat(200)]) {
      story(`${JSON.stringify(key.slice(0, 9))} is not a key`, async (store) => {
        await assert.rejects(store.put(key, stream()), TypeError);
        await assert.rejects(store.openUpload(key, { partSize }), TypeError);
      });
    }
  });
}

async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "causeway-adopt-"));
  try {
    await work(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}
