import assert from "node:assert/strict";
import { test } from "node:test";
import { newServiceAccount, noProgram, startAzurite, startFakeGcs } from "@causeway/storage/testing";
import { type World, withWorld } from "../testing/world.ts";

// GCS and Azure through the API, from servers that check tokens and signatures. Rights that are missing are 9001 and 9002.

let count = 0;

async function make(world: World, service: object, mode = "RW") {
  count += 1;
  return world.post("ana", "/storage/volumes", { name: `o${count}`, access_mode: mode, service });
}

test("a bucket of Google's", { skip: noProgram("fake-gcs-server") }, async () => {
  const server = await startFakeGcs();
  const { clientEmail, privateKey, tokenUrl } = server.credentials;
  const service = (more: object = {}, key = privateKey) => ({
    type: "gcs",
    bucket: "lab",
    root_url: server.endpoint,
    credentials: { client_email: clientEmail, private_key: key },
    properties: { token_url: tokenUrl },
    ...more,
  });
  await withWorld(async (world) => {
    const { status, body } = await make(world, service());
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual([body.service.type, body.service.root_url], ["GCS", server.endpoint]);
    assert.deepEqual(body.service.credentials, { client_email: clientEmail });
    assert.deepEqual((await world.get("ana", `${body.href}/list`)).body.items, []);
    assert.equal((await world.get("ana", `${body.href}/object?location=none`)).body.code, 9105);
    assert.equal((await make(world, service({ bucket: "none" }))).body.code, 9200);
    assert.equal((await make(world, service({}, newServiceAccount().privateKey))).body.code, 9001);
    const stranger = { ...service().credentials, client_email: "nobody@lab.iam.gserviceaccount.com" };
    assert.equal((await make(world, service({ credentials: stranger }))).body.code, 9001);
    // The other kind of credentials takes the place of the first, and is refused.
    const federation = { service: { credentials: { configuration: "{}" } } };
    assert.equal((await world.patch("ana", body.href, federation)).body.code, 9029);
    assert.equal((await world.get("ana", `${body.href}/list`)).status, 200);
  })().finally(() => server.stop());
});

test("a container of Azure's", { skip: noProgram("azurite-blob") || noProgram("openssl") }, async () => {
  const server = await startAzurite();
  const { tenantId, clientId, clientSecret, authority } = server.credentials;
  const service = (more: object = {}, secret = clientSecret) => ({
    type: "azure",
    storage_account: server.storageAccount,
    container: "lab",
    endpoint: `${server.endpoint}/${server.storageAccount}`,
    credentials: { tenant_id: tenantId, client_id: clientId, client_secret: secret },
    properties: { authority, ca_bundle_pem: server.ca },
    ...more,
  });
  await withWorld(
    async (world) => {
      const { status, body } = await make(world, service());
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual([body.service.bucket, body.service.container], ["lab", "lab"]);
      assert.deepEqual(body.service.credentials, { tenant_id: tenantId, client_id: clientId });
      await server.owner.getContainerClient("lab").getBlockBlobClient("run7/s1.bam").upload("bytes", 5);
      const { items, prefixes } = (await world.get("ana", `${body.href}/list`)).body;
      assert.deepEqual([items, prefixes[0].prefix], [[], "run7"]);
      const [object] = (await world.get("ana", prefixes[0].href)).body.items;
      assert.deepEqual([object.location, object.type], ["run7/s1.bam", "azure"]);
      assert.equal((await world.get("ana", object.href)).body.metadata.size, 5);
      assert.equal((await make(world, service({ container: "no-such-container" }))).body.code, 9200);
      assert.equal((await make(world, service({}, "wrong"))).body.code, 9001);
      const untrusted = await make(world, service({ properties: { authority } }));
      assert.equal(untrusted.body.code, 9000, "nobody has vouched for its certificate");
      assert.equal((await world.patch("ana", body.href, { service: { prefix: "run7" } })).body.code, 9017);
      const renewed = { service: { credentials: { client_secret: clientSecret } } };
      assert.equal((await world.patch("ana", body.href, renewed)).status, 200);
    },
    { volumeReadOnlyTypes: "none" },
  )().finally(() => server.stop());
});
