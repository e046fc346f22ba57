// How fast an upload of 1 GiB in 32 MiB parts is stored on disk, against the simplest program that does as much.
//     node bench/src/upload.ts [MiB] [rounds] [directory]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DiskBlobStore, hashBlob, newBlobKey } from "@causeway/storage";
import { body, PART_SIZE, type Round, report, sendAll } from "./upload-parts.ts";
import { writePlainly } from "./upload-plain.ts";

const [totalMiB = 1024, rounds = 3] = process.argv.slice(2, 4).map(Number);
const directory = process.argv[4] ?? tmpdir();
const parts = Math.ceil((totalMiB * 1024 * 1024) / PART_SIZE);

const root = await mkdtemp(join(directory, "causeway-bench-"));
try {
  const store = await DiskBlobStore.open(join(root, "store"));
  const measured: Round[] = [];
  let hashing = 0;
  // Alternating: how fast a disk syncs drifts within minutes. The first round warms both up and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    const floor = await floorSeconds(root, parts);
    const { seconds, key } = await storeSeconds(store, parts);
    const started = performance.now();
    await hashBlob(store, key);
    hashing = (performance.now() - started) / 1000;
    await store.remove(key);
    if (round > 0) measured.push({ ours: seconds, floor });
  }
  report("upload to the disk store", totalMiB, measured, 0.9);
  console.log(`the blob's SHA-256, left to the sweep, takes ${hashing.toFixed(2)} s more`);
} finally {
  await rm(root, { recursive: true });
}

async function floorSeconds(root: string, parts: number): Promise<number> {
  const path = (number: number) => join(root, `plain-${number}`);
  const seconds = await sendAll(parts, (number) => writePlainly(path(number), body()));
  for (let number = 1; number <= parts; number += 1) await rm(path(number));
  return seconds;
}

/** From opening the upload to the blob in its place. */
async function storeSeconds(store: DiskBlobStore, parts: number): Promise<{ seconds: number; key: string }> {
  const key = newBlobKey();
  const started = performance.now();
  const upload = await store.openUpload(key, { partSize: PART_SIZE });
  const named: Awaited<ReturnType<typeof store.writePart>>[] = [];
  await sendAll(parts, async (number) => named.push(await store.writePart(upload, number, body(), { length: PART_SIZE })));
  await store.completeUpload(upload, named);
  return { seconds: (performance.now() - started) / 1000, key };
}
