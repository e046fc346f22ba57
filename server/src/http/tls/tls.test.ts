import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { request as plainRequest } from "node:http";
import { Agent, request } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createWorld } from "../../testing/world.ts";
import { type CertificateFiles, keepSelfSigned } from "./certificates.ts";
import { type KeyedCertificate, makeSelfSigned } from "./self-signed.ts";

async function directory(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "causeway-tls-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function write(files: CertificateFiles, { cert, key }: KeyedCertificate): Promise<void> {
  await writeFile(files.certificate, cert);
  await writeFile(files.key, key);
}

async function serveWith(t: TestContext, pair: KeyedCertificate) {
  const path = await directory(t);
  const files = { certificate: join(path, "cert.pem"), key: join(path, "key.pem") };
  await write(files, pair);
  const world = await createWorld({ tlsCertificate: files.certificate, tlsKey: files.key });
  t.after(() => world.close());
  return { world, files };
}

/** One call over a connection of its own, whose other side has to show that it is who `ca` says. */
function get(url: string, ca: string, token?: string): Promise<{ status: number; body: string; fingerprint: string }> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { "x-sbg-auth-token": token };
    request(url, { ca, headers, agent: new Agent({ maxCachedSessions: 0 }) }, (response) => {
      const { fingerprint256 } = (response.socket as import("node:tls").TLSSocket).getPeerCertificate();
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body, fingerprint: fingerprint256 }));
    })
      .on("error", reject)
      .end();
  });
}

test("the platform speaks https with its certificate, and its links say so", async (t) => {
  const pair = makeSelfSigned(["127.0.0.1"], 2);
  const { world } = await serveWith(t, pair);
  assert.match(world.url, /^https:\/\/127\.0\.0\.1:\d+\/v2$/);
  const { status, body } = await get(`${world.url}/user`, pair.cert, await world.token("ana"));
  assert.equal(status, 200);
  assert.equal(JSON.parse(body).href, `${world.url}/users/ana`);
  await assert.rejects(get(`${world.url}/user`, makeSelfSigned(["127.0.0.1"], 2).cert), "another certificate is not it");
});

test("plain http on the same port is told so, with any method", async (t) => {
  const { world } = await serveWith(t, makeSelfSigned(["127.0.0.1"], 2));
  for (const method of ["GET", "POST"]) {
    const [status, text] = await new Promise<[number | undefined, string]>((resolve, reject) => {
      plainRequest(world.url.replace("https:", "http:"), { method }, async (response) => {
        resolve([response.statusCode, Buffer.concat(await Array.fromAsync(response)).toString()]);
      })
        .on("error", reject)
        .end();
    });
    const { code, more_info } = JSON.parse(text);
    assert.deepEqual([status, code], [400, 90000]);
    assert.match(decodeURIComponent(more_info), /This port speaks https: the address is https:/);
  }
});

test("connections that say nothing, or nonsense, neither disturb nor keep the platform from closing", async (t) => {
  const pair = makeSelfSigned(["127.0.0.1"], 2);
  const { world } = await serveWith(t, pair);
  const { port } = new URL(world.url);
  const silent = connect(Number(port), "127.0.0.1");
  const odd = connect(Number(port), "127.0.0.1");
  for (const socket of [silent, odd]) socket.on("error", () => {});
  odd.write(Buffer.of(22, 3, 1, 0, 5, 1, 2, 3, 4, 5));
  await new Promise((resolve) => silent.once("connect", resolve));
  assert.equal((await get(`${world.url}/user`, pair.cert)).status, 401);
});

test("a renewed certificate is used without a restart; half of one is not", async (t) => {
  const [old, young] = [makeSelfSigned(["127.0.0.1"], 2), makeSelfSigned(["renewed.test", "127.0.0.1"], 2)];
  const { world, files } = await serveWith(t, old);
  const print = ({ cert }: KeyedCertificate) => new X509Certificate(cert).fingerprint256;
  const trusted = old.cert + young.cert;
  assert.equal((await get(world.url, trusted)).fingerprint, print(old));
  await writeFile(files.key, young.key);
  assert.equal((await get(world.url, trusted)).fingerprint, print(old));
  await write(files, young);
  for (let seen = print(old); seen !== print(young); ) seen = (await get(world.url, trusted)).fingerprint;
});

test("a platform without a pair of certificate and key does not start", async (t) => {
  const path = await directory(t);
  const files = { certificate: join(path, "cert.pem"), key: join(path, "key.pem") };
  await write(files, { cert: makeSelfSigned(["a"], 2).cert, key: makeSelfSigned(["a"], 2).key });
  await assert.rejects(createWorld({ tlsCertificate: files.certificate, tlsKey: files.key }), /no certificate with its key/);
  await assert.rejects(createWorld({ tlsCertificate: files.certificate }), /go together/);
});

test("a self-signed certificate is kept until it ends or other names are wanted", async (t) => {
  const path = join(await directory(t), "tls");
  const files = await keepSelfSigned(path, ["0.0.0.0", "causeway.example.org", "2001:db8::7"]);
  const first = await readFile(files.certificate, "utf8");
  const certificate = new X509Certificate(first);
  for (const name of ["causeway.example.org", "localhost"]) assert.equal(certificate.checkHost(name), name);
  for (const address of ["127.0.0.1", "::1", "2001:db8::7"]) assert.ok(certificate.checkIP(address), address);
  assert.equal(certificate.checkIP("0.0.0.0"), undefined);
  assert.ok(certificate.verify(certificate.publicKey));
  assert.equal((await stat(files.key)).mode & 0o777, 0o600);

  await keepSelfSigned(path, ["causeway.example.org"]);
  assert.equal(await readFile(files.certificate, "utf8"), first);
  await keepSelfSigned(path, ["other.example.org"]);
  const second = await readFile(files.certificate, "utf8");
  assert.notEqual(second, first);
  await write(files, makeSelfSigned(["other.example.org"], 10));
  await keepSelfSigned(path, ["other.example.org"]);
  assert.ok(new X509Certificate(await readFile(files.certificate, "utf8")).validToDate.getTime() > Date.now() + 300 * 86_400_000);
});
