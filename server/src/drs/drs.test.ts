import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { sql } from "kysely";
import { put, ranTo, sharedVolume } from "../imports/testing.ts";
import { type World, withWorld } from "../testing/world.ts";
import { drs, drsOf, stray } from "./testing.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const NOBODYS = "6601f0a2c4e5b60012aa0001";

/** A folder of Ana's: `a.bam`, `b.bam` and an empty folder `empty`, and in `deep/` a `c.bam`. */
async function lab(world: World) {
  const project = await world.project("ana");
  const folder = async (name: string, place: object): Promise<string> =>
    (await world.post("ana", "/files", { name, type: "folder", ...place })).body.id;
  const runs = await folder("runs", { project: project.id });
  const deep = await folder("deep", { parent: runs });
  const empty = await folder("empty", { parent: runs });
  const a = await world.file("ana", runs, "a.bam", "bytes of a");
  const b = await world.file("ana", runs, "b.bam", "b");
  const c = await world.file("ana", deep, "c.bam", "of c");
  return { project, runs, deep, empty, a, b, c };
}

test(
  "a file is a blob, whose bytes are had from the address that its access method leads to",
  withWorld(async (world) => {
    const { a } = await lab(world);
    const { status, body, headers } = await drs(world, "ana", "GET", `/objects/${a.id}`);
    assert.equal(status, 200);
    assert.match(headers.get("content-type")!, /^application\/json/);
    assert.deepEqual(body, {
      id: a.id,
      name: "a.bam",
      self_uri: `drs://127.0.0.1/${a.id}`,
      size: 10,
      created_time: a.created_on,
      updated_time: a.modified_on,
      mime_type: "application/octet-stream",
      checksums: [{ type: "sha-256", checksum: sha256("bytes of a") }],
      access_methods: [
        {
          type: "https",
          access_id: "https",
          cloud: "causeway",
          region: "local",
          available: true,
          authorizations: { supported_types: ["BearerAuth"] },
        },
      ],
    });
    for (const method of ["GET", "POST"]) {
      const access = await drs(world, "ana", method, `/objects/${a.id}/access/https`);
      assert.equal(access.status, 200);
      const bytes = await fetch(access.body.url, { headers: { range: "bytes=0-4" } });
      assert.deepEqual([bytes.status, await bytes.text()], [206, "bytes"]);
    }
    const same = await drs(world, "ana", "POST", `/objects/${a.id}`, { passports: ["of.a.visa"], expand: true, other: 1 });
    assert.deepEqual(same.body, body);
    assert.deepEqual((await drs(world, "ana", "GET", `/objects/${a.id.toUpperCase()}`)).body, body);

    const bearer = await drs(world, null, "GET", `/objects/${a.id}`, undefined, {
      authorization: `Bearer ${await world.token("ana")}`,
    });
    assert.deepEqual(bearer.body, body);

    // Of many parts: nobody has read the whole yet.
    await sql`update blobs set sha256 = null`.execute(world.platform.db);
    const { checksums } = (await drs(world, "ana", "GET", `/objects/${a.id}`)).body;
    const { url } = (await drs(world, "ana", "GET", `/objects/${a.id}/access/https`)).body;
    assert.deepEqual(checksums, [{ type: "etag", checksum: (await fetch(url)).headers.get("etag")?.replaceAll('"', "") }]);
  }),
);

test(
  "a folder is a bundle, with a size and a checksum over all that is in it",
  withWorld(async (world) => {
    const { project, runs, deep, empty, a, b, c } = await lab(world);
    const { body } = await drs(world, "ana", "GET", `/objects/${runs}`);
    const entry = (id: string, name: string) => ({ name, id, drs_uri: [`drs://127.0.0.1/${id}`] });
    assert.deepEqual(body.contents, [entry(a.id, "a.bam"), entry(b.id, "b.bam"), entry(deep, "deep"), entry(empty, "empty")]);
    assert.equal(body.size, 10 + 1 + 4);
    assert.ok(!("access_methods" in body));
    const sumOf = (...parts: string[]) => sha256(parts.sort().join(""));
    const ofDeep = sumOf(sha256("of c"));
    const ofRuns = sumOf(sha256("bytes of a"), sha256("b"), ofDeep, sha256(""));
    assert.deepEqual(body.checksums, [{ type: "sha-256", checksum: ofRuns }]);

    for (const whole of [
      await drs(world, "ana", "GET", `/objects/${runs}?expand=true`),
      await drs(world, "ana", "POST", `/objects/${runs}`, { expand: true }),
    ]) {
      const inDeep = { ...entry(deep, "deep"), contents: [entry(c.id, "c.bam")] };
      const inEmpty = { ...entry(empty, "empty"), contents: [] };
      assert.deepEqual(whole.body, { ...body, contents: [entry(a.id, "a.bam"), entry(b.id, "b.bam"), inDeep, inEmpty] });
    }
    const root = await drs(world, "ana", "GET", `/objects/${project.root_folder}`);
    assert.deepEqual([root.body.size, root.body.contents.length], [15, 1]);
    const access = await drs(world, "ana", "GET", `/objects/${runs}/access/https`);
    assert.equal(access.status, 404);

    // Deleted things are gone; a tag of unknown bytes makes no SHA-256 of what it is in.
    await world.delete("ana", `/files/${c.id}`);
    await sql`update blobs set sha256 = null where size = 1`.execute(world.platform.db);
    const less = (await drs(world, "ana", "GET", `/objects/${runs}`)).body;
    assert.deepEqual([less.size, less.checksums[0].type], [11, "etag"]);
    assert.notEqual(less.checksums[0].checksum, ofRuns);
  }),
);

test(
  "what may not be read is not there, and bytes take the right to copy",
  withWorld(async (world) => {
    const { project, runs, a } = await lab(world);
    const codes = async (user: string | null) => [
      (await drs(world, user, "GET", `/objects/${a.id}`)).status,
      (await drs(world, user, "GET", `/objects/${runs}?expand=true`)).status,
      (await drs(world, user, "GET", `/objects/${a.id}/access/https`)).status,
    ];
    await world.token("ben");
    assert.deepEqual(await codes("ben"), [404, 404, 404]);
    assert.deepEqual(await codes(null), [401, 401, 401]);
    const hidden = await drs(world, "ben", "GET", `/objects/${a.id}`);
    assert.deepEqual(hidden.body, (await drs(world, "ben", "GET", `/objects/${NOBODYS}`)).body);
    assert.deepEqual(hidden.body, { msg: "Requested file does not exist.", status_code: 404 });

    await world.post("ana", `/projects/${project.id}/members`, { username: "ben", permissions: { read: true } });
    assert.deepEqual(await codes("ben"), [200, 200, 403]);
    await world.patch("ana", `/projects/${project.id}/members/ben/permissions`, { copy: true });
    assert.deepEqual(await codes("ben"), [200, 200, 200]);
    assert.equal((await drs(world, "ben", "GET", `/objects/${a.id}/access/none`)).status, 404);
    for (const id of ["none", "%00", `${a.id}0`, "drs:%2F%2Fx"])
      assert.equal((await drs(world, "ana", "GET", `/objects/${id}`)).status, 404, id);
    assert.equal((await drs(world, "ana", "GET", `/objects/${a.id}?expand=perhaps`)).status, 400);
  }),
);

test(
  "many objects and many addresses are had in one request, each with its own answer",
  withWorld(
    async (world) => {
      const { project, runs, deep, a, b, c } = await lab(world);
      await world.token("ben");
      await world.post("ana", `/projects/${project.id}/members`, { username: "ben", permissions: { read: true } });
      const ids = [b.id, NOBODYS, runs, "none", a.id];
      const { status, body } = await drs(world, "ben", "POST", "/objects?expand=true", { bulk_object_ids: ids });
      assert.equal(status, 200);
      assert.deepEqual(body.summary, { requested: 5, resolved: 3, unresolved: 2 });
      assert.deepEqual(body.unresolved_drs_objects, [{ error_code: 404, object_ids: [NOBODYS, "none"] }]);
      const alone = await Promise.all(
        [b.id, runs, a.id].map(async (id) => (await drs(world, "ben", "GET", `/objects/${id}?expand=true`)).body),
      );
      assert.deepEqual(body.resolved_drs_object, alone);

      const asked = [
        { bulk_object_id: a.id, bulk_access_ids: ["https", "none"] },
        { bulk_object_id: deep, bulk_access_ids: ["https"] },
        { bulk_object_id: c.id, bulk_access_ids: ["https"] },
      ];
      const access = await drs(world, "ana", "POST", "/objects/access", { bulk_object_access_ids: asked });
      assert.deepEqual(access.body.summary, { requested: 4, resolved: 2, unresolved: 2 });
      assert.deepEqual(access.body.unresolved_drs_objects, [{ error_code: 404, object_ids: [a.id, deep] }]);
      const bytes = await Promise.all(
        access.body.resolved_drs_object_access_urls.map(async (one: Record<string, string>) => [
          one.drs_object_id,
          one.drs_access_id,
          await (await fetch(one.url!)).text(),
        ]),
      );
      assert.deepEqual(bytes, [
        [a.id, "https", "bytes of a"],
        [c.id, "https", "of c"],
      ]);
      const refused = await drs(world, "ben", "POST", "/objects/access", { bulk_object_access_ids: asked });
      assert.deepEqual(refused.body.unresolved_drs_objects, [
        { error_code: 403, object_ids: [a.id, c.id] },
        { error_code: 404, object_ids: [a.id, deep] },
      ]);

      const info = await drs(world, null, "GET", "/service-info");
      assert.deepEqual([info.body.maxBulkRequestLength, info.body.drs.maxBulkRequestLength], [5, 5]);
      const six = [...ids, c.id];
      for (const answer of [
        await drs(world, "ana", "POST", "/objects", { bulk_object_ids: six }),
        await drs(world, null, "OPTIONS", "/objects", { bulk_object_ids: six }),
        await drs(world, "ana", "POST", "/objects/access", { bulk_object_access_ids: [...asked, ...asked] }),
      ]) {
        assert.equal(answer.status, 413);
        assert.match(answer.body.msg, /At most 5 .* \(CAUSEWAY_DRS_BULK_OBJECTS\)/);
      }
      assert.equal((await drs(world, "ana", "POST", "/objects", {})).status, 400);
      assert.equal((await drs(world, "ana", "POST", "/objects", { bulk_object_ids: ["half \ud83e"] })).status, 400);
      assert.deepEqual((await drs(world, "ana", "POST", "/objects", { bulk_object_ids: [] })).body.resolved_drs_object, []);
    },
    { drsBulkObjects: 5 },
  ),
);

test(
  "folders are told as far as the operator lets them be",
  withWorld(
    async (world) => {
      const { runs, deep, empty } = await lab(world);
      const codeOf = async (path: string) => {
        const { status, body } = await drs(world, "ana", "GET", `/objects/${path}`);
        if (status === 400) assert.match(body.msg, /CAUSEWAY_(DRS_BUNDLE_OBJECTS|BODY_DEPTH): [47]/);
        return status;
      };
      assert.deepEqual([await codeOf(runs), await codeOf(deep), await codeOf(empty)], [400, 200, 200]);
      const many = await drs(world, "ana", "POST", "/objects", { bulk_object_ids: [deep, deep, deep, deep, runs, deep] });
      assert.deepEqual(many.body.unresolved_drs_objects, [{ error_code: 400, object_ids: [runs, deep] }]);

      let place = empty;
      for (const name of ["1", "2", "3", "4"]) {
        const made = await world.post("ana", "/files", { name, type: "folder", parent: place });
        place = made.body.id;
      }
      assert.deepEqual([await codeOf(empty), await codeOf(`${empty}?expand=true`)], [200, 400]);
    },
    { drsBundleObjects: 4, bodyDepth: 7 },
  ),
);

test(
  "an alias is told by its object's tag, and its bytes as long as its volume is there",
  withWorld(async (world) => {
    await put(world, { "in/a.bam": "0123456789" });
    const volume = await sharedVolume(world, "ana");
    const project = await world.project("ana");
    const job = { source: { volume, location: "in/a.bam" }, destination: { project: project.id, name: "reads.bam" } };
    const { result: alias } = await ranTo(world, "ana", "imports", job);
    const show = () => drs(world, "ana", "GET", `/objects/${alias.id}`);
    const access = () => drs(world, "ana", "GET", `/objects/${alias.id}/access/https`);

    const { body } = await show();
    assert.deepEqual([body.size, body.checksums[0].type, body.access_methods[0].available], [10, "etag", true]);
    assert.ok(!("cloud" in body.access_methods[0]));
    assert.equal(await (await fetch((await access()).body.url)).text(), "0123456789");

    await rm(join(world.share, "in/a.bam"));
    assert.equal((await access()).status, 404, "a broken alias");
    assert.equal((await world.patch("ana", `/storage/volumes/${volume}`, { active: false })).status, 200);
    assert.equal((await show()).body.access_methods[0].available, false);
    assert.deepEqual((await access()).body, { msg: "The file lies on a volume that is not active.", status_code: 409 });
  }),
);

test(
  "everybody may ask how to be authorized, and pages of other origins may call",
  withWorld(async (world) => {
    const { a } = await lab(world);
    const known = await drs(world, null, "OPTIONS", `/objects/${a.id}`);
    assert.deepEqual(known.body, { drs_object_id: a.id, supported_types: ["BearerAuth"] });
    const unknown = await drs(world, null, "OPTIONS", `/objects/${NOBODYS}`);
    assert.deepEqual(unknown.body, { ...known.body, drs_object_id: NOBODYS }, "it does not tell what there is");
    const many = await drs(world, null, "OPTIONS", "/objects", { bulk_object_ids: [a.id, "none"] });
    assert.deepEqual(many.body.summary, { requested: 2, resolved: 2, unresolved: 0 });
    assert.deepEqual(many.body.resolved_drs_object, [known.body, { ...known.body, drs_object_id: "none" }]);

    const asks = { origin: "https://browser.example", "access-control-request-method": "GET" };
    for (const [path, allow] of [
      ["/service-info", "GET, HEAD, OPTIONS"],
      [`/objects/${a.id}`, "GET, HEAD, POST, OPTIONS"],
      ["/objects", "POST, OPTIONS"],
      ["/objects/access", "POST, OPTIONS"],
      [`/objects/${a.id}/access/https`, "GET, HEAD, POST, OPTIONS"],
    ] as const) {
      const preflight = await fetch(drsOf(world) + path, {
        method: "OPTIONS",
        headers: { ...asks, "access-control-request-headers": "authorization" },
      });
      assert.deepEqual(
        [preflight.status, preflight.headers.get("access-control-allow-origin"), await preflight.text()],
        [204, "*", ""],
      );
      assert.equal(preflight.headers.get("access-control-allow-methods"), allow, path);
      assert.equal(preflight.headers.get("access-control-allow-headers"), "authorization");
      const { status, headers, body } = await world.send("DELETE", "ana", drsOf(world) + path);
      assert.deepEqual([status, headers.get("allow"), body.status_code], [405, allow, 405], path);
    }
    const shown = await drs(world, "ana", "GET", `/objects/${a.id}`, undefined, { origin: "https://browser.example" });
    assert.equal(shown.headers.get("access-control-allow-origin"), "*");
  }),
);

test(
  "the service describes itself, and what goes wrong has GA4GH's shape everywhere",
  withWorld(async (world) => {
    const { a } = await lab(world);
    const { body } = await drs(world, null, "GET", "/service-info");
    assert.deepEqual(body.type, { group: "org.ga4gh", artifact: "drs", version: "1.5.0" });
    assert.equal(body.id, "127.0.0.1.drs");
    const { status, body: document } = await world.get(null, `${drsOf(world)}/openapi.json`);
    assert.equal(status, 200);
    assert.deepEqual(document.servers, [{ url: drsOf(world) }]);
    assert.deepEqual(Object.keys(document.paths["/objects/{object}"]), ["get", "post", "options"]);

    for (const path of ["/nothing", "/objects", "/objects/%c3%28", `/objects/${"x".repeat(1001)}`]) {
      const answer = await world.get("ana", drsOf(world) + path);
      assert.deepEqual(Object.keys(answer.body), ["msg", "status_code"], path);
      assert.equal(answer.status, answer.body.status_code, path);
    }
    const torn = await drs(world, "ana", "POST", "/objects", '{"torn":');
    assert.equal(torn.status, 400);
    assert.equal((await drs(world, "ana", "POST", "/objects", "x", { "content-type": "text/plain" })).status, 415);
    assert.equal((await drs(world, null, "OPTIONS", "/objects", '{"torn":')).status, 400);

    const { maintenance } = world.platform.services;
    await maintenance.close("files");
    assert.deepEqual((await drs(world, "ana", "GET", `/objects/${a.id}`)).body, {
      msg: "File service is currently unavailable.",
      status_code: 503,
    });
    await maintenance.open("files");
    await maintenance.close("platform");
    for (const closed of [
      await drs(world, "ana", "GET", `/objects/${a.id}`),
      await world.get(null, `${drsOf(world)}/nothing`),
      await drs(world, null, "OPTIONS", `/objects/${a.id}`),
    ])
      assert.deepEqual(closed.body, { msg: "The Platform is currently under maintenance.", status_code: 503 });
  }),
);

test(
  "descriptions count for the rate limit, and addresses for bytes do not",
  withWorld(
    async (world) => {
      const { a } = await lab(world);
      const left = async () => (await world.get("ana", "/rate_limit")).body.rate.remaining;
      const before = await left();
      await drs(world, "ana", "GET", `/objects/${a.id}/access/https`);
      await drs(world, null, "GET", "/service-info");
      assert.equal(await left(), before);
      await drs(world, "ana", "GET", `/objects/${a.id}`);
      assert.equal(await left(), before - 1);
      for (let used = 1; used < before; used += 1) await drs(world, "ana", "GET", `/objects/${a.id}`);
      const refused = await drs(world, "ana", "GET", `/objects/${a.id}`);
      assert.deepEqual(refused.body, { msg: "Rate limit exceeded! Check response headers.", status_code: 429 });
    },
    { rateLimit: 30 },
  ),
);

test("the check of answers finds what is wrong", () => {
  const answer = (body: object, status = 200) => ({ status, body, headers: new Headers() });
  const good = {
    id: "x",
    self_uri: "drs://h/x",
    size: 1,
    created_time: "2026-03-02T08:21:40Z",
    checksums: [{ checksum: "00", type: "sha-256" }],
    contents: [{ name: "a", contents: [{ name: "b" }] }],
  };
  const call = "GET /objects/{object_id}";
  assert.equal(stray(call, answer(good)), undefined);
  const { size: _, ...unsized } = good;
  for (const bad of [
    unsized,
    { ...good, checksums: [] },
    { ...good, created_time: "yesterday" },
    { ...good, contents: [{ name: "a", contents: [{ title: "b" }] }] },
    { ...good, access_methods: [{ type: "carrier pigeon" }] },
  ])
    assert.match(stray(call, answer(bad)) ?? "", /^DRS 1\.2\.0/);
  assert.match(stray(call, answer(good, 201)) ?? "", /does not answer 201/);
  assert.match(stray(call, answer({ message: "x" }, 404)) ?? "", /no msg/);
});
