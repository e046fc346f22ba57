// How fast an upload of 1 GiB in 32 MiB parts is stored on disk, against the simplest program that does as much.
//     node bench/src/upload.ts [MiB] [rounds] [directory]
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DiskBlobStore, newBlobKey, type StoredPart } from "@causeway/storage";
import { body, PART_SIZE, type Round, report, sendAll } from "./upload-parts.ts";
import { writePlainly } from "./upload-plain.ts";

const [totalMiB = 1024, rounds = 3] = process.argv.slice(2, 4).map(Number);
const directory = process.argv[4] ?? tmpdir();
const parts = Math.ceil((totalMiB * 1024 * 1024) / PART_SIZE);

const root = await mkdtemp(join(directory, "causeway-bench-"));
try {
  const store = await DiskBlobStore.open(join(root, "store"));
  const measured: Round[] = [];
  // The first round warms up and is not counted. Sides take turns in going first: how fast a disk syncs drifts.
  for (let round = 0; round <= rounds; round += 1) {
    const sides = [() => floorSeconds(root, parts), () => storeSeconds(root, store, parts)];
    if (round % 2 === 1) sides.reverse();
    const seconds = [await sides[0]!(), await sides[1]!()];
    if (round % 2 === 1) seconds.reverse();
    if (round > 0) measured.push({ floor: seconds[0]!, ours: seconds[1]! });
  }
  report("upload to the disk store", totalMiB, measured, 0.9);
} finally {
  await rm(root, { recursive: true });
}

async function floorSeconds(root: string, parts: number): Promise<number> {
  const directory = await mkdtemp(join(root, "plain-"));
  const seconds = await sendAll(parts, (number) => writePlainly(join(directory, String(number)), body()));
  await rm(directory, { recursive: true });
  await settle(root);
  return seconds;
}

/** From opening the upload to the blob in its place. */
async function storeSeconds(root: string, store: DiskBlobStore, parts: number): Promise<number> {
  const key = newBlobKey();
  const started = performance.now();
  const upload = await store.openUpload(key, { partSize: PART_SIZE });
  const named: StoredPart[] = [];
  await sendAll(parts, async (number) => named.push(await store.writePart(upload, number, body(), { length: PART_SIZE })));
  await store.completeUpload(upload, named);
  const seconds = (performance.now() - started) / 1000;
  await store.remove(key);
  await settle(root);
  return seconds;
}

/** Has the disk do what removing files has left to be done, so that it is not on the bill of the other side. */
async function settle(root: string): Promise<void> {
  const directory = await open(root);
  await directory.sync();
  await directory.close();
}
