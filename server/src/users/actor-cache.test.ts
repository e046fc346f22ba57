import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { withWorld } from "../testing/world.ts";
import { createActorCache } from "./actor-cache.ts";

const ana = { id: "1", username: "ana", isAdmin: false, division: null };
const hash = Buffer.from("hash");

test("an actor is looked up once, and again after a change", async () => {
  const known = createActorCache();
  let asked = 0;
  const load = async () => {
    asked++;
    return ana;
  };
  assert.deepEqual([await known.of(hash, load), await known.of(hash, load), asked], [ana, ana, 1]);
  known.clear();
  await known.of(hash, load);
  assert.equal(asked, 2);
});

test("what was read before a change is not remembered after it", async () => {
  const known = createActorCache();
  await known.of(hash, async () => {
    known.clear();
    return ana;
  });
  assert.equal(await known.of(hash, async () => undefined), undefined);
});

test(
  "a renewed token ends the old one at once, and a disabled user's at once, too",
  withWorld(async (world) => {
    await world.token("ana");
    assert.equal((await world.get("ana", "/user")).status, 200);
    const renewed = await world.platform.services.users.renewToken("ana");
    assert.equal((await world.get("ana", "/user")).status, 401);
    const asAna = () => world.send("GET", null, "/user", undefined, { "x-sbg-auth-token": renewed });
    assert.equal((await asAna()).status, 200);
    await world.platform.services.users.change("ana", { isDisabled: true });
    assert.equal((await asAna()).status, 401);
  }),
);

test(
  "a change that another process made is heard of",
  withWorld(async (world) => {
    await world.token("ana");
    assert.equal((await world.get("ana", "/user")).status, 200);
    await sql`update users set disabled_at = now()`.execute(world.platform.db);
    while ((await world.get("ana", "/user")).status !== 401) await new Promise((wake) => setTimeout(wake, 5));
  }),
);
