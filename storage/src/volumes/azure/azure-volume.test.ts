import assert from "node:assert/strict";
import { request } from "node:https";
import { buffer } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { type AzureTestServer, startAzurite } from "../../testing/volumes/azure-server.ts";
import { body, isVolumeFault } from "../../testing/volumes/objects.ts";
import { noProgram } from "../../testing/volumes/test-server.ts";
import { testVolumeStore } from "../../testing/volumes/volume-suite.ts";
import { EndpointList } from "../net/endpoint-list.ts";
import { probeVolume } from "../probe-volume.ts";
import type { VolumeFault } from "../volume-errors.ts";
import type { AzureVolumeSettings } from "./azure-settings.ts";
import { AzureVolume } from "./azure-volume.ts";

const endpoints = new EndpointList(["127.0.0.1"]);
let server: AzureTestServer;

const open = (settings: Partial<AzureVolumeSettings> = {}, ca = server.ca) => {
  const { storageAccount, credentials } = server;
  const endpoint = `${server.endpoint}/${storageAccount}`;
  return new AzureVolume(
    { service: "azure", storageAccount, container: "lab", endpoint, credentials, ...settings },
    { endpoints, ca },
  );
};

/** Node's own `fetch` takes no certificate of one's own. */
const trusting = (async (url: URL, { method = "GET", headers = {}, body }: RequestInit = {}) => {
  const [answer, bytes] = await new Promise<[{ statusCode?: number; headers: object }, Buffer]>((resolve, reject) => {
    request(url, { method, headers: headers as Record<string, string>, ca: server.ca, agent: false }, async (incoming) => {
      resolve([incoming, await buffer(incoming)]);
    })
      .on("error", reject)
      .end(body as string | undefined);
  });
  return new Response(new Uint8Array(bytes), { status: answer.statusCode!, headers: answer.headers as Record<string, string> });
}) as typeof globalThis.fetch;

describe("Azure by azurite, with tokens over TLS", { skip: noProgram("azurite-blob", "openssl") }, () => {
  before(async () => {
    server = await startAzurite();
  });
  after(() => server?.stop());

  testVolumeStore("Azure", async (prefix) => open({ prefix }), {
    fetch: trusting,
    impossible: ["back\\slash"],
    unproven: {
      "bad tokens": "azurite takes any text for one",
      "a removed upload": "Azure frees parts by itself after a week, and not before",
    },
  });

  const wrong: Record<string, [() => Partial<AzureVolumeSettings>, VolumeFault]> = {
    "a wrong secret": [() => ({ credentials: { ...server.credentials, clientSecret: "not the secret" } }), "InvalidCredentials"],
    "another tenant": [() => ({ credentials: { ...server.credentials, tenantId: "elsewhere" } }), "InvalidCredentials"],
    "a container that is not there": [() => ({ container: "no-such-container" }), "NoSuchBucket"],
  };
  for (const [what, [settings, fault]] of Object.entries(wrong)) {
    test(`${what} is told as ${fault}, whatever is asked`, async () => {
      const store = open(settings());
      await assert.rejects(probeVolume(store, { write: true }), isVolumeFault(fault));
      await assert.rejects(store.stat("x"), isVolumeFault(fault));
      await assert.rejects(store.open("x"), isVolumeFault(fault));
      await assert.rejects(store.put("x", body("x")), isVolumeFault(fault));
      store.close();
    });
  }

  test("a certificate that nobody has vouched for is not accepted", async () => {
    const store = new AzureVolume(
      {
        service: "azure",
        storageAccount: server.storageAccount,
        container: "lab",
        endpoint: `${server.endpoint}/${server.storageAccount}`,
        credentials: server.credentials,
      },
      { endpoints },
    );
    await assert.rejects(store.list({}), isVolumeFault("Unreachable"));
    store.close();
  });

  test("an object in the archive is told as such, and cannot be read", async () => {
    const store = open({ prefix: "archive" });
    await store.put("cold", body("cold"));
    await server.owner.getContainerClient("lab").getBlobClient("archive/cold").setAccessTier("Archive");
    const { objects } = await store.list({});
    assert.deepEqual([objects[0]!.storageClass, objects[0]!.archived], ["Archive", true]);
    assert.equal((await store.stat("cold")).archived, true);
    await assert.rejects(store.open("cold"), isVolumeFault("Archived"));
    assert.deepEqual(await probeVolume(store, { write: false }), {});
    store.close();
  });
});
