import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { makeTemporaryDirectory } from "@causeway/executors";
import { sql } from "kysely";
import { createWorld } from "../testing/world.ts";
import { startSmallS3 } from "./testing/small-s3.ts";

const SECRET = "TopSecretOfTheTests";
const PEM = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }) as string;
const FEDERATION = JSON.stringify({ type: "external_account", note: SECRET });

/** Whatever of these is found anywhere was told: secrets, and what is made of them to sign in. */
const MARKS = [SECRET, PEM.split("\n")[3]!, "Signature=", "assertion=", "AWS4-HMAC", "Bearer "];

/** A service that repeats in its answer all that it was sent, with what status it is told. */
async function startEcho(status: number) {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const said = `${request.url} ${JSON.stringify(request.headers)} ${body}`;
      response.writeHead(status, { "x-told": JSON.stringify(request.headers.authorization ?? "none").slice(0, 500) });
      response.end(`<Error><Code>${said.replace(/[<>&]/g, "")}</Code><Message>${said.replace(/[<>&]/g, "")}</Message></Error>`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

const services = (endpoint: string) => [
  { type: "S3", bucket: "lab", endpoint, credentials: { access_key_id: "AK", secret_access_key: SECRET } },
  { type: "OSS", bucket: "lab", endpoint, credentials: { access_key_id: "AK", secret_access_key: SECRET } },
  {
    type: "GCS",
    bucket: "lab",
    root_url: endpoint,
    credentials: { client_email: "lab@example", private_key: PEM },
    properties: { token_url: `${endpoint}/token` },
  },
  {
    type: "AZURE",
    storage_account: "labstorage",
    container: "lab",
    endpoint: endpoint.replace("http:", "https:"),
    credentials: { tenant_id: "t", client_id: "c", client_secret: SECRET },
    properties: { authority: endpoint },
  },
  // What cannot be read.
  { type: "GCS", bucket: "lab", credentials: { client_email: "a@b", private_key: `${SECRET}\n${PEM.slice(30)}` } },
  { type: "GCS", bucket: "lab", credentials: { configuration: `{${SECRET}` } },
  { type: "GCS", bucket: "lab", credentials: { configuration: FEDERATION } },
  { type: "S3", bucket: "lab", credentials: { access_key_id: 7, secret_access_key: SECRET } },
  { type: "S3", bucket: "lab", credentials: { access_key_id: "AK", secret_access_key: [SECRET] } },
  { type: SECRET, bucket: "lab" },
];

test("no secret is in an answer, a log, an error, the metrics, the access log or the database", {
  timeout: 120_000,
}, async () => {
  const log: string[] = [];
  const directory = makeTemporaryDirectory("log");
  const accessLog = join(directory, "access.log");
  const world = await createWorld({ logLevel: "debug", accessLog }, { write: (line) => void log.push(line) });
  const told: string[] = [];
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await world.send(method, "ana", path, body);
    told.push(`${method} ${path}: ${JSON.stringify([...answer.headers])} ${JSON.stringify(answer.body)}`);
    return answer;
  };
  const bucket = await startSmallS3({ "reads.txt": "bytes" });
  let count = 0;
  try {
    for (const status of [400, 403, 404, 500, 200]) {
      const echo = await startEcho(status);
      for (const service of services(echo.endpoint)) {
        count += 1;
        await ask("POST", "/storage/volumes", { name: `v${count}`, access_mode: "RO", service });
      }
      await echo.stop();
    }
    const credentials = { access_key_id: "AKGOOD", secret_access_key: SECRET };
    const service = { type: "s3", bucket: "lab", endpoint: bucket.endpoint, credentials };
    const made = await ask("POST", "/storage/volumes", { name: "good", service });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    const { href } = made.body;
    await ask("GET", href);
    await ask("GET", "/storage/volumes?fields=_all");
    await ask("GET", "/storage/volumes?fields=service.credentials.secret_access_key,secrets");
    await ask("GET", `${href}/list?fields=_all`);
    const echo = await startEcho(403);
    await ask("PATCH", href, { service: { endpoint: echo.endpoint, credentials: { secret_access_key: `${SECRET}2` } } });
    await ask("PATCH", href, { service: { credentials: { secret_access_key: { a: SECRET } } } });
    await ask("PATCH", href, { service: { properties: { private_key: SECRET } } });
    await echo.stop();
    await ask("PATCH", href, { service: { credentials: { secret_access_key: `${SECRET}3` } } });
    for (const refusal of [
      [403, "AccessDenied"],
      [403, "SignatureDoesNotMatch"],
      [500, "InternalError"],
    ] as const) {
      bucket.refusals = { all: refusal };
      await ask("GET", `${href}/list`);
      await ask("GET", `${href}/object?location=reads.txt`);
      await ask("PATCH", href, { service: { prefix: `p${count}` } });
    }
    told.push(JSON.stringify((await world.post("admin", new URL("/operator/volumes/check", world.url).href, {})).body));
    told.push(JSON.stringify((await world.post("admin", new URL("/operator/secrets/rotate", world.url).href, {})).body));
    told.push(JSON.stringify((await world.get("admin", new URL("/metrics", world.url).href)).body));
    const { rows } = await sql<{
      row: string;
    }>`select v::text || ' ' || encode(coalesce(secrets, ''), 'escape') as row from volumes v`.execute(world.platform.db);
    told.push(...rows.map(({ row }) => row));
    told.push(await readFile(accessLog, "utf8"));
    assert.ok(told.length > 60 && log.length > 0, `${told.length} answers, ${log.length} lines of the log`);
    assert.ok(
      told.some((text) => text.includes("AKGOOD")),
      "what is no secret is told",
    );
    for (const text of [...told, ...log]) for (const mark of MARKS) assert.ok(!text.includes(mark), `${mark} is told: ${text}`);
  } finally {
    await bucket.stop();
    await world.close();
    await rm(directory, { recursive: true });
  }
});
