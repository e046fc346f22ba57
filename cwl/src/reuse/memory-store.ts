import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileKeep, type PackedOutputs, packOutputs, unpackOutputs } from "./packing.ts";
import { NEIGHBOURS, nearestOf, type RecordedJob, type ReuseStore } from "./store.ts";

/** Keeps everything, the bytes of files too, in memory, until it is forgotten itself. For small outputs. */
export function createMemoryReuseStore(): ReuseStore {
  const records = new Map<string, { job: RecordedJob; packed: PackedOutputs }>();
  const families = new Map<string, RecordedJob[]>();
  const files = new Map<string, Buffer>();
  const keep: FileKeep = {
    async take(path) {
      const bytes = readFileSync(path);
      const checksum = createHash("sha1").update(bytes).digest("hex");
      files.set(checksum, bytes);
      return checksum;
    },
    async copyTo(checksum, path) {
      writeFileSync(path, files.get(checksum)!);
      return true;
    },
  };
  return {
    async find(key, directory) {
      const record = records.get(key);
      const outputs = record && (await unpackOutputs(record.packed, directory, keep));
      return outputs && { outputs, job: record.job };
    },
    async nearest(parts) {
      return nearestOf(families.get(parts.family)?.slice(-NEIGHBOURS) ?? [], parts);
    },
    async record({ key, parts }, note, outputs) {
      const staging = await mkdtemp(join(tmpdir(), "causeway-reuse-"));
      try {
        const packed = await packOutputs(outputs, staging, keep);
        const job = { ...note, parts };
        records.set(key, { job, packed });
        const family = families.get(parts.family);
        if (family) family.push(job);
        else families.set(parts.family, [job]);
      } finally {
        rmSync(staging, { recursive: true, force: true });
      }
    },
  };
}
