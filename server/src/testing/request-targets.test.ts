import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { DRS_OPERATIONS, type Operation } from "@causeway/contract";
import { createWorld, type World } from "./world.ts";

// Whatever the router finds has a gate, however a client writes the target of its request.

let world: World;
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
before(async () => {
  world = await createWorld();
});
after(async () => {
  agent.destroy();
  await world.close();
});

/** Ways to write a path that lead to the same operation. */
const SAME: Record<string, (path: string) => string> = {
  "origin form": (path) => path,
  "with a slash at the end": (path) => `${path}/`,
  "with a query": (path) => `${path}?fields=_all&token=init`,
  "absolute form": (path) => `http://x${path}`,
  "absolute form, to somewhere else by https": (path) => `https://elsewhere.example:8443${path}`,
  "absolute form in capitals": (path) => `HTTP://X${path}`,
  "absolute form with a login": (path) => `http://ana:secret@x${path}`,
  "absolute form without a host": (path) => `http://${path}`,
  "absolute form with encoded letters": (path) => `http://x${path.replace("/v2", "/%762")}`,
  "with encoded letters": (path) => path.replace("/v2", "/%76%32"),
};

/** Ways that must not lead anywhere without a token, wherever they lead. */
const OTHER: Record<string, (path: string) => string> = {
  "two slashes": (path) => `/${path}`,
  "absolute form with two slashes": (path) => `http://x/${path}`,
  "in capitals": (path) => path.replace("/v2", "/V2"),
  "a parameter of a segment": (path) => path.replace("/v2", "/v2;a=b"),
  "up and down again": (path) => path.replace("/v2", "/v2/../v2"),
  "up, encoded": (path) => path.replace("/v2", "/docs/%2e%2e/v2"),
  "by way of here": (path) => `/.${path}`,
  "a slash, encoded": (path) => path.replace("/v2/", "/v2%2F"),
  "a slash within": (path) => path.replace("/v2/", "/v2//"),
  "a dot at the end": (path) => `${path}.`,
  "a blank at the end": (path) => `${path}%20`,
  "a NUL at the end": (path) => `${path}%00`,
  backslashes: (path) => path.replaceAll("/", "\\"),
  "no slash in front": (path) => path.slice(1),
  "another scheme": (path) => `ftp://x${path}`,
  "a scheme within": (path) => `/http://x${path}`,
  "a fragment": (path) => `${path}#here`,
  asterisk: () => "*",
};

const pathOf = ({ path }: Operation, top = "/v2") => top + path.replace(/\{\w+\}/g, "x");

test("without a token every operation is refused, in every form of its target", async () => {
  const ofApi = world.platform.calls.served.map((operation) => ({ operation, path: pathOf(operation) }));
  const ofDrs = Object.values<Operation>(DRS_OPERATIONS).map((operation) => ({
    operation,
    path: pathOf(operation, "/ga4gh/drs/v1"),
  }));
  for (const { operation, path } of [...ofApi, ...ofDrs]) {
    if (operation.anonymous) continue;
    const same = Object.entries(SAME).map(async ([form, write]) => {
      const target = write(path);
      assert.equal((await send(operation.method, target)).status, 401, `${operation.id}, ${form}`);
      if (operation.method === "GET") assert.equal((await send("HEAD", target)).status, 401, `HEAD ${operation.id}, ${form}`);
    });
    const other = Object.entries(OTHER).map(async ([form, write]) => {
      const { status } = await send(operation.method, write(path));
      assert.ok([400, 401, 404, 405].includes(status), `${operation.id}, ${form}: ${status}`);
    });
    await Promise.all([...same, ...other]);
  }
});

test("what operators may do is refused in every form as well, and so are bytes without a signature", async () => {
  const routes = world.platform.app.guarded.filter(
    ({ access, method }) => ["administrator", "link"].includes(access) && method !== "HEAD",
  );
  assert.ok(routes.length > 20);
  for (const { method, url } of routes) {
    const path = url.replace(/:\w+/g, "x");
    for (const write of [...Object.values(SAME), ...Object.values(OTHER)]) {
      const { status } = await send(method, write(path));
      assert.ok([400, 401, 403, 404].includes(status), `${method} ${write(path)}: ${status}`);
    }
  }
});

test("only pages, health, and what the API says to everybody are open", async () => {
  const { guarded } = world.platform.app;
  const openTo = (wanted: string) =>
    guarded.filter(({ access }) => access === wanted).map(({ method, url }) => `${method} ${url}`);
  assert.deepEqual(new Set(guarded.map(({ access }) => access)), new Set(["token", "open", "administrator", "link", "page"]));
  const told = new Set<string>();
  for (const route of openTo("open")) {
    const [method = "", url = ""] = route.split(" ");
    const { status } = await send(method, url.replace(/:\w+/g, "x"));
    // DRS says by OPTIONS how to be authorized; without a body it is not said of what.
    const drsOptions = { "/ga4gh/drs/v1/objects": 400, "/ga4gh/drs/v1/objects/:object": 200 }[url];
    if (method === "OPTIONS") assert.equal(status, drsOptions ?? 204, route);
    else if (status !== 405) told.add(url.replace(/\/$/, ""));
  }
  assert.deepEqual([...told], ["/v2", "/v2/openapi.json", "/ga4gh/drs/v1/service-info"]);
  const pages =
    /^(GET|HEAD) \/($|sign-in|account|projects|tasks|apps|frame|assets|docs|healthz|readyz|metrics)|^OPTIONS \/storage/;
  const signingIn =
    /^((GET|HEAD) (\/web\/session|\/(web|ga4gh\/drs\/v1)\/openapi\.json)|POST \/web\/(session|links\/open)|DELETE \/web\/session)$/;
  assert.deepEqual(
    openTo("page").filter((route) => !pages.test(route) && !signingIn.test(route)),
    [],
  );
  assert.ok(guarded.every(({ access, url }) => (access === "administrator") === url.startsWith("/operator")));
});

test("with a token every form answers as the plain one does, and counts", async () => {
  const project = await world.project("ana");
  const token = { "x-sbg-auth-token": await world.token("ana") };
  for (const path of ["/v2/user", "/v2/projects?limit=1", `/v2/projects/${project.id}`, "/v2/rate_limit"]) {
    const plain = await send("GET", path, token);
    for (const [form, write] of Object.entries(SAME).filter(([form]) => !/slash|query/.test(form))) {
      const before = Number((await send("GET", "/v2/rate_limit", token)).headers["x-ratelimit-remaining"]);
      const { status, body, headers } = await send("GET", write(path), token);
      assert.equal(status, 200, `${path}, ${form}`);
      if (path.endsWith("rate_limit")) continue;
      assert.equal(body, plain.body, `${path}, ${form}`);
      assert.equal(Number(headers["x-ratelimit-remaining"]), before - 1, `${path}, ${form} counts`);
    }
  }
});

test("a closed platform is closed in every form", async () => {
  const token = { "x-sbg-auth-token": await world.token("ana") };
  await world.platform.services.maintenance.close("platform");
  try {
    for (const [form, write] of Object.entries(SAME)) {
      for (const path of ["/v2/user", "/v2/", "/v2/nothing", "/v2/openapi.json"]) {
        const { status, body } = await send("GET", write(path), token);
        assert.deepEqual([status, JSON.parse(body).code], [503, 0], `${path}, ${form}`);
      }
    }
  } finally {
    await world.platform.services.maintenance.open("platform");
  }
});

test("no header makes a request another one", async () => {
  const headers = { "x-http-method-override": "GET", "x-original-url": "/healthz", "x-rewrite-url": "/v2/", host: "elsewhere" };
  assert.equal((await send("GET", "/v2/user", headers)).status, 401);
  assert.equal((await send("POST", "/v2/user?_method=GET", headers)).status, 405);
  const { body } = await send("GET", "/v2/", headers);
  assert.ok(Object.values(JSON.parse(body)).every((url) => String(url).startsWith(world.url)));
});

test("two tokens are none, unless they come in two headers: then the first kind counts", async () => {
  const [ana, ben] = [await world.token("ana"), await world.token("ben")];
  const user = async (headers: Record<string, string | string[]>) => {
    const { status, body } = await send("GET", "/v2/user", headers);
    return status === 200 ? JSON.parse(body).username : status;
  };
  assert.equal(await user({ "x-sbg-auth-token": [ana, ben] }), 401);
  assert.equal(await user({ "x-sbg-auth-token": [ana, ana] }), 401);
  assert.equal(await user({ "x-sbg-auth-token": ana, authorization: `Bearer ${ben}` }), "ana");
  assert.equal(await user({ "x-sbg-auth-token": "", authorization: `Bearer ${ben}` }), 401);
  assert.equal(await user({ authorization: `Bearer ${ana}, Bearer ${ben}` }), 401);
  assert.equal(await user({ authorization: `Basic ${Buffer.from(`ana:${ana}`).toString("base64")}` }), 401);
  assert.equal(await user({ cookie: `token=${ana}; x-sbg-auth-token=${ana}` }), 401);
});

test("a request that hides another one in its body is refused whole", async () => {
  const token = await world.token("ana");
  const hidden = `GET /v2/user HTTP/1.1\r\nHost: x\r\nX-SBG-Auth-Token: ${token}\r\n\r\n`;
  const smuggled = [
    `POST /v2/projects HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    `POST /v2/projects HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 4\r\n\r\n${hidden}`,
    `POST /v2/projects HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
    `GET /v2/projects HTTP/1.1\r\nHost: x\r\nContent-Length : 4\r\n\r\n${hidden}`,
    `GET /v2/projects HTTP/1.1\r\nHost: x\r\nX-SBG-Auth-Token: a\nX-Other: b\r\n\r\n${hidden}`,
  ];
  for (const bytes of smuggled) assert.doesNotMatch(await spoken(bytes), /"username"/, bytes);
});

test("requests on one connection are each their own, also by HTTP/1.0", async () => {
  const token = await world.token("ana");
  const get = (headers: string, version = "1.1") => `GET http://x/v2/user HTTP/${version}\r\nHost: x\r\n${headers}\r\n`;
  const withToken = `X-SBG-Auth-Token: ${token}\r\n`;
  const answers = await spoken(get(withToken) + get("") + get(withToken) + get("Connection: close\r\n"));
  assert.deepEqual(
    [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
    ["200", "401", "200", "401"],
  );
  assert.match(await spoken(get("", "1.0")), /^HTTP\/1\.1 401/);
  assert.match(await spoken(get(withToken, "1.0")), /^HTTP\/1\.1 200/);
  assert.match(await spoken("GET /v2/user HTTP/1.1\r\n\r\n"), /^HTTP\/1\.1 400/, "without a Host");
});

interface Sent {
  status: number;
  headers: IncomingMessage["headers"];
  body: string;
}

/** One request whose target is written as it stands. */
async function send(method: string, target: string, headers: Record<string, string | string[]> = {}): Promise<Sent> {
  const { hostname, port } = new URL(world.url);
  const sent = request({ hostname, port, method, path: target, headers, agent });
  sent.end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  return { status: answer.statusCode!, headers: answer.headers, body: await text(answer) };
}

/** Everything that comes back for these bytes. */
async function spoken(bytes: string): Promise<string> {
  const { hostname, port } = new URL(world.url);
  const socket = connect(Number(port), hostname);
  // What hides another request may leave the connection open: waited for no longer than for an answer to come.
  socket.setTimeout(1000, () => socket.destroy());
  socket.on("error", () => {});
  socket.write(bytes);
  let said = "";
  for await (const chunk of socket.setEncoding("utf8")) said += chunk;
  return said;
}
