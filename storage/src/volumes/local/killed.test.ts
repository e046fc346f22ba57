import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { body, isVolumeFault, listAll, readObject } from "../../testing/volumes/objects.ts";
import type { VolumeUpload } from "../volume-store.ts";
import { LocalVolume } from "./local-volume.ts";

const MiB = 1024 * 1024;
const writer = fileURLToPath(new URL("../../testing/volumes/killed-volume-writer.ts", import.meta.url));

/** Kills a writer that has written a few MiB, and returns its first line. */
async function killed(root: string, what: "put" | "part"): Promise<string> {
  const child = spawn(process.execPath, [writer, root, what], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (line === `written ${4 * MiB}`) child.kill("SIGKILL");
  }
  return lines[0]!;
}

const story = (title: string, tell: (root: string, store: LocalVolume) => Promise<void>) =>
  test(title, { timeout: 60_000 }, async () => {
    const root = await mkdtemp(join(tmpdir(), "causeway-killed-"));
    try {
      await tell(root, new LocalVolume({ service: "local", root: { path: root } }));
    } finally {
      await rm(root, { recursive: true });
    }
  });

describe("a writer to a directory that is killed", () => {
  story("leaves nothing under the final name, and its remains are no objects", async (root, store) => {
    await killed(root, "put");
    await assert.rejects(store.stat("dir/big"), isVolumeFault("NoSuchObject"));
    assert.deepEqual((await listAll(store, {})).names, []);
    assert.match((await readdir(join(root, "dir"))).join(), /^\.big\.causeway-[0-9a-f]{32}$/);
    await store.put("dir/big", body("whole"), { ifAbsent: true });
    assert.equal(String(await readObject(store, "dir/big")), "whole");
  });

  story("leaves the parts that it had stored, and no others", async (root, store) => {
    const upload: VolumeUpload = JSON.parse(await killed(root, "part"));
    assert.deepEqual(await store.listUploads("dir/big"), [upload.id]);
    const stored = await store.listParts(upload);
    assert.deepEqual(
      stored.map(({ number, size }) => [number, size]),
      [[2, 8 * MiB]],
    );
    const rest = [
      await store.writePart(upload, 1, body(Buffer.alloc(8 * MiB, "1"))),
      await store.writePart(upload, 3, body(Buffer.alloc(4 * MiB, "3"))),
    ];
    await store.completeUpload(upload, [...stored, ...rest]);
    const expected = Buffer.concat([Buffer.alloc(8 * MiB, "1"), Buffer.alloc(8 * MiB, "2"), Buffer.alloc(4 * MiB, "3")]);
    assert.ok(expected.equals(await readObject(store, "dir/big")));
    assert.deepEqual(await readdir(join(root, "dir")), ["big"]);
  });
});
