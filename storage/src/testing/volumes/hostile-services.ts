import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before } from "node:test";
import { inspect } from "node:util";
import { EndpointList } from "../../volumes/net/endpoint-list.ts";
import { openVolume } from "../../volumes/open-volume.ts";
import { VolumeError, type VolumeFault } from "../../volumes/volume-errors.ts";
import type { VolumeStore } from "../../volumes/volume-store.ts";
import { type Certificate, makeCertificate } from "./certificate.ts";
import { newServiceAccount } from "./gcs-servers.ts";
import { type Conduct, type HostileServer, startHostile, startHttp } from "./hostile-server.ts";
import { body } from "./objects.ts";
import { noProgram } from "./test-server.ts";

// What the tests of hostile services share: a store of each service, all that can be asked of it, and how it must refuse.

const endpoints = new EndpointList(["127.0.0.1"]);
const limits = { connectMs: 20_000, answerMs: 3000, idleMs: 3000, answerBytes: 256 * 1024 };
export const connection = () => ({ endpoints, limits, ca: certificate?.cert });
export const SECRET = "TopSecretOfTheTests";
const TOKEN = "TokenOfTheTests";

export const noTls = noProgram("openssl");

let certificate: Certificate | undefined;
let tokens: HostileServer;
/** Another server: whoever is sent there must not go. */
export let elsewhere: HostileServer;
export const account = newServiceAccount();

before(async () => {
  if (!noTls) certificate = await makeCertificate();
  tokens = await startHttp((_request, answer) => answer.end(JSON.stringify({ access_token: TOKEN, expires_in: 3600 })));
  elsewhere = await startHttp((_request, answer) => answer.end("<ListBucketResult/>"));
});
after(async () => {
  await tokens.stop();
  await elsewhere.stop();
  if (certificate) await rm(certificate.directory, { recursive: true });
});

export const services: Record<string, (endpoint: string) => Promise<VolumeStore>> = {
  S3: (endpoint) =>
    openVolume(
      {
        service: "s3",
        bucket: "lab",
        prefix: "p",
        endpoint,
        credentials: { accessKeyId: "AKTESTS", secretAccessKey: SECRET, sessionToken: TOKEN },
      },
      connection(),
    ),
  GCS: (endpoint) =>
    openVolume(
      {
        service: "gcs",
        bucket: "lab",
        prefix: "p",
        rootUrl: endpoint,
        credentials: { clientEmail: account.clientEmail, privateKey: account.privateKey, tokenUrl: `${tokens.endpoint}/token` },
      },
      connection(),
    ),
};

services.Azure = (endpoint) =>
  openVolume(
    {
      service: "azure",
      storageAccount: "lab",
      container: "lab",
      prefix: "p",
      endpoint,
      credentials: { tenantId: "tenant", clientId: "client", clientSecret: SECRET, authority: tokens.endpoint },
    },
    connection(),
  );

/** Without TLS, no token is sent to Azure. */
export const hostile = (name: string, conduct: Conduct) => startHostile(conduct, name === "Azure" ? certificate : undefined);

export const upload = {
  location: "x",
  id: "/upload/storage/v1/b/lab/o?upload_id=1",
  size: 3,
  partSize: 8 * 1024 * 1024,
  inOrder: false,
  ifAbsent: false,
};
const azureUpload = { ...upload, id: `0123456789abcdef.${Buffer.from("{}").toString("base64url")}` };
const azurePart = { number: 1, size: 3, etag: "e", verified: true };
export const asked: Record<string, (store: VolumeStore) => Promise<unknown>> = {
  list: (store) => store.list({}),
  stat: (store) => store.stat("x"),
  open: async (store) => (await store.open("x")).bytes.toArray(),
  range: async (store) => (await store.open("x", { range: { offset: 1, length: 2 } })).bytes.toArray(),
  put: (store) => store.put("x", body("abc")),
  // Azure learns of an upload only with its parts.
  openUpload: (store) => (store.service === "azure" ? store.completeUpload(azureUpload, [azurePart]) : store.openUpload("x", 3)),
  writePart: (store) => store.writePart(upload, 1, body("abc")),
  listParts: (store) => store.listParts(upload),
};

export const XML = { "content-type": "application/xml" };
export const html = "<!doctype html><html><body><h1>Welcome to the guests' network</h1></body></html>";
export const head = (status: string, headers: string[] = []) =>
  `HTTP/1.1 ${status}\r\n${headers.map((line) => `${line}\r\n`).join("")}\r\n`;
export const nested = (depth: number) => `<ListBucketResult>${"<a>".repeat(depth)}${"</a>".repeat(depth)}</ListBucketResult>`;
export const laughs = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">${Array.from({ length: 12 }, (_, n) => `<!ENTITY a${n} "${`&a${n === 0 ? "" : n - 1};`.repeat(20)}">`).join("")}]><ListBucketResult><Name>&a11;</Name></ListBucketResult>`;

/** Rejects with one of these faults, in which nothing is told that must not be, however it is looked at. */
export async function refuses(asking: Promise<unknown>, faults: VolumeFault[], what: string): Promise<void> {
  const error = await asking.then(
    () => assert.fail(`${what}: it was done`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof VolumeError, `${what}: ${inspect(error)}`);
  assert.ok(faults.includes(error.fault), `${what}: ${error.fault}, ${error.message}`);
  const told = `${inspect(error, { depth: 20, showHidden: true })} ${error.stack} ${JSON.stringify(error)}`;
  for (const secret of [SECRET, TOKEN, "PRIVATE KEY", "Signature=", "assertion=", "Bearer "]) {
    assert.ok(!told.includes(secret), `${what} tells ${secret}: ${told}`);
  }
}
