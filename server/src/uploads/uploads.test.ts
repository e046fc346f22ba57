import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { withWorld } from "../testing/world.ts";

test(
  "a file goes up in parts, is listed, and comes down by its link",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const folder = await world.post("ana", "/files", { name: "runs", type: "FOLDER", project: project.id });
    assert.equal(folder.status, 200, JSON.stringify(folder.body));
    const bytes = randomBytes(6 * 1024 * 1024 + 7);
    const size = bytes.length;
    const part = 5 * 1024 * 1024;
    const started = await world.post("ana", "/upload/multipart", {
      name: "run 12.bam",
      parent: folder.body.id,
      size,
      part_size: part,
    });
    assert.equal(started.status, 200, JSON.stringify(started.body));
    const id = started.body.upload_id;
    for (const n of [2, 1]) {
      const info = await world.get("ana", `/upload/multipart/${id}/part/${n}`);
      const put = await fetch(info.body.url, { method: "PUT", body: bytes.subarray((n - 1) * part, n * part) });
      assert.equal(put.status, 200, await put.text());
      const report = await world.post("ana", `/upload/multipart/${id}/part/`, {
        part_number: n,
        response: { headers: { ETag: put.headers.get("etag") } },
      });
      assert.equal(report.status, 200, JSON.stringify(report.body));
    }
    const done = await world.send("POST", "ana", `/upload/multipart/${id}/complete`, "null");
    assert.equal(done.status, 200, JSON.stringify(done.body));
    const list = await world.get("ana", `/files?parent=${folder.body.id}&fields=_all`);
    assert.deepEqual(list.body.items, [done.body]);
    assert.equal(list.headers.get("x-total-matching-query"), "1");
    assert.deepEqual((await world.get("ana", `/files/${done.body.id}`)).body, done.body);
    const { body } = await world.get("ana", `/files/${done.body.id}/download_info`);
    const down = Buffer.from(await (await fetch(body.url)).arrayBuffer());
    assert.equal(createHash("sha256").update(down).digest("hex"), createHash("sha256").update(bytes).digest("hex"));
    const range = await fetch(body.url, { headers: { range: "bytes=10-99999999" } });
    assert.equal(range.status, 206);
    assert.equal((await range.arrayBuffer()).byteLength, size - 10);
  }),
);
