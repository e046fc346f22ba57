import assert from "node:assert/strict";
import { test } from "node:test";
import { OPERATIONS } from "@causeway/contract";
import { withWorld } from "../testing/world.ts";
import { guideNames, guidePage } from "./guides.ts";

test(
  "the API describes itself, to machines and to people, without a token",
  withWorld(async (world) => {
    const { status, body } = await world.get(null, "/openapi.json");
    assert.equal(status, 200);
    assert.equal(body.openapi.slice(0, 3), "3.1");
    assert.ok(body.paths["/projects/{owner}/{project}"].get);
    const origin = world.url.replace("/v2", "");
    assert.match((await world.get(null, `${origin}/docs`)).body, /\/upload\/multipart/);
    assert.equal((await world.get(null, `${origin}/healthz`)).body.status, "ok");
    assert.equal((await world.get(null, `${origin}/readyz`)).body.status, "ready");
    assert.match((await world.get(null, `${origin}/metrics`)).body, /causeway_http_request_seconds/);
  }),
);

test(
  "what an error links to says what exactly was wrong, and runs nothing",
  withWorld(async (world) => {
    const refused = await world.get("mira", "/projects?limit=0");
    const page = await world.get(null, refused.body.more_info);
    assert.match(page.body, /limit<\/code>|`limit` must be an integer from 1 to 100/);
    const evil = await world.get(null, `${world.url.replace("/v2", "")}/docs/api-status-codes?detail=<script>alert(1)</script>`);
    assert.ok(!evil.body.includes("<script>"));
    assert.match(evil.headers.get("content-security-policy")!, /default-src 'none'/);
  }),
);

test(
  "every operation of the contract is served",
  withWorld(async (world) => {
    const served = new Set(world.platform.calls.served.map(({ id }) => id));
    assert.deepEqual(
      Object.keys(OPERATIONS).filter((id) => !served.has(id)),
      [],
    );
  }),
);

test(
  "the guides can be read without the internet, and link to each other",
  withWorld(async (world) => {
    const origin = world.url.replace("/v2", "");
    for (const name of guideNames()) assert.equal((await world.get(null, `${origin}/docs/${name}`)).status, 200);
    const page = await world.get(null, `${origin}/docs/compatibility`);
    assert.match(page.headers.get("content-security-policy")!, /default-src 'none'/);
    assert.match(page.body, /<h2 id="not-served">/);
    assert.match(page.body, /href="#not-served"/);
    assert.match(page.body, /href="\/docs\/errors"/);
    assert.match((await world.get(null, `${origin}/docs`)).body, /href="\/docs\/compatibility"/);
  }),
);

test("what a guide links to in the repository, and is not served, stays as text", () => {
  assert.ok(!guidePage("architecture", guideNames()).includes('href=".'));
});
