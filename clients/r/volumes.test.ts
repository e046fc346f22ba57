import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { type SmallS3, startSmallS3 } from "../../server/src/volumes/testing/small-s3.ts";
import { send } from "./r-client.ts";
import { ana, ben, platform } from "./story.ts";

let bucket: SmallS3;

before(async () => {
  bucket = await startSmallS3({ "run7/s1.bam": "bytes", "run7/qc/report.html": "report", "readme.txt": "words" });
});
after(() => bucket.stop());

const newName = () => `r_${randomUUID().slice(0, 8)}`;

/** As R's `create_s3_using_iam_user` does: nulls for what was not given, encryption always. */
const s3 = (name: string, more: object = {}) => ({
  name,
  access_mode: "RW",
  description: null,
  service: {
    type: "s3",
    bucket: "lab",
    prefix: null,
    endpoint: bucket.endpoint,
    credentials: { access_key_id: "AKTESTS", secret_access_key: "secret" },
    properties: { sse_algorithm: "AES256" },
  },
  ...more,
});

async function volume(): Promise<string> {
  const { status, body } = await ana.post("storage/volumes", s3(newName()));
  assert.equal(status, 200, JSON.stringify(body));
  return body.id;
}

describe("volumes", () => {
  test("one is made with nulls and the header of advance access, and printed", async () => {
    const name = newName();
    const { status, body } = await send(
      "POST",
      `${platform.url}/storage/volumes?limit=50&offset=0&fields=_all`,
      JSON.stringify(s3(name)),
      {
        "X-SBG-Auth-Token": platform.tokens.ana,
        "X-SBG-advance-access": "advance",
        "Content-Type": "application/json",
      },
    );
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.id, `ana/${name}`);
    for (const key of ["type", "bucket", "prefix"]) assert.equal(typeof body.service[key], "string", key);
    assert.deepEqual(body.service.properties, { sse_algorithm: "AES256" });
    assert.ok(!("description" in body));
    const listed = await ana.get("storage/volumes");
    assert.deepEqual(
      listed.body.items.find(({ id }: { id: string }) => id === body.id),
      body,
    );
    assert.deepEqual((await ana.get(`storage/volumes/${body.id}`)).body, body);
  });

  test("what R cannot make is refused as it expects: roles, Google's federation, Azure and OSS for writing", async () => {
    const of = (service: object, access_mode = "RO") => ({ name: newName(), description: null, access_mode, service });
    const properties = null;
    const cases: [body: object, code: number][] = [
      [
        of({
          type: "s3",
          bucket: "lab",
          prefix: null,
          endpoint: bucket.endpoint,
          credentials: { role_arn: "arn", external_id: "x" },
          properties,
        }),
        9034,
      ],
      [of({ type: "gcs", bucket: "lab", prefix: null, credentials: { configuration: "{}" }, properties }), 9029],
      [
        of(
          {
            type: "azure",
            storage_account: "labstorage",
            container: "lab",
            prefix: null,
            endpoint: null,
            credentials: { tenant_id: "t", client_id: "c", client_secret: "s" },
            properties: { resource_id: null },
          },
          "RW",
        ),
        9039,
      ],
      [of({ ...s3("x").service, type: "OSS" }, "RW"), 9038],
    ];
    for (const [body, code] of cases) assert.equal((await ana.post("storage/volumes", body)).body.code, code);
  });

  test("a volume is changed, deactivated, activated and deleted", async () => {
    const path = `storage/volumes/${await volume()}`;
    const service = { ...s3("x").service, prefix: "run7" };
    const changed = await ana.patch(path, { description: "new", access_mode: "RO", service });
    assert.deepEqual([changed.body.description, changed.body.access_mode, changed.body.service.prefix], ["new", "RO", "run7"]);
    assert.equal((await ana.delete(path)).body.code, 90007);
    assert.equal((await ana.patch(path, { active: false })).body.active, false);
    assert.equal((await ana.patch(path, { active: true })).body.active, true);
    await ana.patch(path, { active: false });
    assert.equal((await ana.delete(path)).status, 204);
    assert.equal((await ana.get(path)).body.code, 9007);
  });

  test("contents are listed with raw slashes, and links followed without escapes", async () => {
    const id = await volume();
    const listed = await ana.get(`storage/volumes/${id}/list`, { prefix: "run7/" });
    assert.deepEqual([listed.body.items.length + listed.body.prefixes.length, Array.isArray(listed.body.links)], [2, true]);
    const [object] = listed.body.items;
    assert.equal(object.metadata.size, 5);
    // `get_file(link = …)` appends to the link.
    const { body: detail } = await ana.follow(`${object.href}&fields=_all`);
    assert.deepEqual([detail.href, detail.metadata.etag], [object.href, object.metadata.etag]);
    assert.deepEqual((await ana.get(`storage/volumes/${id}/object`, { location: "run7/s1.bam" })).body, detail);
    const [folder] = listed.body.prefixes;
    const within = await ana.get(`storage/volumes/${id}/list`, { prefix: `${folder.prefix}/` });
    assert.equal(within.body.items[0].location, "run7/qc/report.html");
    assert.deepEqual(within.body.links, [], "R goes on while there is anything");
    assert.deepEqual((await ana.follow(folder.href)).body.items[0].location, "run7/qc/report.html");
  });

  test("members are added without a type, changed and removed", async () => {
    const id = await volume();
    const members = `storage/volumes/${id}/members`;
    const permissions = { read: true, copy: true, write: false, admin: false };
    const { body } = await ana.post(members, { username: "ben", permissions });
    assert.deepEqual([body.type, body.permissions], ["USER", permissions]);
    assert.equal((await ben.get(`storage/volumes/${id}`)).status, 200);
    assert.deepEqual((await ana.patch(`${members}/ben/permissions`, { write: true })).body, { ...permissions, write: true });
    assert.equal((await ana.get(members)).body.items.length, 2);
    assert.equal((await ana.get(`${members}/ben`)).body.id, "ben");
    assert.equal((await ana.delete(`${members}/ben`)).status, 204);
    assert.equal((await ben.get(`storage/volumes/${id}`)).body.code, 9020);
  });
});
