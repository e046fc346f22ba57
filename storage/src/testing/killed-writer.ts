// A process of the crash tests: it stores parts and completes an upload, and kills itself (SIGKILL) right before its
// n-th operation on files. It prints a line of JSON for every promise that resolved.
//     node killed-writer.ts '{"root": …, "killAt": 17, "upload": …, "bodies": [[1, 70000, 5], …]}'
import { randomBytes } from "node:crypto";
import { writeSync } from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { Readable } from "node:stream";
import type { BlobUpload } from "../blobs/blob-store.ts";

export interface KilledWriter {
  root: string;
  /** 1: right before the first operation. */
  killAt: number;
  upload: BlobUpload;
  /** Part number, size, and the byte it is filled with. The last body for a number is the one that counts. */
  bodies: [number: number, size: number, fill: number][];
}

export const bodyOf = (size: number, fill: number): Buffer => Buffer.alloc(size, fill);

async function run({ root, killAt, upload, bodies }: KilledWriter): Promise<void> {
  killBefore(killAt, Object.getPrototypeOf(await fs.open(import.meta.filename)));
  // Loaded only now, so that it sees the operations that kill.
  const { DiskBlobStore } = await import("../blobs/disk/disk-blob-store.ts");
  const store = await DiskBlobStore.open(root);
  const named = new Map();
  for (const [number, size, fill] of bodies) {
    const body = bodyOf(size, fill);
    const part = await store.writePart(upload, number, Readable.from([body], { objectMode: false }), { length: size });
    named.set(number, part);
    say({ stored: part });
  }
  await store.completeUpload(upload, [...named.values()]);
  say({ completed: true });
  await store.put(upload.key, Readable.from([randomBytes(100)]));
  say({ replaced: true });
}

/** Wraps every function on files; the `count`-th call of any of them ends this process as a power switch would. */
function killBefore(count: number, fileHandle: Record<string, unknown>): void {
  let calls = 0;
  for (const operations of [fs as unknown as Record<string, unknown>, fileHandle]) {
    for (const name of Object.getOwnPropertyNames(operations)) {
      const operation = Object.getOwnPropertyDescriptor(operations, name)?.value;
      if (typeof operation !== "function" || !COUNTED.has(name)) continue;
      operations[name] = function (this: unknown, ...args: unknown[]) {
        calls += 1;
        if (calls === count) process.kill(process.pid, "SIGKILL");
        return operation.apply(this, args);
      };
    }
  }
  syncBuiltinESMExports();
}

/** What changes something. */
const COUNTED = new Set([
  "mkdir",
  "rename",
  "rm",
  "link",
  "chmod",
  "writev",
  "write",
  "appendFile",
  "datasync",
  "sync",
  "truncate",
]);

/** At once: a kill must not lose what was promised before it. */
function say(what: object): void {
  writeSync(1, `${JSON.stringify(what)}\n`);
}

if (process.argv[1] === import.meta.filename) await run(JSON.parse(process.argv[2]!));
