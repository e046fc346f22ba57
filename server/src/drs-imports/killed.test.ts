import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createTestDatabase } from "../testing/database.ts";
import { callerWith, startKillable } from "../testing/killable-platform.ts";

test("an import by DRS goes on after a kill with the file that was under way, and makes everything once", async () => {
  const directory = await mkdtemp(join(tmpdir(), "causeway-drs-"));
  const database = await createTestDatabase();
  const asked: string[] = [];
  // The bytes of `b` are held: the first time until the platform is dead, the second until it was looked at.
  const { promise: reached, resolve: atWork } = Promise.withResolvers<void>();
  const { promise: looked, resolve: goOn } = Promise.withResolvers<void>();
  const drs = createServer((request, response) => {
    const [, area = "", id = ""] = /^\/(bytes|ga4gh\/drs\/v1\/objects)\/(\w+)/.exec(request.url!) ?? [];
    if (area === "bytes") {
      asked.push(id);
      if (id === "b" && asked.filter((each) => each === "b").length === 1) return atWork();
      return void (id === "b" ? looked : Promise.resolve()).then(() => response.end(`bytes of ${id}`));
    }
    const contents = [
      { name: "a.bam", id: "a" },
      { name: "deep", contents: [{ name: "b.bam", id: "b" }] },
    ];
    const url = `http://127.0.0.1:${(drs.address() as AddressInfo).port}/bytes/${id}`;
    const access_methods = [{ type: "https", access_url: { url } }];
    const object = id === "runs" ? { id, name: id, contents } : { id, name: id, size: 10, checksums: [], access_methods };
    response.setHeader("content-type", "application/json").end(JSON.stringify(object));
  });
  await new Promise<void>((listening) => drs.listen(0, "127.0.0.1", listening));
  const settings = {
    CAUSEWAY_DRS_HOSTS: JSON.stringify({ lab: { url: `http://127.0.0.1:${(drs.address() as AddressInfo).port}` } }),
  };
  let server: ChildProcess | undefined;
  try {
    let url: string;
    [server, url] = await startKillable(directory, database.url, { settings });
    const call = callerWith((await readFile(join(directory, "admin.token"), "utf8")).trim());
    const { id: project, root_folder: root } = await call(`${url}/projects`, { name: "Reef" });
    const items = [{ drs_uri: "drs://lab/runs", project }];
    const { id } = await call(`${url}/bulk/drs/imports/create`, { items });
    await reached;
    server.kill("SIGKILL");
    await once(server, "exit");

    [server, url] = await startKillable(directory, database.url, { settings });
    let job = await call(`${url}/bulk/drs/imports/${id}`);
    assert.deepEqual((await call(`${url}/files?parent=${root}`)).items, [], "nothing of it before all of it");
    goOn();
    while (job.state !== "FINISHED") {
      await new Promise((wake) => setTimeout(wake, 50));
      job = await call(`${url}/bulk/drs/imports/${id}`);
    }
    assert.deepEqual(asked, ["a", "b", "b"]);
    const names = async (parent: string) =>
      (await call(`${url}/files?parent=${parent}`)).items.map(({ name }: { name: string }) => name);
    assert.deepEqual(await names(root), ["runs"]);
    assert.deepEqual((await names(job.result[0].resource.id)).sort(), ["a.bam", "deep"]);
  } finally {
    server?.kill("SIGKILL");
    drs.close();
    drs.closeAllConnections();
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  }
});
