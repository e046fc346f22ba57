import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { copyFile, digestFile } from "./reading.ts";

const MiB = 1024 * 1024;

async function inDirectory(story: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "causeway-hashing-"));
  try {
    await story(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function fileOf(path: string, bytes: Uint8Array): Promise<FileHandle> {
  const file = await open(path, "w+");
  await file.write(bytes);
  return file;
}

test("files of every size are read whole, and copied whole", () =>
  inDirectory(async (directory) => {
    for (const size of [0, 1, 256 * 1024, 256 * 1024 + 1, 4 * MiB, 9 * MiB + 17]) {
      const bytes = randomBytes(size);
      const file = await fileOf(join(directory, `${size}`), bytes);
      const copy = await open(join(directory, `${size}.copy`), "w+");
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      assert.deepEqual(await digestFile(file), { size, digest: sha256 });
      assert.deepEqual(await digestFile(file, { algorithm: "sha1" }), {
        size,
        digest: createHash("sha1").update(bytes).digest("hex"),
      });
      assert.deepEqual(await copyFile(file, copy), { size, digest: sha256 });
      assert.deepEqual(await digestFile(copy), { size, digest: sha256 });
      await file.close();
      await copy.close();
    }
  }));

test("reading and copying a sparse file of a tebibyte stop when they are told to, and others do not wait for them", () =>
  inDirectory(async (directory) => {
    const huge = await open(join(directory, "huge"), "w+");
    await huge.truncate(2 ** 40);
    const copy = await open(join(directory, "copy"), "w+");
    const stop = new AbortController();
    const reading = [digestFile(huge, { signal: stop.signal }), digestFile(huge, { signal: stop.signal })];
    const copying = copyFile(huge, copy, { signal: stop.signal });
    const stopped = Promise.allSettled([...reading, copying]);
    const bytes = randomBytes(9 * MiB);
    const small = await fileOf(join(directory, "small"), bytes);
    assert.equal((await digestFile(small)).digest, createHash("sha256").update(bytes).digest("hex"));
    stop.abort(new Error("enough"));
    for (const outcome of await stopped) assert.match(String((outcome as PromiseRejectedResult).reason), /enough/);
    await assert.rejects(digestFile(huge, { signal: stop.signal }), /enough/);
    const { blocks } = await copy.stat();
    assert.equal(blocks, 0, "holes stay holes");
    for (const file of [huge, copy, small]) await file.close();
  }));

test("what cannot be read says why", () =>
  inDirectory(async (directory) => {
    const file = await open(join(directory, "for-writing-alone"), "w");
    await file.truncate(MiB);
    await assert.rejects(digestFile(file), { code: "EBADF" });
    await file.close();
  }));
