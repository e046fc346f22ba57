import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { pack } from "tar-stream";
import { type ArchiveKind, refuseLargeArchive } from "./archive-size.ts";

const MB = 1e6;
const LIMITS = { bytes: 5 * MB, entries: 100, advice: { bytes: "BYTES", entries: "ENTRIES" } };

type Content = Record<string, string | Buffer>;

async function tar(content: Content, pax: Record<string, string> = {}): Promise<Buffer> {
  const packing = pack();
  for (const [name, bytes] of Object.entries(content))
    packing.entry({ name, ...(Object.keys(pax).length > 0 && { pax }) }, bytes);
  packing.finalize();
  return buffer(Readable.from(packing));
}

const verdict = (archive: Buffer, kind: ArchiveKind) =>
  refuseLargeArchive(Readable.from([archive.subarray(0, 700), archive.subarray(700)]), kind, LIMITS).then(
    () => "fits",
    (error: Error) => error.message,
  );
const files = (count: number): Content => Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, ""]));
const manifest = (...layers: string[]) => JSON.stringify([{ Layers: layers }]);
const zeros = (bytes: number) => Buffer.alloc(bytes);

test("an archive that unpacks to little fits, however it is compressed", async () => {
  const layer = await tar({ "usr/bin/tool": zeros(2 * MB), ...files(50) });
  for (const packed of [layer, gzipSync(layer), zstdCompressSync(layer)]) {
    const image = await tar({ "layer.tar": packed, "manifest.json": manifest("layer.tar") });
    for (const archive of [image, gzipSync(image), zstdCompressSync(image)])
      assert.equal(await verdict(archive, "layers"), "fits");
    assert.equal(await verdict(packed, "files"), "fits");
  }
  // Inside a tree of files an archive is a file like others.
  assert.equal(await verdict(await tar({ "data.tar.gz": gzipSync(await tar({ big: zeros(9 * MB) })) }), "files"), "fits");
});

test("one that is small and unpacks to much is refused, in all ways to hide that, with the setting that says how much may be", async () => {
  const large = await tar({ big: zeros(9 * MB) });
  const twice = await tar({ half: zeros(3 * MB) });
  const tooLarge: [Buffer, ArchiveKind][] = [
    [large, "files"],
    [gzipSync(large), "files"],
    [await tar({ "layer.tar": gzipSync(large) }), "layers"],
    [await tar({ "layer.tar": zstdCompressSync(large) }), "layers"],
    [gzipSync(await tar({ "layer.tar": gzipSync(large) })), "layers"],
    [await tar({ "layer.tar": gzipSync(zeros(9 * MB)) }), "layers"],
    [await tar({ a: gzipSync(twice), b: gzipSync(Buffer.concat([twice, zeros(1)])) }), "layers"],
    [await tar({ "l.tar": gzipSync(twice), "manifest.json": manifest("l.tar", "./l.tar", "x/../l.tar") }), "layers"],
    [await tar({ hole: "x" }, { "GNU.sparse.realsize": String(1e12) }), "files"],
  ];
  for (const [index, [archive, kind]] of tooLarge.entries())
    assert.match(await verdict(archive, kind), /unpacked it has more than 0\.005 GB \(BYTES\)/, `archive ${index}`);
  const many = await tar(files(150));
  for (const archive of [
    await tar({ "layer.tar": gzipSync(many) }),
    await tar({ a: await tar(files(60)), b: await tar(files(60)) }),
  ])
    assert.match(await verdict(archive, "layers"), /more than 100 files and directories \(ENTRIES\)/);
  assert.match(await verdict(many, "files"), /ENTRIES/);
});

test("what cannot be seen through is refused", async () => {
  const xz = Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), zeros(900)]);
  assert.match(await verdict(xz, "files"), /compressed with xz: compress it with gzip or zstd/);
  assert.match(await verdict(await tar({ "layer.tar": xz }), "layers"), /compressed with xz/);
  assert.match(await verdict(Buffer.from("no archive at all".repeat(100)), "files"), /cannot be read/);
  assert.match(await verdict(gzipSync(await tar({ big: zeros(MB) })).subarray(0, 900), "files"), /cannot be read/);
});
