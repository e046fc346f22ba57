import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { body } from "./objects.ts";
import type { VolumeSuite } from "./volume-under-test.ts";

export function testSignedReads({ story, options }: VolumeSuite): void {
  const fetch = options.fetch ?? globalThis.fetch;

  story("an object is read by anyone who has its URL, in ranges too, and is offered for saving", async (store) => {
    if (!store.signRead) return;
    const bytes = randomBytes(3000);
    const location = "run 7/it's + ü&?#.bam";
    await store.put(location, body(bytes), { contentType: "text/html" });
    const url = await store.signRead(location, 60, { filename: 'Probe "ä".txt' });
    for (let time = 1; time <= 2; time += 1) {
      const answer = await fetch(url);
      assert.equal(answer.status, 200);
      assert.ok(bytes.equals(Buffer.from(await answer.arrayBuffer())));
      assert.equal(
        answer.headers.get("content-disposition"),
        `attachment; filename="Probe ___.txt"; filename*=UTF-8''Probe%20%22%C3%A4%22.txt`,
      );
      assert.equal(answer.headers.get("content-type"), "application/octet-stream");
    }
    const ranged = await fetch(url, { headers: { range: "bytes=1000-1009" } });
    assert.equal(ranged.status, 206);
    assert.equal(ranged.headers.get("content-length"), "10");
    assert.ok(bytes.subarray(1000, 1010).equals(Buffer.from(await ranged.arrayBuffer())));
  });

  story(
    "a range whose end lies beyond the object is cut to it",
    async (store) => {
      if (!store.signRead) return;
      await store.put("x", body(randomBytes(3000)));
      const ranged = await fetch(await store.signRead("x", 60), { headers: { range: "bytes=2990-5242879" } });
      assert.equal(ranged.status, 206);
      assert.equal(ranged.headers.get("content-length"), "10");
    },
    "ends beyond the object",
  );

  story(
    "a URL that is not as it was signed is refused, and it writes nothing",
    async (store) => {
      if (!store.signRead) return;
      await store.put("x1", body("secret"));
      await store.put("x2", body("other"));
      const url = await store.signRead("x1", 60);
      const forged: URL[] = [];
      const change = (how: (url: URL) => void) => {
        const copy = new URL(url);
        how(copy);
        if (copy.href !== url.href) forged.push(copy);
      };
      const signature = [...url.searchParams.keys()].find((name) => /^(sig|.*-signature)$/i.test(name))!;
      change((copy) => copy.searchParams.delete(signature));
      change((copy) => copy.searchParams.set(signature, `${copy.searchParams.get(signature)!.slice(0, -4)}AAA=`));
      change((copy) => (copy.pathname = copy.pathname.replace(/x1$/, "x2")));
      for (const name of ["X-Amz-Expires", "X-Goog-Expires"])
        change((copy) => copy.searchParams.has(name) && copy.searchParams.set(name, "600000"));
      change((copy) => copy.searchParams.has("se") && copy.searchParams.set("se", "2099-01-01T00:00:00Z"));
      assert.ok(forged.length >= 4);
      for (const each of forged) assert.match(String((await fetch(each)).status), /^40[03]$/, each.href);
      const written = await fetch(url, { method: "PUT", body: "forged", headers: { "x-ms-blob-type": "BlockBlob" } });
      assert.equal(written.status, 403);
      assert.equal((await fetch(url)).status, 200);
    },
    "signatures",
  );

  story(
    "a URL that has expired is refused",
    async (store) => {
      if (!store.signRead) return;
      await store.put("x", body("secret"));
      const url = await store.signRead("x", 2);
      while ((await fetch(url)).status === 200) await sleep(200);
      assert.equal((await fetch(url)).status, 403);
    },
    "expired URLs",
  );
}
