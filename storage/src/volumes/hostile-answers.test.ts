import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, test } from "node:test";
import { type Conduct, drip, say, startHostile, startHttp } from "../testing/volumes/hostile-server.ts";
import {
  account,
  asked,
  connection,
  elsewhere,
  head,
  html,
  refuses,
  SECRET,
  services,
  upload,
  XML,
} from "../testing/volumes/hostile-services.ts";
import { openVolume } from "./open-volume.ts";
import type { VolumeFault } from "./volume-errors.ts";
import type { VolumeStore } from "./volume-store.ts";

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
