import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { BlobServiceClient, newPipeline, StorageSharedKeyCredential } from "@azure/storage-blob";
import { sdkHttpClient } from "../../volumes/azure/azure-handler.ts";
import { EndpointList } from "../../volumes/net/endpoint-list.ts";
import { ServiceHttp } from "../../volumes/net/service-http.ts";
import { makeCertificate } from "./certificate.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

/** azurite's own account, the same everywhere. */
const ACCOUNT = "devstoreaccount1";
const ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const APPLICATION = { tenantId: "0f1e2d3c-lab", clientId: "volumes-of-the-tests", clientSecret: "a secret~of+the=tests" };

export interface AzureTestServer extends TestServer {
  storageAccount: string;
  credentials: typeof APPLICATION & { authority: string };
  /** The certificate, in PEM. */
  ca: string;
  /** As the account's owner. */
  owner: BlobServiceClient;
}

/**
 * azurite over TLS with a certificate of its own, which is what it asks for to take tokens; it reads them and does not check
 * their signature. Beside it, where tokens are given out to the application of the tests.
 */
export async function startAzurite(): Promise<AzureTestServer> {
  const { directory: keys, certPath, keyPath, cert: ca } = await makeCertificate();
  const server = await startTestServer("azurite-blob", ({ port, directory }) => ({
    args: [
      ...["--silent", "--location", directory, "--blobHost", "127.0.0.1", "--blobPort", String(port), "--skipApiVersionCheck"],
      ...["--disableTelemetry", "--oauth", "basic", "--cert", certPath, "--key", keyPath],
    ],
    scheme: "https",
    isReady: async () => {
      const owner = ownerOf(`https://127.0.0.1:${port}`, ca);
      await owner.getContainerClient("lab").createIfNotExists();
    },
  }));
  const tokens = await startTokens();
  const stop = async () => {
    await tokens.stop();
    await server.stop();
    await rm(keys, { recursive: true });
  };
  const credentials = { ...APPLICATION, authority: tokens.authority };
  return { ...server, stop, storageAccount: ACCOUNT, credentials, ca, owner: ownerOf(server.endpoint, ca) };
}

function ownerOf(endpoint: string, ca: string): BlobServiceClient {
  const http = new ServiceHttp({ hosts: [new URL(endpoint)], endpoints: new EndpointList(["127.0.0.1"]), ca });
  const credential = new StorageSharedKeyCredential(ACCOUNT, ACCOUNT_KEY);
  return new BlobServiceClient(
    `${endpoint}/${ACCOUNT}`,
    newPipeline(credential, { httpClient: sdkHttpClient(http), retryOptions: { maxTries: 1 } }),
  );
}

async function startTokens(): Promise<{ authority: string; stop(): Promise<void> }> {
  const server = createServer(async (incoming, outgoing) => {
    const form = new URLSearchParams(await text(incoming));
    const { tenantId, clientId, clientSecret } = APPLICATION;
    const good =
      incoming.url === `/${tenantId}/oauth2/v2.0/token` &&
      form.get("grant_type") === "client_credentials" &&
      form.get("scope") === "https://storage.azure.com/.default" &&
      form.get("client_id") === clientId &&
      form.get("client_secret") === clientSecret;
    outgoing.writeHead(good ? 200 : 401, { "content-type": "application/json" });
    outgoing.end(
      JSON.stringify(good ? { access_token: token(), expires_in: 3599, token_type: "Bearer" } : { error: "invalid_client" }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { authority: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

/** With the claims that azurite reads. */
function token(): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    aud: "https://storage.azure.com",
    iss: "https://sts.windows.net/ab1f708d-50f6-404c-a006-d71b2ac7a606/",
    iat: now,
    nbf: now - 60,
    exp: now + 3600,
    oid: "23657296-5cd5-45b0-a809-d972a7f4dfe1",
    sub: "23657296-5cd5-45b0-a809-d972a7f4dfe1",
    tid: "ab1f708d-50f6-404c-a006-d71b2ac7a606",
    ver: "1.0",
  };
  return [{ alg: "none", typ: "JWT" }, claims, "x"]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
}
