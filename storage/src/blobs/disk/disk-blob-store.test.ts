import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testBlobStore } from "../../testing/blob-store-suite.ts";
import { DiskBlobStore } from "./disk-blob-store.ts";

testBlobStore("disk", async (t) => {
  const root = await mkdtemp(join(tmpdir(), "causeway-blobs-"));
  t.after(() => rm(root, { recursive: true }));
  return DiskBlobStore.open(root);
});
