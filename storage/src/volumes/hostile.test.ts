import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { inspect } from "node:util";
import { type Certificate, makeCertificate } from "../testing/volumes/certificate.ts";
import { newServiceAccount } from "../testing/volumes/gcs-servers.ts";
import { type Conduct, drip, type HostileServer, pour, say, startHostile, startHttp } from "../testing/volumes/hostile-server.ts";
import { body } from "../testing/volumes/objects.ts";
import { noProgram } from "../testing/volumes/test-server.ts";
import { EndpointList } from "./net/endpoint-list.ts";
import { openVolume } from "./open-volume.ts";
import { VolumeError, type VolumeFault } from "./volume-errors.ts";
import type { VolumeStore } from "./volume-store.ts";

const endpoints = new EndpointList(["127.0.0.1"]);
const limits = { connectMs: 20_000, answerMs: 3000, idleMs: 3000, answerBytes: 256 * 1024 };
const connection = () => ({ endpoints, limits, ca: certificate?.cert });
const SECRET = "TopSecretOfTheTests";
const TOKEN = "TokenOfTheTests";

const noTls = noProgram("openssl");

let certificate: Certificate | undefined;
let tokens: HostileServer;
let elsewhere: HostileServer;
const account = newServiceAccount();

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

const services: Record<string, (endpoint: string) => Promise<VolumeStore>> = {
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
const hostile = (name: string, conduct: Conduct) => startHostile(conduct, name === "Azure" ? certificate : undefined);

const upload = {
  location: "x",
  id: "/upload/storage/v1/b/lab/o?upload_id=1",
  size: 3,
  partSize: 8 * 1024 * 1024,
  inOrder: false,
  ifAbsent: false,
};
const azureUpload = { ...upload, id: `0123456789abcdef.${Buffer.from("{}").toString("base64url")}` };
const azurePart = { number: 1, size: 3, etag: "e", verified: true };
const asked: Record<string, (store: VolumeStore) => Promise<unknown>> = {
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

const XML = { "content-type": "application/xml" };
const html = "<!doctype html><html><body><h1>Welcome to the guests' network</h1></body></html>";
const head = (status: string, headers: string[] = []) =>
  `HTTP/1.1 ${status}\r\n${headers.map((line) => `${line}\r\n`).join("")}\r\n`;
const nested = (depth: number) => `<ListBucketResult>${"<a>".repeat(depth)}${"</a>".repeat(depth)}</ListBucketResult>`;
const laughs = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">${Array.from({ length: 12 }, (_, n) => `<!ENTITY a${n} "${`&a${n === 0 ? "" : n - 1};`.repeat(20)}">`).join("")}]><ListBucketResult><Name>&a11;</Name></ListBucketResult>`;

/** What the server does, and the faults that this may be told as, whatever is asked. */
const conducts: Record<string, [Conduct, VolumeFault[]]> = {
  "says nothing": [() => {}, ["Timeout"]],
  "hangs up at once": [(socket) => socket.destroy(), ["Unreachable"]],
  "is not HTTP": [(socket) => socket.end("SSH-2.0-OpenSSH_9.9\r\n"), ["BadAnswer"]],
  "drips its first line": [(socket) => drip(socket, "H"), ["BadAnswer", "Timeout"]],
  "drips headers for ever": [
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      drip(socket, "x: y\r\n");
    },
    ["Timeout"],
  ],
  "pours headers for ever": [
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      pour(socket, `${"x".repeat(100)}: y\r\n`);
    },
    ["BadAnswer", "Timeout"],
  ],
  "says 100 for ever": [(socket) => pour(socket, "HTTP/1.1 100 Continue\r\n\r\n"), ["Timeout", "BadAnswer"]],
  "pours an error for ever": [
    (socket) => {
      socket.write(head("403 Forbidden", ["transfer-encoding: chunked"]));
      pour(socket, `1000\r\n${"x".repeat(4096)}\r\n`);
    },
    // An answer to HEAD has no body, so that what follows it is another answer.
    ["BadAnswer", "AccessDenied", "Timeout"],
  ],
  "drips an error for ever": [
    (socket) => {
      socket.write(head("500 Fault", ["transfer-encoding: chunked"]));
      drip(socket, "1\r\nx\r\n");
    },
    ["Timeout", "BadAnswer", "ServiceFault"],
  ],
  "shows a login page": [
    (socket) => say(socket, 200, { "content-type": "text/html", "last-modified": new Date().toUTCString() }, html),
    ["BadAnswer"],
  ],
  "answers with nothing in it": [(socket) => say(socket, 200, {}, ""), ["BadAnswer"]],
  "answers what is cut in the middle": [
    (socket) => socket.end(`${head("200 OK", ["content-length: 1000", 'etag: "e"', "x-goog-generation: 1"])}<ListBucketResult>{`),
    ["BadAnswer", "Unreachable"],
  ],
  "cuts an answer in chunks": [
    (socket) => socket.end(`${head("200 OK", ["transfer-encoding: chunked"])}ff\r\n<ListBucketResult>{`),
    ["BadAnswer", "Unreachable"],
  ],
  "nests its answer without an end": [(socket) => say(socket, 200, XML, nested(25_000)), ["BadAnswer"]],
  "nests arrays without an end": [(socket) => say(socket, 200, {}, "[".repeat(100_000)), ["BadAnswer"]],
  "multiplies its entities": [(socket) => say(socket, 200, XML, laughs), ["BadAnswer"]],
  "answers compressed": [(socket) => say(socket, 200, { "content-encoding": "gzip" }, "\u001f\u008b\b\0\0"), ["BadAnswer"]],
  "asks to slow down": [(socket) => say(socket, 503, XML, "<Error><Code>SlowDown</Code></Error>"), ["Throttled"]],
  "asks to slow down, by its status alone": [(socket) => say(socket, 429, {}, ""), ["Throttled"]],
  "has a fault": [(socket) => say(socket, 500, XML, "<Error><Code>InternalError</Code></Error>"), ["ServiceFault"]],
  "tells back what it was sent": [
    (socket, request) =>
      say(
        socket,
        403,
        XML,
        `<Error><Code>${/authorization: (.*)/i.exec(request)?.[1]}</Code><Message>${request}</Message></Error>`,
      ),
    ["AccessDenied"],
  ],
  "tells back what it was sent, in JSON": [
    (socket, request) =>
      say(socket, 400, {}, JSON.stringify({ error: { code: 400, message: request, errors: [{ reason: request }] } })),
    ["Refused", "PartsRefused", "BadAnswer"],
  ],
};

for (const [name, open] of Object.entries(services)) {
  describe(`${name}, when the server`, { concurrency: 4, skip: name === "Azure" && noTls }, () => {
    for (const [what, [conduct, faults]] of Object.entries(conducts)) {
      test(what, { timeout: 60_000 }, async () => {
        const server = await hostile(name, conduct);
        const store = await open(server.endpoint);
        try {
          await Promise.all(
            Object.entries(asked).map(([action, ask]) => refuses(ask(store), faults, `${action} while it ${what}`)),
          );
        } finally {
          store.close();
          await server.stop();
        }
      });
    }

    for (const status of [301, 302, 303, 307, 308]) {
      test(`sends everybody elsewhere by ${status}`, { timeout: 60_000 }, async () => {
        const before = elsewhere.seen();
        const conduct: Conduct = (socket) => say(socket, status, { location: `${elsewhere.endpoint}/lab?list-type=2` }, "");
        const server = await hostile(name, conduct);
        const store = await open(server.endpoint);
        try {
          for (const [action, ask] of Object.entries(asked)) {
            // 308 is also how Google says that a part is kept, and what of it: nothing, here.
            const faults: VolumeFault[] =
              status === 308 ? ["Redirected", "WrongRegion", "ServiceFault"] : ["Redirected", "WrongRegion"];
            if (status === 308 && name === "GCS" && action === "listParts") continue;
            await refuses(ask(store), faults, action);
          }
          assert.equal(elsewhere.seen(), before);
        } finally {
          store.close();
          await server.stop();
        }
      });
    }
  });
}

describe("S3, when a list", () => {
  const entry = (key: string, size: number | string = 1) =>
    `<Contents><Key>${key}</Key><Size>${size}</Size><LastModified>2026-01-30T06:00:00.000Z</LastModified><ETag>"e"</ETag></Contents>`;
  const list = (inner: string) => `<ListBucketResult><Name>lab</Name><MaxKeys>1000</MaxKeys>${inner}</ListBucketResult>`;
  const listed = async (xml: string, ask: (store: VolumeStore) => Promise<unknown>) => {
    const server = await startHostile((socket) => say(socket, 200, XML, xml));
    const store = await services.S3!(server.endpoint);
    try {
      return await ask(store);
    } finally {
      store.close();
      await server.stop();
    }
  };

  test("names what lies outside, or can be no location, only what is a location is shown", async () => {
    const keys = [
      "p/../../etc/passwd",
      "p/a/../b",
      "elsewhere/x",
      "p/",
      "p//x",
      "p/new&#10;line",
      "p/.",
      "p/fine",
      "p/..dots",
      `p/${"x".repeat(1024)}`,
    ];
    const page = (await listed(list(`<IsTruncated>false</IsTruncated>${keys.map((key) => entry(key)).join("")}`), (store) =>
      store.list({}),
    )) as {
      objects: { location: string }[];
      skipped: number;
    };
    assert.deepEqual([page.objects.map((object) => object.location), page.skipped], [["fine", "..dots"], 8]);
  });

  const wrong: Record<string, string> = {
    "has a negative size": list(`<IsTruncated>false</IsTruncated>${entry("p/x", -1)}`),
    "has a size that is no number": list(`<IsTruncated>false</IsTruncated>${entry("p/x", "big")}`),
    "has a size beyond numbers": list(`<IsTruncated>false</IsTruncated>${entry("p/x", "99999999999999999999")}`),
    "has more than was asked for": list(
      `<IsTruncated>false</IsTruncated>${Array.from({ length: 1001 }, (_, n) => entry(`p/${n}`)).join("")}`,
    ),
    "goes on and does not say where": list("<IsTruncated>true</IsTruncated>"),
    "has no time": list("<IsTruncated>false</IsTruncated><Contents><Key>p/x</Key><Size>1</Size></Contents>"),
    "is not escaped as it says": list(`<EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>${entry("p/%ZZ")}`),
  };
  for (const [what, xml] of Object.entries(wrong)) {
    test(`${what}, it is no list`, async () => {
      await listed(xml, (store) => refuses(store.list({}), ["BadAnswer"], what));
    });
  }

  test("goes round in a circle, it is no list", async () => {
    const circle = list("<IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken>");
    await listed(circle, async (store) => {
      assert.equal((await store.list({})).next, "again");
      await refuses(store.list({ token: "again" }), ["BadAnswer"], "the second page");
    });
  });

  test("of parts goes on for ever, it ends", async () => {
    let page = 0;
    const server = await startHttp((_request, answer) => {
      page += 1;
      answer.end(
        `<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>${page}</NextPartNumberMarker></ListPartsResult>`,
      );
    });
    const store = await services.S3!(server.endpoint);
    await refuses(store.listParts(upload), ["BadAnswer"], "parts");
    store.close();
    await server.stop();
  });
});

describe("an object's bytes, when the server", () => {
  const serve = async (conduct: Conduct, ask: (store: VolumeStore) => Promise<unknown>) => {
    const server = await startHostile(conduct);
    const store = await services.S3!(server.endpoint);
    try {
      return await ask(store);
    } finally {
      store.close();
      await server.stop();
    }
  };
  const begin = (headers: string[]) => head("200 OK", ['etag: "e"', "last-modified: Fri, 30 Jan 2026 06:00:00 GMT", ...headers]);
  const part = (headers: string[]) => head("206 Partial", ['etag: "e"', ...headers]);
  const whole: Record<string, [Conduct, VolumeFault[]]> = {
    "does not say how many": [(socket) => socket.end(`${begin([])}abc`), ["BadAnswer"]],
    "says so in chunks": [(socket) => socket.end(`${begin(["transfer-encoding: chunked"])}3\r\nabc\r\n0\r\n\r\n`), ["BadAnswer"]],
    "hangs up before their end": [(socket) => socket.end(`${begin(["content-length: 10"])}abc`), ["Unreachable", "BadAnswer"]],
    "stops in their middle": [(socket) => void socket.write(`${begin(["content-length: 10"])}abc`), ["Timeout"]],
    "has a length that is none": [(socket) => socket.end(`${begin(["content-length: -3"])}abc`), ["BadAnswer"]],
  };
  for (const [what, [conduct, faults]] of Object.entries(whole)) {
    test(what, { timeout: 30_000 }, async () => {
      await serve(conduct, (store) => refuses(asked.open!(store), faults, what));
    });
  }

  const ranges: Record<string, Conduct> = {
    "gives another range": (socket) => socket.end(`${part(["content-length: 2", "content-range: bytes 0-1/10"])}ab`),
    "gives a longer range": (socket) => socket.end(`${part(["content-length: 5", "content-range: bytes 1-5/10"])}abcde`),
    "gives a range of another length than it says": (socket) =>
      socket.end(`${part(["content-length: 5", "content-range: bytes 1-2/10"])}abcde`),
    "gives a range without saying which": (socket) => socket.end(`${part(["content-length: 2"])}ab`),
    "gives everything": (socket) => socket.end(`${begin(["content-length: 3"])}abc`),
  };
  for (const [what, conduct] of Object.entries(ranges)) {
    test(what, { timeout: 30_000 }, async () => {
      await serve(conduct, (store) => refuses(asked.range!(store), ["BadAnswer"], what));
    });
  }

  test("drips them, whoever gives up does not wait", { timeout: 30_000 }, async () => {
    const conduct = (socket: Socket) => {
      socket.write(begin(["content-length: 1000000"]));
      drip(socket, "x");
    };
    await serve(conduct, async (store) => {
      const controller = new AbortController();
      const { bytes } = await store.open("x", { signal: controller.signal });
      bytes.once("data", () => controller.abort(new Error("enough")));
      await assert.rejects(bytes.toArray(), /enough/);
    });
  });
});

describe("a service that gives out tokens, when it", () => {
  const conducts: Record<string, [Conduct, VolumeFault[]]> = {
    "says nothing": [() => {}, ["Timeout"]],
    "shows a login page": [(socket) => say(socket, 200, {}, html), ["BadAnswer"]],
    "tells back what it was sent": [
      (socket, request) => say(socket, 400, {}, JSON.stringify({ error: request })),
      ["InvalidCredentials"],
    ],
    "gives a token with a line end": [
      (socket) => say(socket, 200, {}, JSON.stringify({ access_token: "a\r\nx: y" })),
      ["BadAnswer"],
    ],
    "sends everybody elsewhere": [(socket) => say(socket, 302, { location: `${elsewhere.endpoint}/token` }, ""), ["Redirected"]],
  };
  for (const [what, [conduct, faults]] of Object.entries(conducts)) {
    test(what, { timeout: 30_000 }, async () => {
      const before = elsewhere.seen();
      const server = await startHostile(conduct);
      const store = await openVolume(
        {
          service: "gcs",
          bucket: "lab",
          rootUrl: elsewhere.endpoint,
          credentials: { clientEmail: account.clientEmail, privateKey: account.privateKey, tokenUrl: `${server.endpoint}/token` },
        },
        connection(),
      );
      await refuses(store.list({}), faults, what);
      assert.equal(elsewhere.seen(), before);
      store.close();
      await server.stop();
    });
  }

  test("refuses a role, that is told of the role", async () => {
    const server = await startHostile((socket) =>
      say(socket, 403, XML, "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"),
    );
    const as = { accessKeyId: "AKTESTS", secretAccessKey: SECRET };
    const role = { roleArn: "arn:aws:iam::123456789012:role/lab", externalId: "lab", as, stsEndpoint: server.endpoint };
    const store = await openVolume(
      { service: "s3", bucket: "lab", endpoint: elsewhere.endpoint, credentials: role },
      connection(),
    );
    await refuses(store.list({}), ["RoleRefused"], "role");
    store.close();
    await server.stop();
  });
});

test("a bucket in a region that nobody has told is found by what the service says", async () => {
  const regions: (string | undefined)[] = [];
  const server = await startHttp((request, answer) => {
    const region = /Credential=[^/]+\/\d+\/([^/]+)\/s3/.exec(request.headers.authorization ?? "")?.[1];
    regions.push(region);
    if (region === "eu-north-7")
      return void answer.end("<ListBucketResult><Name>lab</Name><IsTruncated>false</IsTruncated></ListBucketResult>");
    answer.writeHead(301, { "x-amz-bucket-region": "eu-north-7" }).end("<Error><Code>PermanentRedirect</Code></Error>");
  });
  const store = await services.S3!(server.endpoint);
  await store.list({});
  await store.list({});
  assert.deepEqual(regions, ["us-east-1", "eu-north-7", "eu-north-7"]);
  store.close();
  await server.stop();
});

/** Rejects with one of these faults, in which nothing is told that must not be, however it is looked at. */
async function refuses(asking: Promise<unknown>, faults: VolumeFault[], what: string): Promise<void> {
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
