// A process that a test kills with SIGKILL while it writes to a local volume:
//     node killed-volume-writer.ts <root> put|part
// It prints the upload as JSON, then lines "written <bytes>", and never comes to an end by itself.
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { LocalVolume } from "../../volumes/local/local-volume.ts";
import { body } from "./objects.ts";

const [root = "", what] = process.argv.slice(2);
const MiB = 1024 * 1024;
const store = new LocalVolume({ service: "local", root: { path: root } });

/** So many bytes at once, then one more every moment. */
const slow = (size: number, atOnce: number) => ({
  size,
  open: () =>
    Readable.from(
      (async function* () {
        for (let written = 0; written < size; written += MiB) {
          yield randomBytes(MiB);
          console.log(`written ${written + MiB}`);
          if (written >= atOnce) await sleep(1000);
        }
      })(),
      { objectMode: false },
    ),
});

if (what === "put") await store.put("dir/big", slow(64 * MiB, 3 * MiB), { ifAbsent: true });
else {
  const upload = await store.openUpload("dir/big", 20 * MiB);
  console.log(JSON.stringify(upload));
  await store.writePart(upload, 2, body(Buffer.alloc(8 * MiB, "2")));
  await store.writePart(upload, 1, slow(8 * MiB, 3 * MiB));
}
