import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe } from "node:test";
import { BlobMissing, PartCut, PartsRefused, UploadMissing } from "../blobs/blob-errors.ts";
import type { BlobStore, BlobUpload } from "../blobs/blob-store.ts";
import { collect, readAll, sha256, stream, torn } from "./blob-bytes.ts";
import type { Suite } from "./store-under-test.ts";

/** Uploads: blobs that come in parts. */
export function testUploads({ name, skip, minPartSize, partSize, story }: Suite): void {
  describe(`${name}: uploads in parts`, { skip, concurrency: 4 }, () => {
    const send = (store: BlobStore, upload: BlobUpload, number: number, bytes: Buffer) =>
      store.writePart(upload, number, stream(bytes), { length: bytes.length });

    story("parts sent in any order and at once make one blob", async (store, key) => {
      const upload = await store.openUpload(key, { partSize });
      const parts = [partSize, partSize, partSize, 77].map((size) => randomBytes(size));
      const stored = await Promise.all([3, 1, 4, 2].map((number) => send(store, upload, number, parts[number - 1]!)));
      await assert.rejects(store.stat(key), BlobMissing);
      assert.deepEqual(
        await store.listParts(upload),
        stored.toSorted((a, b) => a.number - b.number),
      );

      const whole = Buffer.concat(parts);
      const blob = await store.completeUpload(upload, stored);
      assert.equal(blob.size, whole.length);
      assert.ok(blob.sha256 === null || blob.sha256 === sha256(whole));
      assert.ok(whole.equals(await readAll(store, key)));
    });

    story("a part sent again counts with its last body and has another ETag", async (store, key) => {
      const upload = await store.openUpload(key, { partSize });
      const [first, second, tail] = [randomBytes(partSize), randomBytes(partSize), randomBytes(5)];
      const one = await send(store, upload, 1, first);
      const two = await send(store, upload, 2, tail);
      const again = await send(store, upload, 1, second);
      assert.notEqual(again.etag, one.etag);
      await assert.rejects(store.completeUpload(upload, [one, two]), PartsRefused);
      await store.completeUpload(upload, [again, two]);
      assert.ok(Buffer.concat([second, tail]).equals(await readAll(store, key)));
    });

    story("one part sent many times at once ends as one of the bodies", async (store, key) => {
      const upload = await store.openUpload(key, { partSize });
      const bodies = Array.from({ length: 5 }, () => randomBytes(partSize));
      await Promise.all(bodies.map((body) => send(store, upload, 1, body)));
      await store.completeUpload(upload, await store.listParts(upload));
      const read = await readAll(store, key);
      assert.ok(bodies.some((body) => body.equals(read)));
    });

    story("a part cut half-way leaves the part that was there", async (store, key) => {
      const upload = await store.openUpload(key, { partSize });
      const good = randomBytes(partSize);
      const stored = await send(store, upload, 1, good);
      await assert.rejects(store.writePart(upload, 1, torn(randomBytes(partSize / 2)), { length: partSize }), /cut/);
      await assert.rejects(store.writePart(upload, 1, stream(randomBytes(9)), { length: partSize }), PartCut);
      await assert.rejects(store.writePart(upload, 1, stream(randomBytes(partSize)), { length: 9 }), PartCut);
      assert.deepEqual(await store.listParts(upload), [stored]);
      await store.completeUpload(upload, [stored]);
      assert.ok(good.equals(await readAll(store, key)));
    });

    story("a first part cut half-way is no part, and can be sent again", async (store, key) => {
      const upload = await store.openUpload(key, { partSize });
      await assert.rejects(store.writePart(upload, 1, torn(randomBytes(partSize / 2)), { length: partSize }), /cut/);
      assert.deepEqual(await store.listParts(upload), []);
      const good = randomBytes(partSize);
      await store.completeUpload(upload, [await send(store, upload, 1, good)]);
      assert.ok(good.equals(await readAll(store, key)));
    });

    // What sevenbridges-python sends for k × part_size + 1 bytes, others at exact multiples, and worse (uploads.md §5.2).
    const oddSizes: Record<string, number[]> = {
      "a part one byte too long, then an empty one": [partSize, partSize + 1, 0],
      "one empty part more": [partSize, partSize, 0],
      "only an empty part": [0],
      "an empty part first": [0, partSize, 10],
      "a long part first": [partSize * 2 + 5, partSize, 3],
      ...(minPartSize <= 1024 && { "short parts in the middle": [10, partSize, 20, partSize + 3, 30] }),
    };
    for (const [what, sizes] of Object.entries(oddSizes)) {
      for (const known of [true, false]) {
        story(`${what}${known ? "" : ", of a length not told"}`, async (store, key) => {
          const upload = await store.openUpload(key, { partSize });
          const parts = sizes.map((size) => randomBytes(size));
          const stored = await Promise.all(
            parts.map((body, index) => store.writePart(upload, index + 1, stream(body), known ? { length: body.length } : {})),
          );
          assert.deepEqual(
            stored.map((part) => part.size),
            sizes,
          );
          const { size } = await store.completeUpload(upload, stored);
          const whole = Buffer.concat(parts);
          assert.equal(size, whole.length);
          assert.ok(whole.equals(await readAll(store, key)));
        });
      }
    }

    story("an upload without parts becomes an empty blob", async (store, key) => {
      const upload = await store.openUpload(key, { partSize });
      assert.equal((await store.completeUpload(upload, [])).size, 0);
      assert.equal((await readAll(store, key)).length, 0);
    });

    story("completing with a part missing is refused, and the upload goes on", async (store, key) => {
      const upload = await store.openUpload(key, { partSize });
      const bodies = [randomBytes(partSize), randomBytes(partSize), randomBytes(8)] as const;
      const one = await send(store, upload, 1, bodies[0]);
      const three = await send(store, upload, 3, bodies[2]);
      await assert.rejects(store.completeUpload(upload, [one, three]), PartsRefused);
      await assert.rejects(store.completeUpload(upload, [one, { number: 2, etag: one.etag }, three]), PartsRefused);
      await assert.rejects(store.completeUpload(upload, [one, { number: 2, etag: "" }, three]), PartsRefused);
      await assert.rejects(store.completeUpload(upload, [one, one]), PartsRefused);
      await assert.rejects(store.stat(key), BlobMissing);
      await store.completeUpload(upload, [one, await send(store, upload, 2, bodies[1]), three]);
      assert.ok(Buffer.concat(bodies).equals(await readAll(store, key)));
    });

    story("parts that are not named are dropped", async (store, key) => {
      const upload = await store.openUpload(key, { partSize });
      const body = randomBytes(partSize);
      const one = await send(store, upload, 1, body);
      await send(store, upload, 2, randomBytes(partSize));
      await store.completeUpload(upload, [one]);
      assert.ok(body.equals(await readAll(store, key)));
    });

    story("completing twice, also at once, gives the same blob", async (store, key) => {
      const upload = await store.openUpload(key, { partSize });
      const stored = [await send(store, upload, 1, randomBytes(partSize)), await send(store, upload, 2, randomBytes(9))];
      const blobs = await Promise.all([store.completeUpload(upload, stored), store.completeUpload(upload, stored)]);
      blobs.push(await store.completeUpload(upload, stored));
      assert.deepEqual(
        blobs.map((blob) => blob.size),
        [partSize + 9, partSize + 9, partSize + 9],
      );
    });

    story("an upload removed is gone, with its parts, and can be removed again", async (store, key) => {
      const upload = await store.openUpload(key, { partSize });
      const one = await send(store, upload, 1, randomBytes(9));
      await store.removeUpload(upload);
      await store.removeUpload(upload);
      await assert.rejects(send(store, upload, 1, randomBytes(9)), UploadMissing);
      await assert.rejects(store.listParts(upload), UploadMissing);
      await assert.rejects(store.completeUpload(upload, [one]), UploadMissing);
      await assert.rejects(store.stat(key), BlobMissing);
    });

    story("uploads that are open are listed, others are not", async (store, key) => {
      const [open, removed, completed] = await Promise.all(
        ["1", "2", "3"].map((end) => store.openUpload(key + end, { partSize })),
      );
      await store.removeUpload(removed!);
      await store.completeUpload(completed!, [await send(store, completed!, 1, randomBytes(9))]);
      const ours = (await collect(store.listUploads())).filter((upload) => upload.key.startsWith(key));
      assert.deepEqual(
        ours.map(({ id, key }) => ({ id, key })),
        [{ id: open!.id, key: open!.key }],
      );
      assert.ok(Math.abs(ours[0]!.openedAt.getTime() - Date.now()) < 600_000);
    });

    story("uploads that end while they are listed do not end the list", async (store, key) => {
      const partSizes = Array.from({ length: 4 }, () => partSize);
      const uploads = await Promise.all(partSizes.map((size, n) => store.openUpload(`${key}${n}`, { partSize: size })));
      const listed: string[] = [];
      for await (const { key: one } of store.listUploads()) {
        if (listed.length === 0) for (const upload of uploads) await store.removeUpload(upload);
        listed.push(one);
      }
      assert.ok(listed.length > 0);
    });

    for (const number of [0, 10_001, 1.5, Number.NaN]) {
      story(`${number} is not a part number`, async (store, key) => {
        const upload = await store.openUpload(key, { partSize });
        await assert.rejects(store.writePart(upload, number, stream()), RangeError);
      });
    }
  });
}
