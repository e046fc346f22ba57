import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ListObjectVersionsCommand, PutObjectCommand, RestoreObjectCommand } from "@aws-sdk/client-s3";
import { body, isVolumeFault, readObject } from "../../testing/volumes/objects.ts";
import {
  adminClient,
  makeBucket,
  makeUser,
  S3_KEYS,
  setPolicy,
  startMoto,
  startVersitygw,
} from "../../testing/volumes/s3-servers.ts";
import { noProgram, type TestServer } from "../../testing/volumes/test-server.ts";
import { testVolumeStore } from "../../testing/volumes/volume-suite.ts";
import { EndpointList } from "../net/endpoint-list.ts";
import { probeVolume } from "../probe-volume.ts";
import type { VolumeError, VolumeFault } from "../volume-errors.ts";
import type { S3VolumeSettings } from "./s3-settings.ts";
import { S3Volume } from "./s3-volume.ts";

const endpoints = new EndpointList(["127.0.0.1"]);
const open = (server: TestServer, settings: Partial<S3VolumeSettings> = {}) =>
  new S3Volume({ service: "s3", bucket: "lab", endpoint: server.endpoint, credentials: S3_KEYS, ...settings }, { endpoints });

describe("S3 by versitygw", { skip: noProgram("versitygw") }, () => {
  let server: TestServer;
  before(async () => {
    server = await startVersitygw();
    await makeBucket(server, "lab");
    await makeBucket(server, "versioned", { versions: true });
  });
  after(() => server?.stop());

  testVolumeStore("S3", async (prefix) => open(server, { prefix }), {
    impossible: ["a//b"],
    unproven: { "bad tokens": "versitygw takes any text for one" },
  });
  testVolumeStore("S3, with the first version of lists", async (prefix) => open(server, { prefix, listVersion: 1 }), {
    impossible: ["a//b"],
    unproven: { "bad tokens": "a marker is any text" },
  });

  describe("what versitygw says of who asks and of what is asked for", () => {
    const wrong: Record<string, [Partial<S3VolumeSettings>, VolumeFault]> = {
      "a key that nobody has": [{ credentials: { ...S3_KEYS, accessKeyId: "AKNOBODY0000000000" } }, "UnknownAccessKey"],
      "a wrong secret": [{ credentials: { ...S3_KEYS, secretAccessKey: "not the secret" } }, "WrongSecret"],
      "a bucket that is not there": [{ bucket: "no-such-bucket" }, "NoSuchBucket"],
      "another region than the bucket's": [{ region: "eu-central-1" }, "WrongRegion"],
    };
    for (const [what, [settings, fault]] of Object.entries(wrong)) {
      test(`${what} is told as ${fault}, whatever is asked`, async () => {
        const store = open(server, settings);
        const told = isVolumeFault(fault);
        await assert.rejects(probeVolume(store, { write: true }), told);
        await assert.rejects(store.list({}), told);
        await assert.rejects(store.stat("x"), told);
        await assert.rejects(store.open("x"), told);
        await assert.rejects(store.put("x", body("x")), told);
        await assert.rejects(store.put("x", body("x"), { ifAbsent: true }), told);
        await assert.rejects(store.openUpload("x", 10), told);
        await assert.rejects(store.remove("x"), told);
        store.close();
      });
    }

    test("rights that are missing are told one by one, by what was being done", async () => {
      const reader = { accessKeyId: "reader00", secretAccessKey: "reader-secret-of-tests" };
      await makeUser(server, reader);
      const may = async (...actions: string[]) => {
        await setPolicy(server, "lab", reader.accessKeyId, actions);
        const store = open(server, { credentials: reader, prefix: "rights" });
        try {
          await probeVolume(store, { write: true });
          return "everything";
        } catch (error) {
          assert.ok(isVolumeFault("AccessDenied")(error));
          return (error as VolumeError).action;
        } finally {
          store.close();
        }
      };
      await open(server, { prefix: "rights" }).put("x", body("x"));
      assert.equal(await may("s3:GetObject"), "list");
      assert.equal(await may("s3:ListBucket"), "read");
      assert.equal(await may("s3:ListBucket", "s3:GetObject"), "write");
      // Who may not remove can use the volume all the same: the probe's object stays.
      assert.equal(await may("s3:ListBucket", "s3:GetObject", "s3:PutObject"), "everything");
      assert.equal(await may("s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"), "everything");
    });

    test("a bucket with versions keeps none of a probe's", async () => {
      const store = open(server, { bucket: "versioned", prefix: "probe" });
      await probeVolume(store, { write: true });
      const first = await store.put("x", body("first"));
      const second = await store.put("x", body("second"));
      assert.ok(first.version && second.version && first.version !== second.version);
      assert.equal((await store.stat("x")).version, second.version);
      await store.remove("x", { version: second.version });
      assert.equal(String(await readObject(store, "x")), "first");
      const { Versions = [], DeleteMarkers = [] } = await adminClient(server).send(
        new ListObjectVersionsCommand({ Bucket: "versioned", Prefix: "probe/" }),
      );
      assert.deepEqual([Versions.map((each) => each.Key), DeleteMarkers], [["probe/x"], []]);
      store.close();
    });

    test("keys that can be no location are left out of lists, and counted", async () => {
      const client = adminClient(server);
      for (const Key of ["odd/new\nline", "odd/fine"]) await client.send(new PutObjectCommand({ Bucket: "lab", Key, Body: "x" }));
      client.destroy();
      const store = open(server, { prefix: "odd" });
      const { objects, skipped } = await store.list({});
      assert.deepEqual([objects.map((object) => object.location), skipped], [["fine"], 1]);
      store.close();
    });

    test("a volume without a public endpoint signs no URLs", () => {
      assert.equal(open(server, { publicEndpoint: null }).signRead, undefined);
    });

    test("a URL begins with the public endpoint, under which it is valid", async () => {
      const { port } = new URL(server.endpoint);
      const store = open(server, { publicEndpoint: `http://localhost:${port}` });
      await store.put("public", body("x"));
      const url = await store.signRead!("public", 60);
      assert.equal(url.host, `localhost:${port}`);
      assert.equal(await (await fetch(url)).text(), "x");
      store.close();
    });
  });
});

describe("S3 by moto, for what a volume passes through", { skip: noProgram("moto_server") }, () => {
  let server: TestServer;
  before(async () => {
    server = await startMoto();
    await makeBucket(server, "lab");
  });
  after(() => server?.stop());

  testVolumeStore("S3 without signatures", async (prefix) => open(server, { prefix }), {
    unproven: {
      signatures: "moto accepts every signature",
      "expired URLs": "moto accepts every signature",
      "bad tokens": "moto takes any text for one",
      "a removed upload": "moto answers 500 to a part of an upload that was removed",
    },
  });

  test("encryption, access list and storage class are written, and shown", async () => {
    const store = open(server, { prefix: "properties" });
    const written = await store.put("x", body("x"), {
      encryption: { algorithm: "AES256" },
      cannedAcl: "bucket-owner-full-control",
    });
    assert.equal(written.verified, true);
    assert.equal((await store.stat("x")).metadata.sse_algorithm, "AES256");
    await store.readAcl("x");
    await probeVolume(store, { write: true, acl: true });

    const keyed = await store.put("k", body("k"), { encryption: { algorithm: "aws:kms", kmsKeyId: "alias/lab" } });
    assert.equal(keyed.verified, false);
    assert.equal((await store.stat("k")).metadata.sse_algorithm, "aws:kms");
    assert.equal((await store.stat("k")).md5, undefined);

    const upload = await store.openUpload("u", 3, { encryption: { algorithm: "AES256" }, storageClass: "STANDARD_IA" });
    await store.completeUpload(upload, [await store.writePart(upload, 1, body("abc"))]);
    assert.equal((await store.stat("u")).storageClass, "STANDARD_IA");
    store.close();
  });

  test("an object in an archive is told as such, and cannot be read before it is restored", async () => {
    const store = open(server, { prefix: "archive" });
    await store.put("cold", body("cold"), { storageClass: "GLACIER" });
    const { objects } = await store.list({});
    assert.deepEqual([objects[0]!.storageClass, objects[0]!.archived], ["GLACIER", true]);
    assert.equal((await store.stat("cold")).archived, true);
    await assert.rejects(store.open("cold"), isVolumeFault("Archived"));
    assert.deepEqual(await probeVolume(store, { write: false }), {});

    const restore = new RestoreObjectCommand({ Bucket: "lab", Key: "archive/cold", RestoreRequest: { Days: 1 } });
    await adminClient(server).send(restore);
    const restored = await store.stat("cold");
    if (!restored.archived) assert.equal(String(await readObject(store, "cold")), "cold");
    store.close();
  });

  test("a storage class that there is not is refused", async () => {
    const store = open(server);
    await assert.rejects(store.put("x", body("x"), { storageClass: "BASEMENT" }), isVolumeFault("PropertyRefused"));
    store.close();
  });

  test("a role is assumed, and its keys are used", async () => {
    const role = { roleArn: "arn:aws:iam::123456789012:role/lab", externalId: "lab", as: S3_KEYS, stsEndpoint: server.endpoint };
    const store = open(server, { credentials: role, prefix: "role" });
    await store.put("x", body("x"));
    assert.equal(String(await readObject(store, "x")), "x");
    store.close();
  });
});
