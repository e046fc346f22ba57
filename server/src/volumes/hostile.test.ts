import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { createWorld, type World } from "../testing/world.ts";
import { startSmallS3 } from "./testing/small-s3.ts";

// What users and services can do to the platform by volumes: a clear code, nothing hangs, nothing else is connected to.
let world: World;
let count = 0;

before(async () => {
  world = await createWorld({ volumeAnswerSeconds: 2 });
});
after(() => world.close());

const create = async (service: object, more: object = {}) => {
  count += 1;
  const { status, body } = await world.post("ana", "/storage/volumes", {
    name: `h${count}`,
    access_mode: "RO",
    service,
    ...more,
  });
  return { answer: `${status} ${body.code ?? ""}`.trim(), href: body.href as string };
};

const s3 = (endpoint: string, more: object = {}) => ({
  type: "S3",
  bucket: "lab",
  endpoint,
  credentials: { access_key_id: "AK", secret_access_key: "secret" },
  ...more,
});

async function startHttp(listener: RequestListener) {
  let seen = 0;
  const server = createServer((request, response) => {
    seen += 1;
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { endpoint: `http://127.0.0.1:${port}`, port, seen: () => seen, stop };
}

test("endpoints that are none, or that nothing is connected to, are refused however they are written", async () => {
  const endpoints = [
    "http://169.254.169.254",
    "http://2852039166",
    "http://0xa9.0xfe.0xa9.0xfe",
    "http://[::ffff:169.254.169.254]",
    "http://[fd00:ec2::254]",
    "http://100.100.100.200",
    "http://0.0.0.0:80",
    "http://127.0.0.2:80",
    "http://10.0.0.1",
    "http://[::1]:80",
    "http://user:word@127.0.0.1",
    "http://127.0.0.1/path",
    "http://127.0.0.1?x",
    "file:///etc/passwd",
    "ftp://127.0.0.1",
    "gopher://127.0.0.1",
    "http://",
    "//",
    "http://127.0.0.1:99999",
    "127.0.0.1\r\nx: y",
    " ",
  ];
  for (const endpoint of endpoints) {
    assert.equal((await create(s3(endpoint))).answer, "400 9017", endpoint);
    const azure = { type: "azure", storage_account: "labstorage", container: "lab", endpoint };
    const secret = { tenant_id: "t", client_id: "c", client_secret: "s" };
    const viaAzure = await create({ ...azure, credentials: secret, properties: { authority: "http://127.0.0.1:1" } });
    assert.match(viaAzure.answer, /^400 9017$|^503 9000$/, `Azure at ${endpoint}`);
  }
  for (const public_endpoint of ["javascript:alert(1)", "file:///x", "http://u:p@x", 7]) {
    assert.equal((await create(s3("http://127.0.0.1:1", { properties: { public_endpoint } }))).answer, "400 9019");
  }
});

test("buckets, prefixes and names that could be something else are refused", async () => {
  const at = "http://127.0.0.1:1";
  for (const bucket of ["../etc", "a/b", "a?b", "arn:aws:s3:::x", "a\nb", "x".repeat(300), "a b", "."]) {
    assert.equal((await create(s3(at, { bucket }))).answer, "400 9017", JSON.stringify(bucket));
  }
  for (const prefix of ["..", "a/../b", "./a", "a\u0000b", "a\nb", "x".repeat(2000)]) {
    assert.equal((await create(s3(at, { prefix }))).answer, "400 9017", JSON.stringify(prefix));
    assert.equal((await create({ type: "local", bucket: "share", prefix })).answer, "400 9017", JSON.stringify(prefix));
  }
  for (const bucket of ["../share", "/etc", "share/..", "__proto__", "constructor", "\u0000"]) {
    assert.match((await create({ type: "local", bucket })).answer, /^404 9200$|^400 9017$/, JSON.stringify(bucket));
  }
  for (const path of ["ana/__proto__", "ana/x%2Fy", "%F0%9F%90%9F/x", `ana/${"x".repeat(500)}`]) {
    const { status, body } = await world.get("ana", `/storage/volumes/${path}`);
    assert.equal(status, 404, `${path}: ${JSON.stringify(body)}`);
  }
});

const conducts: Record<string, RequestListener> = {
  "says nothing": () => {},
  "hangs up": (request) => request.socket.destroy(),
  "pours for ever": (_request, response) => {
    const timer = setInterval(() => response.write("x".repeat(1_000_000)), 1);
    response.once("close", () => clearInterval(timer));
  },
  "drips for ever": (_request, response) => {
    const timer = setInterval(() => response.write("<"), 20);
    response.once("close", () => clearInterval(timer));
  },
  "shows a login page": (_request, response) => void response.end("<html>Welcome</html>"),
  "has a fault": (_request, response) => void response.writeHead(500).end(),
};

for (const [what, listener] of Object.entries(conducts)) {
  test(`a service that ${what} is not reached (9000), when a volume is made and when it is browsed`, {
    timeout: 60_000,
  }, async () => {
    const service = await startHttp(listener);
    const bucket = await startSmallS3({ "a.txt": "bytes" });
    try {
      assert.equal((await create(s3(service.endpoint))).answer, "503 9000");
      const { href } = await create(s3(bucket.endpoint));
      // The service turns hostile later: the volume's endpoint is somebody else's now.
      const row = world.platform.db.selectFrom("volumes").select(["id", "service"]).where("name", "=", `h${count}`);
      const { id, service: shown } = await row.executeTakeFirstOrThrow();
      const moved = JSON.stringify({ ...shown, endpoint: service.endpoint });
      await world.platform.db.updateTable("volumes").set({ service: moved, revision: 7 }).where("id", "=", id).execute();
      for (const path of ["list", "object?location=a.txt"]) {
        const { status, body } = await world.get("ana", `${href}/${path}`);
        assert.equal(`${status} ${body.code}`, "503 9000", path);
      }
    } finally {
      await service.stop();
      await bucket.stop();
    }
  });
}

test("redirects lead nowhere", async () => {
  const elsewhere = await startHttp((_request, response) => void response.end("<ListBucketResult/>"));
  for (const status of [301, 302, 303, 307, 308]) {
    const service = await startHttp((_request, response) => {
      response.writeHead(status, { location: `${elsewhere.endpoint}/lab?list-type=2` }).end();
    });
    assert.match((await create(s3(service.endpoint))).answer, /^503 9000$|^400 9017$/, String(status));
    await service.stop();
  }
  assert.equal(elsewhere.seen(), 0);
  await elsewhere.stop();
});

test("keys that can be no location are not listed, and tokens that fit into no address are not given out", async () => {
  const keys = ["fine", "../../etc/passwd", "a&#10;b", ".", "a/../b", "//x", "x".repeat(1500)];
  let token = "";
  const listed = (key: string) =>
    `<Contents><Key>${key}</Key><Size>1</Size><LastModified>2026-01-30T06:00:00.000Z</LastModified><ETag>"e"</ETag></Contents>`;
  const service = await startHttp((request, response) => {
    if (!request.url?.includes("list-type")) {
      response.writeHead(206, { etag: '"e"', "content-length": 1, "content-range": "bytes 0-0/1" });
      response.end("x");
      return;
    }
    const more = token === "" ? "" : `<NextContinuationToken>${token}</NextContinuationToken>`;
    const entries = request.url.includes("max-keys=1&") ? listed("fine") : keys.map(listed).join("");
    response.end(
      `<ListBucketResult><Name>lab</Name><IsTruncated>${token !== ""}</IsTruncated>${more}${entries}</ListBucketResult>`,
    );
  });
  try {
    const { href, answer } = await create(s3(service.endpoint));
    assert.equal(answer, "200");
    const { body } = await world.get("ana", `${href}/list`);
    assert.deepEqual(
      body.items.map(({ location }: { location: string }) => location),
      ["fine"],
    );
    token = "t".repeat(10_000);
    assert.equal((await world.get("ana", `${href}/list`)).body.code, 9000);
    token = "t&#38;?#/ü".repeat(10);
    const page = await world.get("ana", `${href}/list`);
    assert.match(new URL(page.body.links[0].next).searchParams.get("continuation_token")!, /^[A-Za-z0-9_-]+$/);
  } finally {
    await service.stop();
  }
});
