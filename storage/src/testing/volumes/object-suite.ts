import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { probeVolume } from "../../volumes/probe-volume.ts";
import { isFault } from "../../volumes/volume-errors.ts";
import { body, isVolumeFault, listAll, readObject } from "./objects.ts";
import type { VolumeSuite } from "./volume-under-test.ts";

const MiB = 1024 * 1024;

/** Names that clients, proxies and signatures like to get wrong. */
const ODD_LOCATIONS = [
  "a b+c%20d/x y.txt",
  "ünï/日本/𝄞.txt",
  "question?mark&and=more#hash",
  "it's (a) *star*! ~tilde~",
  "semi;colon,comma:colon@at$dollar",
  '"quotes"<angle>|pipe^caret`tick{brace}[bracket]',
  "back\\slash",
  ".hidden/..dots/...",
  "%2e%2e/%2F",
  "a//b",
  "trailing.",
];

export function testObjects({ story, options }: VolumeSuite): void {
  for (const size of [0, 1, 9 * MiB + 17]) {
    story(`an object of ${size} bytes comes back as it went in`, async (store) => {
      const bytes = randomBytes(size);
      const written = await store.put("run/sample.bam", body(bytes));
      assert.equal(written.size, size);
      assert.equal(written.verified, true);
      assert.ok(bytes.equals(await readObject(store, "run/sample.bam")));
      const object = await store.stat("run/sample.bam");
      assert.equal(object.size, size);
      assert.equal(object.etag, written.etag);
      assert.equal(object.archived, false);
      assert.ok(object.md5 === undefined || object.md5 === createHash("md5").update(bytes).digest("hex"));
      assert.ok(Math.abs(object.modifiedAt.getTime() - Date.now()) < 600_000);
      assert.equal(object.metadata.size, size);
      const { facts, bytes: again } = await store.open("run/sample.bam");
      assert.deepEqual(facts, { size, etag: object.etag });
      again.destroy();
    });
  }

  for (const location of ODD_LOCATIONS) {
    if (options.impossible?.includes(location)) continue;
    story(`an object can be called ${location}`, async (store) => {
      await store.put(location, body(location));
      assert.equal(String(await readObject(store, location)), location);
      assert.equal((await store.stat(location)).size, Buffer.byteLength(location));
      assert.deepEqual((await listAll(store, {})).names, [location]);
      await store.remove(location);
      assert.deepEqual((await listAll(store, {})).names, []);
    });
  }

  const refused = [
    "",
    "/",
    "..",
    "../up",
    "a/../b",
    "a/./b",
    "a/..",
    ".",
    "nul\0",
    "line\nfeed",
    "\u007f",
    "x".repeat(1025),
    "lone\ud800",
  ];
  story("what can be no location is refused before anybody is asked", async (store) => {
    for (const location of refused) {
      const wrong = isVolumeFault("BadLocation");
      await assert.rejects(store.stat(location), wrong);
      await assert.rejects(store.open(location), wrong);
      await assert.rejects(store.put(location, body("x")), wrong);
      await assert.rejects(store.remove(location), wrong);
      await assert.rejects(store.openUpload(location, 9 * MiB), wrong);
      if (store.signRead) await assert.rejects(store.signRead(location, 60), wrong);
    }
  });

  story("leading slashes of a location do not count", async (store) => {
    await store.put("//run/x", body("x"));
    assert.equal((await store.stat("run/x")).size, 1);
  });

  story("a location that holds nothing is missing, and only that", async (store) => {
    await assert.rejects(store.stat("nothing"), isVolumeFault("NoSuchObject"));
    await assert.rejects(store.open("nothing"), isVolumeFault("NoSuchObject"));
    await assert.rejects(store.open("no/thing", { range: { offset: 0, length: 1 } }), isVolumeFault("NoSuchObject"));
    await assert.rejects(store.open("nothing", { range: { offset: 3, length: 0 } }), isVolumeFault("NoSuchObject"));
  });

  story("a range gives its bytes and is clamped to the object", async (store) => {
    const bytes = randomBytes(3000);
    await store.put("x", body(bytes));
    for (const [offset, length] of [
      [0, 1],
      [0, 3000],
      [1000, 500],
      [2999, 1],
      [2990, 5_242_880],
      [3000, 10],
      [9999, 1],
      [5, 0],
    ] as const) {
      const { facts, bytes: stream } = await store.open("x", { range: { offset, length } });
      assert.equal(facts.size, 3000, `${length} bytes from ${offset}`);
      const read = Buffer.concat(await stream.toArray());
      assert.ok(bytes.subarray(offset, offset + length).equals(read), `${length} bytes from ${offset}`);
    }
  });

  story("a range of an empty object is empty", async (store) => {
    await store.put("x", body(""));
    assert.equal((await readObject(store, "x", { range: { offset: 0, length: 10 } })).length, 0);
  });

  story("an object that has changed is told from the one that was seen", async (store) => {
    const { etag } = await store.put("x", body("first"));
    assert.equal(String(await readObject(store, "x", { ifMatch: etag })), "first");
    const second = await store.put("x", body("second"));
    assert.notEqual(second.etag, etag);
    await assert.rejects(store.open("x", { ifMatch: etag }), isVolumeFault("ObjectChanged"));
    await assert.rejects(store.open("x", { ifMatch: etag, range: { offset: 0, length: 2 } }), isVolumeFault("ObjectChanged"));
    await assert.rejects(store.open("x", { ifMatch: etag, range: { offset: 0, length: 0 } }), isVolumeFault("ObjectChanged"));
  });

  story("what must not be there yet is not replaced", async (store) => {
    await store.put("x", body("first"), { ifAbsent: true });
    await assert.rejects(store.put("x", body("second"), { ifAbsent: true }), isVolumeFault("ObjectExists"));
    assert.equal(String(await readObject(store, "x")), "first");
    await store.put("x", body("third"));
    assert.equal(String(await readObject(store, "x")), "third");
  });

  story(
    "of several writers at one moment one wins, and the others hear of it",
    async (store) => {
      const bodies = Array.from({ length: 5 }, (_, n) => String(n).repeat(2000 + n));
      const outcomes = await Promise.allSettled(bodies.map((bytes) => store.put("x", body(bytes), { ifAbsent: true })));
      const won = outcomes.flatMap((outcome, n) => (outcome.status === "fulfilled" ? [n] : []));
      assert.equal(won.length, 1);
      for (const outcome of outcomes)
        if (outcome.status === "rejected") assert.ok(isFault(outcome.reason, "ObjectExists"), outcome.reason);
      assert.equal(String(await readObject(store, "x")), bodies[won[0]!]);
    },
    "conditions",
  );

  story("a body that fails, ends early or runs on changes nothing", async (store) => {
    await store.put("x", body("first"));
    const torn = {
      size: 2 * MiB,
      open: () =>
        Readable.from(
          (async function* () {
            yield randomBytes(MiB);
            throw new Error("cut");
          })(),
          { objectMode: false },
        ),
    };
    await assert.rejects(store.put("x", torn), /^Error: cut$/);
    await assert.rejects(store.put("x", { ...body(randomBytes(MiB)), size: MiB + 1 }), isVolumeFault("BodyCut"));
    await assert.rejects(store.put("x", { ...body(randomBytes(MiB)), size: MiB - 1 }), isVolumeFault("BodyCut"));
    await assert.rejects(store.put("y", torn), /^Error: cut$/);
    assert.equal((await readObject(store, "x")).length, 5);
    assert.deepEqual((await listAll(store, {})).names, ["x"]);
  });

  story("an object can be removed twice", async (store) => {
    await store.put("a/x", body("x"));
    await store.remove("a/x");
    await store.remove("a/x");
    await store.remove("never/was");
    await assert.rejects(store.stat("a/x"), isVolumeFault("NoSuchObject"));
  });

  story("who gives up hears the reason, whatever is under way", async (store) => {
    await store.put("x", body(randomBytes(MiB)));
    const signal = AbortSignal.abort(new Error("given up"));
    await assert.rejects(store.stat("x", { signal }), /given up/);
    await assert.rejects(store.open("x", { signal }), /given up/);
    await assert.rejects(store.list({}, { signal }), /given up/);
    await assert.rejects(store.put("y", body("y"), { signal }), /given up/);
    const controller = new AbortController();
    const { bytes } = await store.open("x", { signal: controller.signal });
    controller.abort(new Error("enough"));
    await assert.rejects(bytes.toArray(), /enough/);
  });

  if (!options.keepsNoMetadata) {
    story("what a writer sets is what a reader sees", async (store) => {
      await store.put("x", body("x"), { contentType: "text/plain", userMetadata: { causeway_export: "Zk3Rw8sN" } });
      const object = await store.stat("x");
      assert.equal(object.contentType, "text/plain");
      assert.deepEqual(object.userMetadata, { causeway_export: "Zk3Rw8sN" });
      const upload = await store.openUpload("y", 10, { contentType: "text/csv", userMetadata: { causeway_export: "second" } });
      await store.completeUpload(upload, [await store.writePart(upload, 1, body("0123456789"))]);
      const second = await store.stat("y");
      assert.equal(second.contentType, "text/csv");
      assert.deepEqual(second.userMetadata, { causeway_export: "second" });
    });
  }

  story("a probe reads and writes, and leaves nothing behind", async (store) => {
    assert.deepEqual(await probeVolume(store, { write: true }), {});
    assert.deepEqual((await listAll(store, {})).names, []);
    await store.put("first", body("x"));
    assert.deepEqual(await probeVolume(store, { write: false }), { sample: "first" });
    assert.deepEqual((await listAll(store, {})).names, ["first"]);
  });
}
