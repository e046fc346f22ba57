import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { sql } from "kysely";
import { holdQueue } from "../imports/testing.ts";
import { createWorld, type World, withWorld } from "../testing/world.ts";
import { readDrsHosts } from "./hosts.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** A second platform, with a folder of Mira's that has `a.bam`, and `b.bam` in a folder `deep`. */
async function source() {
  const world = await createWorld();
  const project = await world.project("mira", "Atlas");
  const folder = async (name: string, place: object): Promise<string> =>
    (await world.post("mira", "/files", { name, type: "folder", ...place })).body.id;
  const runs = await folder("runs", { project: project.id });
  const deep = await folder("deep", { parent: runs });
  await folder("empty", { parent: runs });
  const a = await world.file("mira", runs, "a.bam", "bytes of a");
  const b = await world.file("mira", deep, "b.bam", "of b");
  const hosts = { "127.0.0.1": { url: world.url.replace("/v2", ""), token: await world.token("mira") } };
  return { world, project, runs, a, b, hosts };
}

const uri = (id: string, host = "127.0.0.1") => `drs://${host}/${id}`;

async function imported(world: World, body: object, user = "ana") {
  const { status, body: job } = await world.post(user, "/bulk/drs/imports/create", body);
  assert.equal(status, 200, JSON.stringify(job));
  assert.match(job.id, /^\d{18}$/);
  assert.deepEqual([job.state, job.result], ["SUBMITTED", []]);
  return untilFinished(world, job, user);
}

async function untilFinished(world: World, job: { href: string }, user = "ana") {
  for (;;) {
    const { body } = await world.get(user, job.href);
    if (body.state === "FINISHED") return body;
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

type Result = { resource?: { id: string }; error?: { code: number } };
const codesOf = ({ result }: { result: Result[] }) => result.map(({ error }) => error?.code);

async function read(world: World, id: string): Promise<string> {
  const { body } = await world.get("ana", `/files/${id}/download_info`);
  return (await fetch(body.url)).text();
}

async function tree(world: World, folder: string): Promise<unknown> {
  const { body } = await world.get("ana", `/files?parent=${folder}`);
  const entries = body.items.map(async ({ id, name, type }: Record<string, string>) => [
    name,
    type === "folder" ? await tree(world, id!) : await read(world, id!),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

test("objects and bundles of another platform become files and folders, verified and described", async () => {
  const from = await source();
  try {
    await withWorld(
      async (world) => {
        const project = await world.project("ana");
        const job = await imported(world, {
          items: [
            { drs_uri: uri(from.a.id), project: project.id, metadata: { sample_id: "S1", lane: 1 } },
            { drs_uri: uri(from.runs), project: project.id, name: "copied" },
            { drs_uri: uri(from.b.id), project: project.id, name: "c.bam" },
          ],
          tags: ["atlas"],
          conflict_resolution: "SKIP",
        });
        assert.deepEqual(codesOf(job), [undefined, undefined, undefined]);
        assert.deepEqual([job.total_files, job.completed_files, job.failed_files], [3, 3, 0]);
        const [a, runs] = job.result.map(({ resource }: Result) => resource!.id);
        const { body: file } = await world.get("ana", `/files/${a}`);
        assert.deepEqual(
          [file.name, file.size, file.tags, file.metadata],
          ["a.bam", 10, ["atlas"], { sample_id: "S1", lane: "1" }],
        );
        assert.equal(file.storage.type, "PLATFORM");
        assert.equal(job.result[0].resource.href, file.href);
        assert.deepEqual(await tree(world, project.root_folder), {
          "a.bam": "bytes of a",
          copied: { "a.bam": "bytes of a", deep: { "b.bam": "of b" }, empty: {} },
          "c.bam": "of b",
        });
        assert.deepEqual((await world.get("ana", `/files?parent=${runs}`)).body.items.length, 3);
        const bytes = await world.platform.db.selectFrom("blobs").select("sha256").where("size", "=", 10).execute();
        assert.ok(bytes.every((blob) => blob.sha256 === sha256("bytes of a")));

        // What was imported is an object here, too, of the same bytes.
        const drs = await world.get("ana", `${world.url.replace("/v2", "")}/ga4gh/drs/v1/objects/${a}`);
        assert.deepEqual(drs.body.checksums, [{ type: "sha-256", checksum: sha256("bytes of a") }]);
      },
      { drsHosts: JSON.stringify(from.hosts) },
    )();
  } finally {
    await from.world.close();
  }
});

test("a taken name is skipped, replaced or made another, and folders are never replaced", async () => {
  const from = await source();
  try {
    await withWorld(
      async (world) => {
        const project = await world.project("ana");
        const old = await world.file("ana", project.id, "a.bam", "old");
        const { body: folder } = await world.post("ana", "/files", { name: "runs", type: "folder", project: project.id });
        const one = async (id: string, name: string, conflict_resolution: string) => {
          const items = [{ drs_uri: uri(id), project: project.id, name }];
          const { result } = await imported(world, { items, conflict_resolution });
          return result[0].error?.code ?? result[0].resource.id;
        };
        assert.equal(await one(from.a.id, "a.bam", "SKIP"), old.id);
        assert.equal(await one(from.runs, "runs", "SKIP"), folder.id);
        assert.deepEqual(await tree(world, project.root_folder), { "a.bam": "old", runs: {} });
        for (const resolution of ["SKIP", "OVERWRITE"]) {
          assert.equal(await one(from.a.id, "runs", resolution), 10224);
          assert.equal(await one(from.runs, "a.bam", resolution), 10223);
        }
        assert.equal(await one(from.runs, "runs", "OVERWRITE"), 10224);
        assert.notEqual(await one(from.a.id, "a.bam", "OVERWRITE"), old.id);
        assert.deepEqual(await tree(world, project.root_folder), { "a.bam": "bytes of a", runs: {} });
        await one(from.b.id, "a.bam", "RENAME");
        await one(from.runs, "runs", "rename");
        assert.deepEqual(await tree(world, project.root_folder), {
          "a.bam": "bytes of a",
          "_1_a.bam": "of b",
          runs: {},
          _1_runs: { "a.bam": "bytes of a", deep: { "b.bam": "of b" }, empty: {} },
        });
      },
      { drsHosts: JSON.stringify(from.hosts) },
    )();
  } finally {
    await from.world.close();
  }
});

test("what is wrong with an item is told of it alone", async () => {
  const from = await source();
  try {
    const { "127.0.0.1": host } = from.hosts;
    const hosts = {
      ...from.hosts,
      mine: { ...host, users: ["ben"] },
      stranger: { ...host, token: await from.world.token("nobody") },
      refused: { ...host, token: "of-nobody" },
    };
    await withWorld(
      async (world) => {
        const project = await world.project("ana");
        const others = await world.project("ben");
        const shared = await world.project("ben", "Shared");
        await world.post("ben", `/projects/${shared.id}/members`, { username: "ana", permissions: { read: true } });
        const file = await world.file("ana", project.id, "x.bam");
        const a = uri(from.a.id);
        const to = { project: project.id };
        const cases: [object, number][] = [
          [{ drs_uri: a }, 10228],
          [{ drs_uri: a, ...to, parent: project.root_folder }, 10228],
          [{ drs_uri: a, project: others.id }, 10222],
          [{ drs_uri: a, project: "ana/nothing" }, 10222],
          [{ drs_uri: a, project: shared.id }, 10221],
          [{ drs_uri: a, parent: file.id }, 10227],
          [{ drs_uri: a, parent: "6601f0a2c4e5b60012aa0001" }, 10222],
          [{ drs_uri: a, ...to, name: "a/b" }, 10235],
          [{ drs_uri: a, ...to, metadata: { "": "x" } }, 10248],
          [{ drs_uri: "https://127.0.0.1/x", ...to }, 10246],
          [{ drs_uri: "drs://127.0.0.1:80/x", ...to }, 10246],
          [{ drs_uri: "drs://127.0.0.1/x/y", ...to }, 10246],
          [{ drs_uri: "drs://dg.4503:abc", ...to }, 10246],
          [{ drs_uri: uri("x", "elsewhere.example"), ...to }, 10246],
          [{ drs_uri: uri(from.a.id, "mine"), ...to }, 10246],
          [{ drs_uri: uri("6601f0a2c4e5b60012aa0001"), ...to }, 10225],
          [{ drs_uri: uri(from.a.id, "stranger"), ...to }, 10225],
          [{ drs_uri: uri(from.a.id, "refused"), ...to }, 90011],
        ];
        const job = await imported(world, { items: [...cases.map(([item]) => item), { drs_uri: a, ...to }] });
        assert.deepEqual(codesOf(job), [...cases.map(([, code]) => code), undefined]);
        assert.deepEqual([job.total_files, job.completed_files, job.failed_files], [cases.length + 1, 1, cases.length]);
        assert.doesNotMatch(JSON.stringify(job), /of-nobody/);

        const whole: [object, number][] = [
          [{ ...to }, 10246],
          [{ drs_uri: { a: 1 }, ...to }, 10246],
          [{ drs_uri: a, project: "none" }, 10222],
          [{ drs_uri: a, parent: "none" }, 10222],
          [{ drs_uri: a, ...to, name: ["x"] }, 10235],
          [{ drs_uri: a, ...to, metadata: [] }, 10248],
        ];
        for (const [item, code] of whole) {
          const { body } = await world.post("ana", "/bulk/drs/imports/create", { items: [{ drs_uri: a, ...to }, item] });
          assert.equal(body.code, code, JSON.stringify(item));
        }
        for (const wrong of [{}, { items: [] }, { items: Array(101).fill({ drs_uri: a, ...to }) }, { items: "x" }])
          assert.equal((await world.post("ana", "/bulk/drs/imports/create", wrong)).status, 400);
        assert.equal((await world.get("ben", job.href)).body.code, 10211);
        assert.equal((await world.get("ana", "/bulk/drs/imports/100000000000000000")).body.code, 10211);
      },
      { drsHosts: JSON.stringify(hosts) },
    )();
  } finally {
    await from.world.close();
  }
});

/** A DRS service of the test's own; `answers` says what it gives by path. */
async function service(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

const object = (size: number, more: object = {}) => ({
  id: "x",
  name: "x.bam",
  size,
  checksums: [{ type: "sha-256", checksum: sha256("0123456789") }],
  access_methods: [{ type: "https", access_id: "a" }],
  ...more,
});

test("bytes that are cut go on where they were, and those that are wrong are not taken", async () => {
  const ranges: (string | undefined)[] = [];
  const told: (string | undefined)[] = [];
  const drs: { url: string; stop(): Promise<void> } = await service((request, response) => {
    const json = (value: unknown) => response.setHeader("content-type", "application/json").end(JSON.stringify(value));
    const [, , , , , id = "", access] = request.url!.split(/[/?]/);
    if (request.url!.startsWith("/bytes/")) {
      told.push(request.headers.authorization, request.headers["x-of"] as string);
      if (request.url !== "/bytes/cut") return void response.end("0123456789");
      ranges.push(request.headers.range);
      const from = Number(/\d+/.exec(request.headers.range ?? "0")![0]);
      if (from > 0) response.writeHead(206, { "content-range": `bytes ${from}-9/10`, "content-length": 10 - from });
      else response.writeHead(200, { "content-length": 10 });
      // Four bytes, then the line breaks.
      response.write("0123456789".slice(from, from + 4), () => (from + 4 >= 10 ? response.end() : response.destroy()));
      return;
    }
    if (access === "access") return void json({ url: `${drs.url}/bytes/${id}`, headers: ["X-Of: the store"] });
    const objects: Record<string, object> = {
      cut: object(10),
      good: object(10, { checksums: [{ type: "etag", checksum: "x" }] }),
      wrong: object(10, { checksums: [{ type: "md5", checksum: "00" }] }),
      short: object(11),
      long: object(9),
      unsized: { ...object(10), size: undefined },
      ways: object(10, { access_methods: [{ type: "s3", access_url: { url: "s3://bucket/key" } }] }),
      elsewhere: object(10, { access_methods: [{ type: "https", access_url: { url: "http://169.254.169.254/latest" } }] }),
      other: object(10, { access_methods: [{ type: "https", access_url: { url: "http://127.0.0.2:9/x" } }] }),
      "name/": object(10, { name: "a/b" }),
      names: object(1, { contents: [{ name: "..", id: "x" }] }),
      folders: object(1, { contents: [{ name: "__x", contents: [] }] }),
      ids: object(1, { contents: [{ name: "a" }] }),
      twice: object(1, {
        contents: [
          { name: "a", id: "good" },
          { name: "a", id: "good" },
        ],
      }),
      many: object(1, { contents: Array.from({ length: 6 }, (_, at) => ({ name: `${at}`, id: "good" })) }),
      half: object(1, {
        contents: [
          { name: "a", id: "good" },
          { name: "b", id: "none" },
        ],
      }),
      nested: object(1, { contents: [{ name: "a", id: "half" }] }),
      list: [],
    };
    const found = objects[decodeURIComponent(id)];
    if (id === "moved") return void response.writeHead(302, { location: "http://169.254.169.254/" }).end();
    if (id === "secret") return void response.writeHead(403).end();
    if (!found) return void response.writeHead(404).end();
    json(found);
  });
  try {
    await withWorld(
      async (world) => {
        const project = await world.project("ana");
        const cases: [string, number | undefined][] = [
          ["cut", undefined],
          ["good", undefined],
          ["wrong", 90011],
          ["long", 90011],
          ["unsized", 90011],
          ["ways", 90011],
          ["elsewhere", 90011],
          ["other", 90011],
          ["moved", 90011],
          ["list", 90011],
          ["secret", 10226],
          ["none", 10225],
          ["name%2F", 10235],
          ["names", 10276],
          ["folders", 10276],
          ["ids", 10277],
          ["nested", 10277],
          ["twice", 10372],
          ["many", 10278],
          ["half", 10225],
        ];
        const items = cases.map(([id], at) => ({
          drs_uri: uri(id, "lab"),
          project: project.id,
          ...(id.startsWith("name") ? {} : { name: `${at}` }),
        }));
        const job = await imported(world, { items });
        assert.deepEqual(
          job.result.map(({ error }: Result, at: number) => [cases[at]![0], error?.code]),
          cases,
        );
        assert.deepEqual(ranges, [undefined, "bytes=4-", "bytes=8-"]);
        assert.deepEqual(
          await tree(world, project.root_folder),
          { 0: "0123456789", 1: "0123456789" },
          "a bundle wholly or not at all",
        );
        // The token is the service's, not its store's, which has the headers that the service gave.
        assert.ok(told.length > 0);
        assert.deepEqual([...new Set(told)], [undefined, "the store"]);
      },
      { drsHosts: JSON.stringify({ lab: { url: drs.url, token: "secret-of-lab" } }), drsBundleObjects: 5 },
    )();
  } finally {
    await drs.stop();
  }
});

test("files beyond the quota follow when the window opens again, and jobs beyond the bound are refused", async () => {
  const from = await source();
  try {
    await withWorld(
      async (world) => {
        const { db } = world.platform;
        const project = await world.project("ana");
        const release = await holdQueue(db);
        const items = [from.a, from.b].map(({ id }) => ({ drs_uri: uri(id), project: project.id }));
        const { body: job } = await world.post("ana", "/bulk/drs/imports/create", { items });
        const refused = await world.post("ana", "/bulk/drs/imports/create", { items });
        assert.deepEqual([refused.status, refused.body.code], [429, 10371]);
        await release();

        const isPutOff = sql`
          select from graphile_worker._private_jobs
          where key = ${`drs import ${job.id}`} and run_at > now() + interval '3 minutes' and locked_at is null`;
        while ((await isPutOff.execute(db)).rows.length === 0) await new Promise((wake) => setTimeout(wake, 20));
        const { body: half } = await world.get("ana", job.href);
        assert.deepEqual([half.state, half.completed_files, half.result.length], ["RUNNING", 1, 1]);
        await sql`update drs_import_files set fetched_at = fetched_at - interval '5 minutes'`.execute(db);
        await sql`update graphile_worker._private_jobs set run_at = now()`.execute(db);
        await sql`select pg_notify('jobs:insert', '{"count":1}')`.execute(db);
        assert.equal((await untilFinished(world, job)).completed_files, 2);

        // Nothing is kept of what an import was made of, once it is not counted any more.
        const rows = async () => (await sql`select from drs_import_files`.execute(db)).rows.length;
        assert.equal(await rows(), 2);
        await world.platform.services.drsImports.removeOld(new Date(Date.now() + 2 * 60 * 60_000));
        assert.equal(await rows(), 0);
      },
      { drsHosts: JSON.stringify(from.hosts), drsImportFiles: 1, drsImports: 1 },
    )();
  } finally {
    await from.world.close();
  }
});

test("the setting of services says what is wrong with it, and repeats nothing secret", () => {
  for (const [text, message] of [
    ['{"lab": {"token": "secret"', /^CAUSEWAY_DRS_HOSTS is no JSON\.$/],
    ['{"lab": {"secret": 1}}', /^CAUSEWAY_DRS_HOSTS\/lab\/secret /],
    ['{"lab": {"token": "two secret words"}}', /^CAUSEWAY_DRS_HOSTS\/lab\/token /],
    ['{"lab": {"url": "https://u:secret@lab"}}', /^CAUSEWAY_DRS_HOSTS\/lab\/url /],
    ['{"lab": {"bytes": ["http://x"]}}', /^CAUSEWAY_DRS_HOSTS\/lab: /],
  ] as const) {
    assert.throws(
      () => readDrsHosts(text, undefined),
      (error: Error) => message.test(error.message) && !/secret w|u:secret/.test(error.message),
      text,
    );
  }
  const host = readDrsHosts('{"DRS.example.org": {}}', undefined).get("drs.example.org")!;
  assert.equal(host.api.href, "https://drs.example.org/ga4gh/drs/v1");
});
