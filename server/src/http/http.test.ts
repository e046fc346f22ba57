import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { createWorld, type World } from "../testing/world.ts";

let world: World;
before(async () => {
  world = await createWorld({ rateLimit: 1000 });
});
after(() => world.close());

const json = { "content-type": "application/json" };

test("the root is open to everybody, with or without a slash, and every value is an address without one", async () => {
  const { status, body } = await world.get(null, "/");
  assert.equal(status, 200);
  assert.deepEqual((await world.get(null, "")).body, body);
  assert.equal(Object.keys(body)[0], "rate_limit_url");
  assert.ok(Object.values(body).every((url) => String(url).startsWith(world.url) && !String(url).endsWith("/")));
  assert.deepEqual((await world.get(null, "/?limit=50&offset=0&fields=_all")).body, body);
});

test("what is wrong is told in the order of a request: route, method, token, media type, JSON, then the call's own", async () => {
  const code = async (method: string, user: string | null, path: string, body?: string, headers = {}) =>
    (await world.send(method, user, path, body, headers)).body.code;
  assert.equal(await code("GET", null, "/nothing"), 90003);
  assert.equal(await code("DELETE", null, "/projects"), 90006);
  assert.equal(await code("POST", null, "/projects", "{", json), 90001);
  assert.equal(await code("POST", "ana", "/projects", "name=x", { "content-type": "application/x-www-form-urlencoded" }), 90008);
  assert.equal(await code("POST", "ana", "/projects", "{", json), 90009);
  assert.equal(await code("POST", "ana", "/projects", "[]", json), 90000);
  assert.equal(await code("POST", "ana", "/projects", "{}", json), 3007);
  assert.equal((await world.send("PUT", "ana", "/projects")).headers.get("allow"), "GET, HEAD, POST, OPTIONS");
});

test("a token comes in either header; a wrong one, none, or an empty one is refused", async () => {
  const token = await world.token("ana");
  const code = async (headers: Record<string, string>) => (await world.send("GET", null, "/user", undefined, headers)).status;
  assert.equal(await code({ "x-sbg-auth-token": token }), 200);
  assert.equal(await code({ authorization: `Bearer ${token}` }), 200);
  assert.equal(await code({ authorization: `bearer ${token}`, "x-sbg-advance-access": "Advance" }), 200);
  assert.equal(await code({ "x-sbg-auth-token": "0123456789abcdef0123456789abcdef" }), 401);
  assert.equal(await code({ "x-sbg-auth-token": "" }), 401);
  assert.equal(await code({}), 401);
});

test("whatever cannot be read as a request is refused in the API's own words", async () => {
  const isRefused = ({ status, body }: { status: number; body: object }, code: number) => {
    assert.deepEqual(Object.keys(body), ["status", "code", "message", "more_info"]);
    assert.deepEqual([status, (body as { code: number }).code], [(body as { status: number }).status, code]);
  };
  for (const path of ["/%zz", "/projects/ana/%E0%A4%A", `/users/${"x".repeat(2000)}`])
    isRefused(await world.get("ana", path), 90000);
  isRefused(await world.get("ana", `/projects?name=${"x".repeat(20_000)}`), 90000);
  isRefused(await world.send("POST", "ana", "/projects", "{}", { "content-type": "json" }), 90008);
  assert.equal((await spoken("DELIVER /v2/user\r\n\r\n")).code, 90000);
  assert.equal((await spoken("TRACE /v2/user HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).code, 90006);
  assert.equal((await world.get("ana", `/projects?name=${"x".repeat(10_000)}`)).status, 200);
});

test("pages of other origins may call and read everything", async () => {
  const preflight = await world.send("OPTIONS", null, "/projects", undefined, {
    origin: "https://lab.example",
    "access-control-request-method": "POST",
    "access-control-request-headers": "x-sbg-auth-token,content-type",
  });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get("access-control-allow-origin"), "*");
  assert.equal(preflight.headers.get("access-control-allow-methods"), "GET, HEAD, POST, OPTIONS");
  assert.equal(preflight.headers.get("access-control-allow-headers"), "x-sbg-auth-token,content-type");
  const listed = await world.send("GET", "ana", "/projects", undefined, { origin: "https://lab.example" });
  assert.match(listed.headers.get("access-control-expose-headers")!, /X-Total-Matching-Query/);
  assert.equal((await world.get("ana", "/projects")).headers.get("access-control-allow-origin"), null);
  assert.equal((await world.send("OPTIONS", null, "/user")).headers.get("allow"), "GET, HEAD, OPTIONS");
  assert.equal((await world.send("OPTIONS", null, "/nothing")).body.code, 90003);
});

test("HEAD answers as GET does, without the body", async () => {
  await world.project("ana");
  for (const path of ["/user", "/projects?limit=1"]) {
    const [whole, head] = [await world.get("ana", path), await world.send("HEAD", "ana", path)];
    assert.equal(head.status, 200);
    assert.equal(head.body, undefined);
    for (const name of ["content-type", "content-length", "x-total-matching-query"])
      assert.equal(head.headers.get(name), whole.headers.get(name), name);
  }
});

test("bodies that clients send without meaning anything are ignored", async () => {
  const project = await world.project("ana");
  const raw = async (method: string, path: string, body: string) => (await world.send(method, "ana", path, body, json)).status;
  assert.equal(await raw("DELETE", `/projects/${project.id}`, "{}"), 204);
  const other = await world.project("ana");
  assert.equal(await raw("DELETE", `/projects/${other.id}`, ""), 204);
  const third = await world.project("ana");
  const unreadable = await world.send("DELETE", "ana", `/projects/${third.id}`, "a=b", { "content-type": "none" });
  assert.equal(unreadable.status, 204);
  // R sends these three with every POST, and null for what the caller left out.
  const made = await world.post("ana", "/projects?limit=50&offset=0&fields=_all", {
    name: "R",
    billing_group: null,
    tags: null,
    settings: { location: null, controlled: null },
    unknown: 1,
  });
  assert.equal(made.status, 200);
  assert.deepEqual(made.body.tags, []);
});

test("answers say what they are, and only lists have a total", async () => {
  const { headers } = await world.get("ana", "/user/");
  assert.equal(headers.get("content-type"), "application/json;charset=UTF-8");
  assert.equal(headers.get("x-total-matching-query"), null);
  assert.ok(headers.get("x-request-id"));
  assert.ok((await world.get("ana", "/projects")).headers.get("x-total-matching-query"));
});

test("fields narrow what is answered, also below a key, and never add anything", async () => {
  const { body } = await world.get("ana", "/user?fields=username,!email");
  assert.deepEqual(body, { username: "ana" });
  const project = await world.project("ana");
  const nested = await world.get("ana", `/projects/${project.id}?fields=settings.locked&fields=id`);
  assert.deepEqual(nested.body, { id: project.id, settings: { locked: false } });
});

test("the rate limit counts a user's requests, says so in plain seconds, and can be looked at for nothing", async () => {
  const small = await createWorld({ rateLimit: 3, rateLimitWindowSeconds: 300 });
  try {
    const first = await small.get("bo", "/user");
    assert.equal(first.headers.get("x-ratelimit-limit"), "3");
    assert.equal(first.headers.get("x-ratelimit-remaining"), "2");
    assert.match(first.headers.get("x-ratelimit-reset")!, /^\d{10}$/);
    await small.get("bo", "/projects");
    await small.get("bo", "/nothing");
    assert.equal((await small.get("bo", "/user")).status, 200);
    const over = await small.get("bo", "/user");
    assert.equal(over.body.code, 1000);
    assert.equal(over.status, 429);
    assert.equal(over.headers.get("retry-after"), null);
    const look = await small.get("bo", "/rate_limit");
    assert.equal(look.status, 200);
    assert.equal(look.body.rate.remaining, 0);
    assert.equal((await small.get("cy", "/user")).status, 200, "another user has a window of their own");
    const text = await (
      await fetch(`${small.url}/rate_limit`, { headers: { "x-sbg-auth-token": await small.token("bo") } })
    ).text();
    assert.match(text, /"remaining":9223372036854775807/);
  } finally {
    await small.close();
  }
});

test("in maintenance every call is told so with code 0, and one closed service with its own", async () => {
  const { maintenance } = world.platform.services;
  await maintenance.close("files");
  assert.equal((await world.get("ana", "/files?project=a/b")).body.code, 5000);
  assert.equal((await world.get("ana", "/projects")).status, 200);
  await maintenance.close("platform");
  for (const path of ["/", "/user", "/nothing"]) {
    const { status, body } = await world.get("ana", path);
    assert.equal(status, 503);
    assert.equal(body.code, 0);
  }
  await maintenance.open("platform");
  await maintenance.open("files");
  assert.equal((await world.get("ana", "/user")).status, 200);
});

test("with an access log every answered call leaves a line: who, what, how it ended; but no query and no token", async () => {
  const directory = await mkdtemp(join(tmpdir(), "causeway-access-"));
  const path = join(directory, "log", "calls");
  const logged = await createWorld({ accessLog: path });
  await logged.send("GET", "ana", "/projects/ana/nothing?fields=secret", undefined, { "user-agent": "script/1" });
  await logged.get(null, "/");
  await logged.close();

  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  const [refused, root] = lines.map((line) => JSON.parse(line));
  assert.equal(lines.length, 2);
  assert.ok(!lines.join().includes("secret"));
  const { operation, path: place, status, code, user, client } = refused;
  assert.deepEqual(
    { operation, place, status, code, user, client },
    { operation: "getProject", place: "/v2/projects/ana/nothing", status: 404, code: 3002, user: "ana", client: "script/1" },
  );
  assert.deepEqual([root.operation, root.status, root.user, "code" in root], ["getRoot", 200, null, false]);
  await rm(directory, { recursive: true });
});

/** What is answered to bytes that no HTTP client would send. */
async function spoken(bytes: string): Promise<{ code: number }> {
  const socket = connect(Number(new URL(world.url).port), "127.0.0.1");
  await once(socket, "connect");
  socket.write(bytes);
  const answer = await text(socket);
  return JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")));
}
