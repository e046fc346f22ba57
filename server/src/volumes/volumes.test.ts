import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type World, withWorld } from "../testing/world.ts";

const local = (more: object = {}) => ({ type: "local", bucket: "share", ...more });

async function made(world: World, user: string, name: string, more: object = {}) {
  const { status, body } = await world.post(user, "/storage/volumes", { name, service: local(), ...more });
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

test(
  "a volume is made, listed, changed, deactivated, activated and deleted",
  withWorld(async (world) => {
    await mkdir(join(world.share, "runs"));
    const volume = await made(world, "ana", "nas_runs", {
      description: "sequencer drop zone",
      access_mode: "RO",
      service: local({ prefix: "runs/", properties: { symlinks: "within_root", of_the_lab: 7 } }),
    });
    const { created_on, modified_on, ...rest } = volume;
    assert.match(created_on, /^\d{4}-.*Z$/);
    assert.equal(modified_on, created_on);
    assert.deepEqual(rest, {
      href: `${world.url}/storage/volumes/ana/nas_runs`,
      id: "ana/nas_runs",
      name: "nas_runs",
      description: "sequencer drop zone",
      access_mode: "RO",
      service: {
        type: "LOCAL",
        bucket: "share",
        prefix: "runs/",
        credentials: {},
        properties: { symlinks: "within_root", of_the_lab: 7 },
      },
      active: true,
    });
    assert.deepEqual((await world.get("ana", volume.href)).body, volume);
    const listed = await world.get("ana", "/storage/volumes");
    assert.deepEqual(listed.body.items, [{ href: volume.href, id: volume.id, name: volume.name }]);
    assert.equal(listed.headers.get("x-total-matching-query"), "1");
    assert.deepEqual((await world.get("ana", "/storage/volumes?fields=_all")).body.items, [volume]);
    assert.deepEqual((await world.get("ben", "/storage/volumes")).body.items, []);

    const change = async (body: object, query = "") => (await world.patch("ana", volume.href + query, body)).body;
    assert.deepEqual(await change({}), volume);
    assert.deepEqual(await change({ name: "nas_runs", description: null, service: null }), volume);
    const { service } = await change({ service: { properties: { symlinks: "deny" } } });
    assert.deepEqual(service, { ...volume.service, properties: { symlinks: "deny", of_the_lab: 7 } });
    assert.equal((await change({ service: { prefix: "runs/2026" } })).service.prefix, "runs/2026");
    assert.equal((await change({ access_mode: "RW" })).access_mode, "RW");
    assert.equal((await change({ name: "other" })).code, 9011);
    assert.equal((await change({ service: { type: "S3" } })).code, 9017);

    assert.equal((await world.delete("ana", volume.href)).body.code, 90007, "it is active");
    assert.equal((await change({ active: "false" })).active, false);
    assert.equal((await change({ active: false }, "?force=True")).active, false);
    assert.equal((await world.get("ana", `${volume.href}/list`)).body.code, 9069);
    assert.equal((await world.get("ana", `${volume.href}/object?location=x`)).body.code, 9069);
    assert.equal((await world.get("ana", volume.href)).body.active, false);
    assert.equal((await change({ active: true })).active, true);
    await change({ active: false });
    assert.equal((await world.delete("ana", volume.href)).status, 204);
    assert.equal((await world.get("ana", volume.href)).body.code, 9007);
    await made(world, "ana", "NAS_runs");
  }),
);

test(
  "what is wrong with a volume is told in the documented order, and nothing is made",
  withWorld(async (world) => {
    await made(world, "ana", "Taken");
    const create = async (body: unknown) => {
      const answer = await world.post("ana", "/storage/volumes", body);
      return `${answer.status} ${answer.body.code}`;
    };
    const s3 = { type: "S3", bucket: "lab", endpoint: "http://127.0.0.1:1" };
    const keys = { access_key_id: "AK", secret_access_key: "secret" };
    const cases: [body: unknown, answer: string][] = [
      [[], "400 9011"],
      [{ access_mode: "XX" }, "400 9013"],
      [{ name: null, service: local() }, "400 9013"],
      [{ name: "", access_mode: "XX" }, "400 9013"],
      [{ name: "with-hyphen", access_mode: "XX" }, "400 9014"],
      [{ name: "x".repeat(33), access_mode: "XX" }, "400 9014"],
      [{ name: "a__b", access_mode: "XX" }, "400 9030"],
      [{ name: "_a" }, "400 9030"],
      [{ name: "a_" }, "400 9030"],
      [{ name: "a", access_mode: "XX" }, "400 9015"],
      [{ name: "a" }, "400 9016"],
      [{ name: "a", service: {} }, "400 9017"],
      [{ name: "a", service: { type: "FTP", bucket: "x" } }, "400 9017"],
      [{ name: "a", service: { type: "local" } }, "400 9017"],
      [{ name: "a", service: { type: "local", bucket: "" } }, "400 9017"],
      [{ name: "a", service: local({ prefix: "a/../b" }) }, "400 9017"],
      [{ name: "a", service: local({ credentials: keys }) }, "400 9017"],
      [{ name: "a", service: local({ properties: { symlinks: "all" } }) }, "400 9019"],
      [{ name: "a", service: local({ properties: "x" }) }, "400 9019"],
      [{ name: "a", service: local({ properties: { secret_access_key: "x" } }) }, "400 9019"],
      [{ name: "a", service: s3 }, "400 9034"],
      [{ name: "a", service: { ...s3, credentials: { access_key_id: "AK" } } }, "400 9034"],
      [{ name: "a", service: { ...s3, credentials: { ...keys, role_arn: "r", external_id: "x" } } }, "400 9034"],
      [{ name: "a", service: { ...s3, credentials: { role_arn: "r", external_id: "x" } } }, "400 9034"],
      [{ name: "a", service: { ...s3, credentials: { ...keys, secret_access_key: "a\nb" } } }, "400 9034"],
      [{ name: "a", service: { ...s3, credentials: keys, properties: { aws_canned_acl: "mine" } } }, "400 9022"],
      [{ name: "a", service: { ...s3, credentials: keys, properties: { sse_algorithm: "rot13" } } }, "400 9023"],
      [{ name: "a", service: { ...s3, credentials: keys, properties: { aws_storage_class: "COLD" } } }, "400 9024"],
      [{ name: "a", service: { ...s3, credentials: keys, properties: { region: "a b" } } }, "400 9019"],
      [{ name: "a", service: { ...s3, endpoint: "ftp://x", credentials: keys } }, "400 9017"],
      [{ name: "a", service: { type: "GCS", bucket: "lab" } }, "400 9029"],
      [{ name: "a", service: { type: "GCS", bucket: "lab", credentials: { configuration: "{" } } }, "400 9029"],
      [
        { name: "a", service: { type: "GCS", bucket: "lab", credentials: { client_email: "a@b", private_key: "x" } } },
        "400 9025",
      ],
      [{ name: "a", service: { type: "azure", storage_account: "lab", container: "lab" } }, "400 9031"],
      [{ name: "a", service: { type: "azure", container: "lab" } }, "400 9017"],
      [{ name: "a", service: { type: "OSS", bucket: "lab", credentials: keys } }, "400 9017"],
      [{ name: "tAKEN", service: { ...s3, credentials: keys } }, "409 9010"],
      [{ name: "a", service: { ...s3, credentials: keys } }, "503 9000"],
      [{ name: "a", service: { ...s3, endpoint: "http://127.1.2.3:1", credentials: keys } }, "400 9017"],
      [{ name: "a", service: { ...s3, endpoint: "http://169.254.169.254", credentials: keys } }, "400 9017"],
      [{ name: "a", service: local({ bucket: "nowhere" }) }, "404 9200"],
    ];
    for (const [body, answer] of cases) assert.equal(await create(body), answer, JSON.stringify(body));
    assert.equal((await world.get("ana", "/storage/volumes")).body.items.length, 1);
  }),
);

test(
  "a folder is listed by pages that lead through it, whatever their size",
  withWorld(async (world) => {
    await mkdir(join(world.share, "runs", "r1"), { recursive: true });
    await mkdir(join(world.share, "runs", "with blank"));
    for (const name of ["a.bam", "b b.bam", "é.bam"]) await writeFile(join(world.share, "runs", name), `bytes of ${name}`);
    await writeFile(join(world.share, "runs", "r1", "x"), "x");
    const { href } = await made(world, "ana", "nas", { service: local({ prefix: "/" }) });
    const all = ["a.bam", "b b.bam", "r1/", "with blank/", "é.bam"].map((name) => `runs/${name}`);
    for (const limit of [1, 2, 3, 100]) {
      const found: string[] = [];
      for (let next: string | undefined = `${href}/list?prefix=/runs&limit=${limit}&offset=0&fields=_all`; next !== undefined; ) {
        const { status, body } = await world.get("ana", next);
        assert.equal(status, 200, JSON.stringify(body));
        assert.deepEqual((await world.get("ana", body.href)).body, body);
        assert.equal(body.truncated, body.links.length === 1);
        found.push(...body.items.map((item: { location: string }) => item.location));
        found.push(...body.prefixes.map((folder: { prefix: string }) => `${folder.prefix}/`));
        for (const item of body.items) assert.deepEqual((await world.get("ana", item.href)).body, item);
        next = body.links[0]?.next;
        if (next !== undefined) assert.match(new URL(next).search, /^\?continuation_token=[A-Za-z0-9_-]+&limit=\d+&fields=_all$/);
      }
      assert.deepEqual(found.sort(), [...all].sort());
    }
    const { body } = await world.get("ana", `${href}/list?prefix=runs/`);
    assert.deepEqual(Object.keys(body.items[0]), ["href", "location", "volume", "type"]);
    assert.deepEqual(
      body.prefixes.map(({ prefix, volume }: { prefix: string; volume: string }) => [prefix, volume]),
      [
        ["runs/r1", "ana/nas"],
        ["runs/with blank", "ana/nas"],
      ],
    );
    const [within] = (await world.get("ana", body.prefixes[0].href)).body.items;
    assert.deepEqual([within.location, within.type], ["runs/r1/x", "local"]);
    assert.deepEqual((await world.get("ana", `${href}/list?prefix=none`)).body.items, []);

    const cases: [path: string, answer: string][] = [
      ["list?continuation_token=%25", "400 57000"],
      ["list?continuation_token=a", "400 57000"],
      ["list?continuation_token=abcdefgh", "400 57001"],
      ["list?limit=0", "400 9011"],
      ["list?limit=x", "400 9011"],
      ["list?prefix=..", "400 9011"],
      ["list?prefix=a%00", "400 9011"],
      ["object", "400 9011"],
      ["object?location=", "400 9011"],
      ["object?location=runs/", "400 9072"],
      ["object?location=runs", "404 9105"],
      ["object?location=runs/none", "404 9105"],
      ["object?location=runs/../runs/a.bam", "400 9011"],
    ];
    for (const [path, expected] of cases) {
      const answer = await world.get("ana", `${href}/${path}`);
      assert.equal(`${answer.status} ${answer.body.code}`, expected, path);
    }
    const other = await made(world, "ana", "other");
    const token = new URL((await world.get("ana", `${href}/list?prefix=runs&limit=1`)).body.links[0].next).searchParams;
    const stolen = await world.get("ana", `${other.href}/list?continuation_token=${token.get("continuation_token")}`);
    assert.equal(stolen.body.code, 57001);
  }),
);
