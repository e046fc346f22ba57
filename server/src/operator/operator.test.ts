import assert from "node:assert/strict";
import { test } from "node:test";
import { type World, withWorld } from "../testing/world.ts";

const operatorUrl = (url: string, path: string) => url.replace(/\/v2$/, `/operator${path}`);

test(
  "the operator's API is for administrators alone",
  withWorld(async (world) => {
    const calls = servedBelow(world, "/operator");
    assert.ok(calls.length > 15, "the listing of routes is understood");
    await world.token("ben");
    for (const [method, path] of calls) {
      const url = operatorUrl(world.url, path.replace("/operator", "").replace(/:\w+/g, "ben"));
      assert.deepEqual(codes(await world.send(method, null, url)), [401, 90001], `${method} ${path} without a token`);
      assert.deepEqual(codes(await world.send(method, "ben", url)), [403, 90002], `${method} ${path} as a member`);
    }
    const { more_info: moreInfo } = (await world.get("ben", operatorUrl(world.url, "/users"))).body;
    assert.match(new URL(moreInfo).searchParams.get("detail")!, /token of a platform administrator.*that of ben.*admin\.token/);
    const users = await world.get("admin", operatorUrl(world.url, "/users"));
    assert.deepEqual(users.body.users.map((user: { username: string }) => user.username).sort(), ["admin", "ben"]);
  }),
);

test(
  "users are made, get new tokens, are disabled and enabled",
  withWorld(async (world) => {
    const users = operatorUrl(world.url, "/users");
    const { status, body: ana } = await world.post("admin", users, { username: "ana", email: "ana@example.org" });
    assert.equal(status, 200);
    assert.equal(ana.is_admin, false);
    const me = (token: string) => world.send("GET", null, "/user", undefined, { "x-sbg-auth-token": token });
    assert.equal((await me(ana.token)).body.username, "ana");

    const renewed = await world.post("admin", `${users}/ana/token`);
    assert.equal((await me(ana.token)).status, 401);
    assert.equal((await me(renewed.body.token)).status, 200);

    assert.equal((await world.patch("admin", `${users}/ana`, { disabled: true })).body.disabled, true);
    assert.equal((await me(renewed.body.token)).status, 401);
    await world.patch("admin", `${users}/ana`, { disabled: false });
    assert.equal((await me(renewed.body.token)).status, 200);

    assert.deepEqual(codes(await world.post("admin", users, { username: "ana" })), [409, 2003]);
    assert.deepEqual(codes(await world.patch("admin", `${users}/none`, { disabled: true })), [404, 2002]);
    assert.deepEqual(codes(await world.post("admin", users, { username: "a/b" })), [400, 90000]);
    assert.deepEqual(codes(await world.post("admin", users, { username: "x", is_admin: "yes" })), [400, 90000]);
    assert.deepEqual(codes(await world.patch("admin", `${users}/admin`, { disabled: true })), [400, 90000], "not oneself");
  }),
);

test(
  "a closed platform or service is opened again by the operator",
  withWorld(async (world) => {
    const maintenance = operatorUrl(world.url, "/maintenance");
    const project = await world.project("ana");
    assert.deepEqual((await world.send("PUT", "admin", `${maintenance}/files`)).body.closed, ["files"]);
    assert.deepEqual(codes(await world.get("ana", `/files?project=${project.id}`)), [503, 5000]);
    assert.equal((await world.get("ana", "/projects")).status, 200);

    await world.send("PUT", "admin", `${maintenance}/platform`);
    assert.deepEqual(codes(await world.get("ana", "/projects")), [503, 0]);
    assert.deepEqual((await world.get("admin", maintenance)).body.closed, ["files", "platform"]);

    await world.delete("admin", `${maintenance}/platform`);
    assert.deepEqual((await world.delete("admin", `${maintenance}/files`)).body.closed, []);
    assert.equal((await world.get("ana", `/files?project=${project.id}`)).status, 200);
    assert.deepEqual(codes(await world.send("PUT", "admin", `${maintenance}/nothing`)), [404, 90003]);
  }),
);

test(
  "every operator's call refuses bodies that are none of its",
  withWorld(async (world) => {
    for (const [method, path] of servedBelow(world, "/operator")) {
      const url = operatorUrl(world.url, path.replace("/operator", "").replace(/:\w+/g, "none"));
      for (const body of ["{", "[]", "5", '"text"', '{"unknown":1}', '{"name":null}', '{"name":"\\u0000"}']) {
        const { status } = await world.send(method, "admin", url, method === "GET" ? undefined : body);
        assert.ok(status < 500, `${method} ${path} answers ${body} with ${status}`);
      }
    }
  }),
);

test(
  "a weight is a number that lets nobody wait for ever",
  withWorld(async (world) => {
    const weights = operatorUrl(world.url, "/weights");
    await world.token("ana");
    const set = (weight: unknown, more = {}) => world.send("PUT", "admin", weights, { of: "user", name: "ana", weight, ...more });
    for (const weight of [0, -1, 0.001, 1e6, "2", null, true])
      assert.deepEqual(codes(await set(weight)), [400, 90000], JSON.stringify(weight));
    assert.deepEqual(codes(await set(1, { of: "team" })), [400, 90000]);
    assert.deepEqual(codes(await set(1, { name: "none" })), [404, 2002]);
    assert.deepEqual(codes(await set(1, { of: "project", name: "ana/none" })), [404, 3002]);
    assert.deepEqual(codes(await set(1, { of: "billing-group", name: "x" })), [404, 4002]);
    assert.deepEqual((await set(2)).body, { of: "user", name: "ana", weight: 2 });
    assert.deepEqual((await world.get("admin", weights)).body, { weights: [{ of: "user", name: "ana", weight: 2 }] });
    assert.deepEqual((await world.delete("admin", `${weights}?of=user&name=ana`)).body, { weights: [] });
  }),
);

/** Method and path of every call of operators. */
const servedBelow = ({ platform }: World, prefix: string): [method: string, path: string][] =>
  platform.app.guarded
    .filter(({ method, url }) => url.startsWith(prefix) && method !== "HEAD")
    .map(({ method, url }) => [method, url]);

const codes = ({ status, body }: { status: number; body: { code: number } }) => [status, body.code];
