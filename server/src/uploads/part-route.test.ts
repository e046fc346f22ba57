import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { withAlteredSignature } from "../testing/altered-signature.ts";
import { withWorld } from "../testing/world.ts";
import { download, report, send, start } from "./testing.ts";

const MiB = 1024 * 1024;

test(
  "a part's address takes bytes from anybody, in any form a client sends them",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const { path } = await start(world, { name: "a.txt", project: project.id });
    const info = (await world.get("ana", `${path}/part/1`)).body;
    assert.deepEqual([info.method, info.headers, info.report], ["PUT", {}, { success_codes: [200], headers: ["ETag"] }]);
    const forms: Record<string, string>[] = [
      {},
      { "content-type": "application/json", "x-sbg-auth-token": "no token" },
      { "content-type": "text/plain" },
      { "transfer-encoding": "chunked" },
      { expect: "100-continue", "content-length": "3" },
    ];
    for (const headers of forms) {
      const { status, etag, body } = await put(info.url, headers, "abc");
      assert.deepEqual([status, body], [200, ""], JSON.stringify(headers));
      assert.match(etag ?? "", /^"[0-9a-f]{32}"$/);
    }
    const browser = await fetch(info.url, { method: "OPTIONS" });
    assert.deepEqual([browser.status, browser.headers.get("access-control-expose-headers")], [204, "ETag"]);
  }),
);

test(
  "a part that is not stored gets no ETag: forged, expired or unknown addresses, and bodies that end early",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const { path, id } = await start(world, { name: "a.txt", project: project.id });
    const { url } = (await world.get("ana", `${path}/part/1`)).body;
    const { links, signed } = world.platform;
    const past = links.beside(signed.sign("PUT", `/storage/u/${id}/1`, new Date(Date.now() - 1000)));
    const unknown = links.beside(signed.sign("PUT", `/storage/u/${"a".repeat(64)}/1`, new Date(Date.now() + 60_000)));
    const cases: [string, number][] = [
      [url.replace("/1?", "/2?"), 403],
      [withAlteredSignature(url), 403],
      [url.split("?")[0], 403],
      [past, 403],
      [unknown, 404],
    ];
    for (const [address, expected] of cases) {
      const { status, etag } = await put(address, {}, "abc");
      assert.deepEqual([status, etag], [expected, undefined], address);
    }
    const kept = await send(world, path, 1, "the good part");
    await assert.rejects(put(url, { "content-length": "1000" }, "half", { cut: true }));
    assert.equal((await world.post("ana", `${path}/part`, report(1, kept))).status, 200);
    const done = await world.post("ana", `${path}/complete`);
    assert.equal((await download(world, done.body.id)).toString(), "the good part");
  }),
);

test(
  "a part has at most 5 GiB and one byte",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const { path } = await start(world, { name: "a.txt", project: project.id });
    const { url } = (await world.get("ana", `${path}/part/1`)).body;
    const { status, etag } = await put(url, { "content-length": String(5 * 1024 * MiB + 2), expect: "100-continue" }, "", {
      cut: true,
    });
    assert.deepEqual([status, etag], [413, undefined]);
  }),
);

/** A PUT as plain as it gets. With `cut` the connection ends after `bytes`, whatever was announced. */
function put(url: string, headers: Record<string, string>, bytes: string, { cut = false } = {}) {
  return new Promise<{ status: number; etag: string | undefined; body: string }>((resolve, reject) => {
    const sending = request(url, { method: "PUT", headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text) => (body += text));
      response.on("end", () => {
        resolve({ status: response.statusCode!, etag: response.headers.etag, body });
        sending.destroy();
      });
    });
    sending.on("error", reject);
    if (!cut) return void sending.end(bytes);
    if (headers.expect) return sending.flushHeaders();
    sending.write(bytes, () => sending.destroy());
  });
}
