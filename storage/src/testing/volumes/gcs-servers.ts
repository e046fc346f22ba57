import { generateKeyPairSync } from "node:crypto";
import { freePort } from "../server-process.ts";
import { startVerifier } from "./gcs-verifier.ts";
import { answers, startTestServer, type TestServer } from "./test-server.ts";

export function newServiceAccount(): { clientEmail: string; privateKey: string; publicKey: string } {
  const keys = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return { clientEmail: "volumes@lab.iam.gserviceaccount.com", ...keys };
}

export interface GcsTestServer extends TestServer {
  credentials: { clientEmail: string; privateKey: string; tokenUrl: string };
}

/** Keeps objects, generations and conditions. Signatures and tokens are checked by a verifier in front of it. */
export async function startFakeGcs(): Promise<GcsTestServer> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  return verified(port, () =>
    startTestServer("fake-gcs-server", ({ port: inner }) => ({
      args: [
        ...["-scheme", "http", "-host", "127.0.0.1", "-port", String(inner), "-backend", "memory"],
        ...["-public-host", `127.0.0.1:${port}`, "-external-url", origin],
      ],
      isReady: (endpoint) => answers(`${endpoint}/_internal/healthcheck`),
    })),
  );
}

/** Answers how far a resumable upload is, which the other does not; takes no notice of conditions, and of much else. */
export async function startGcpEmulator(): Promise<GcsTestServer> {
  const port = await freePort();
  return verified(port, () =>
    startTestServer("gcp-storage-emulator", ({ port: inner }) => ({
      args: ["start", "--host=127.0.0.1", `--port=${inner}`, "--in-memory"],
      isReady: (endpoint) => answers(`${endpoint}/`),
    })),
  );
}

async function verified(port: number, start: () => Promise<TestServer>): Promise<GcsTestServer> {
  const { clientEmail, privateKey, publicKey } = newServiceAccount();
  const server = await start();
  const bucket = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ name: "lab" }) };
  await (await fetch(`${server.endpoint}/storage/v1/b?project=lab`, bucket)).arrayBuffer();
  const verifier = await startVerifier(port, new URL(server.endpoint), { clientEmail, publicKey });
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async () => {
    verifier.closeAllConnections();
    await new Promise((resolve) => verifier.close(resolve));
    await server.stop();
  };
  return { endpoint, directory: server.directory, stop, credentials: { clientEmail, privateKey, tokenUrl: `${endpoint}/token` } };
}
