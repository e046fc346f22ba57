import assert from "node:assert/strict";
import { createHash, createPrivateKey, randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { type GcsTestServer, newServiceAccount, startFakeGcs, startGcpEmulator } from "../../testing/volumes/gcs-servers.ts";
import { body, isVolumeFault } from "../../testing/volumes/objects.ts";
import { noProgram } from "../../testing/volumes/test-server.ts";
import { testVolumeStore } from "../../testing/volumes/volume-suite.ts";
import { EndpointList } from "../net/endpoint-list.ts";
import { probeVolume } from "../probe-volume.ts";
import type { VolumeFault } from "../volume-errors.ts";
import type { GcsVolumeSettings } from "./gcs-settings.ts";
import { GcsVolume } from "./gcs-volume.ts";

const MiB = 1024 * 1024;
const endpoints = new EndpointList(["127.0.0.1"]);
/** RSA that would hold up the process with every signature. */
function hugeKey(bits: number): string {
  const [n, p] = [Buffer.alloc(bits / 8, 0xff).toString("base64url"), Buffer.alloc(bits / 16, 0xff).toString("base64url")];
  const key = { kty: "RSA", n, e: "AQAB", d: n, p, q: p, dp: p, dq: p, qi: p };
  return createPrivateKey({ key, format: "jwk" }).export({ type: "pkcs8", format: "pem" }) as string;
}
const open = (server: GcsTestServer, settings: Partial<GcsVolumeSettings> = {}) =>
  new GcsVolume(
    { service: "gcs", bucket: "lab", rootUrl: server.endpoint, credentials: server.credentials, ...settings },
    { endpoints },
  );

describe("GCS by fake-gcs-server, behind a verifier of tokens and signatures", { skip: noProgram("fake-gcs-server") }, () => {
  let server: GcsTestServer;
  before(async () => {
    server = await startFakeGcs();
  });
  after(() => server?.stop());

  testVolumeStore("GCS", async (prefix) => open(server, { prefix }), {
    unproven: {
      "a stopped upload is resumed": "fake-gcs-server ends an upload that is asked how far it is",
      "a removed upload": "fake-gcs-server removes no uploads",
      "bad tokens": "fake-gcs-server takes any text for one",
      "pages of folders": "fake-gcs-server does not count folders",
    },
  });

  const wrong: Record<string, [(server: GcsTestServer) => Partial<GcsVolumeSettings>, VolumeFault]> = {
    "a key of another account": [
      ({ credentials }) => ({ credentials: { ...credentials, privateKey: newServiceAccount().privateKey } }),
      "InvalidCredentials",
    ],
    "an account that nobody has": [
      ({ credentials }) => ({ credentials: { ...credentials, clientEmail: "nobody@lab.iam.gserviceaccount.com" } }),
      "InvalidCredentials",
    ],
    "a bucket that is not there": [() => ({ bucket: "no-such-bucket" }), "NoSuchBucket"],
  };
  for (const [what, [settings, fault]] of Object.entries(wrong)) {
    test(`${what} is told as ${fault}, whatever is asked`, async () => {
      const store = open(server, settings(server));
      await assert.rejects(probeVolume(store, { write: true }), isVolumeFault(fault));
      await assert.rejects(store.stat("x"), isVolumeFault(fault));
      await assert.rejects(store.open("x"), isVolumeFault(fault));
      await assert.rejects(store.put("x", body("x")), isVolumeFault(fault));
      store.close();
    });
  }

  for (const privateKey of ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", hugeKey(16_384)]) {
    test(`${JSON.stringify(privateKey.slice(0, 20))} of ${privateKey.length} characters is no private key`, () => {
      assert.throws(
        () => open(server, { credentials: { ...server.credentials, privateKey } }),
        isVolumeFault("InvalidPrivateKey"),
      );
    });
  }

  test("a key copied out of a JSON file, line ends and all, is one", async () => {
    const privateKey = server.credentials.privateKey.replaceAll("\n", "\\n");
    const store = open(server, { credentials: { ...server.credentials, privateKey }, prefix: "json" });
    await probeVolume(store, { write: true });
    store.close();
  });

  test("an object shows what the API has always shown of Google's", async () => {
    const store = open(server, { prefix: "shown" });
    await store.put("x", body("x"));
    const { metadata } = await store.stat("x");
    assert.deepEqual([metadata.bucket, metadata.name, metadata.size, metadata.kind], ["lab", "shown/x", 1, "storage#object"]);
    assert.deepEqual(Object.keys(metadata.updated as object), ["value", "dateOnly", "timeZoneShift"]);
    store.close();
  });
});

describe("GCS by gcp-storage-emulator, for what fake-gcs-server cannot show", { skip: noProgram("gcp-storage-emulator") }, () => {
  let server: GcsTestServer;
  before(async () => {
    server = await startGcpEmulator();
  });
  after(() => server?.stop());

  test("another process asks how far an upload is, and goes on from there", async () => {
    const bytes = randomBytes(20 * MiB + 3);
    const first = open(server, { prefix: "resumed" });
    const upload = await first.openUpload("big", bytes.length);
    await first.writePart(upload, 1, body(bytes.subarray(0, 8 * MiB)));
    first.close();

    const second = open(server, { prefix: "resumed" });
    const stored = await second.listParts(upload);
    assert.deepEqual(
      stored.map(({ number, size }) => [number, size]),
      [[1, 8 * MiB]],
    );
    const rest = [
      await second.writePart(upload, 2, body(bytes.subarray(8 * MiB, 16 * MiB))),
      await second.writePart(upload, 3, body(bytes.subarray(16 * MiB))),
    ];
    await second.completeUpload(upload, [...stored, ...rest]);
    const { size, md5 } = await second.stat("big");
    assert.deepEqual([size, md5], [bytes.length, createHash("md5").update(bytes).digest("hex")]);
    second.close();
  });
});
