import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { withWorld } from "../testing/world.ts";

const PATH = "/action/notifications/feedback";

test(
  "feedback is taken once a minute from a user, and operators read it",
  withWorld(async (world) => {
    assert.equal((await world.post("mira", PATH, { text: "More reefs", type: "PROBLEM", referrer: null })).status, 204);
    const again = await world.post("mira", PATH, { text: "Even more" });
    assert.equal(again.status, 429);
    assert.equal(again.body.code, 1000);
    assert.ok(again.headers.get("x-ratelimit-reset"));
    const both = await Promise.all([1, 2].map(() => world.post("ben", PATH, { text: "Hello", type: "idea" })));
    assert.deepEqual(both.map(({ status }) => status).sort(), [204, 429]);

    await sql`update feedback set sent_at = sent_at - interval '61 seconds'`.execute(world.platform.db);
    assert.equal((await world.post("mira", PATH, { text: "Later", referrer: "Mira" })).status, 204);

    const headers = { "x-sbg-auth-token": await world.token("admin") };
    const read = await fetch(`${world.url.replace("/v2", "")}/operator/feedback`, { headers });
    const { feedback } = (await read.json()) as { feedback: { username: string; type: string; text: string }[] };
    assert.deepEqual(
      feedback.map(({ username, type, text }) => [username, type, text]),
      [
        ["mira", "idea", "Later"],
        ["ben", "idea", "Hello"],
        ["mira", "problem", "More reefs"],
      ],
    );
  }),
);

test(
  "feedback without words or of another type is refused, and does not use up the minute",
  withWorld(async (world) => {
    for (const body of [{}, { text: "" }, { text: "  " }, { text: 5 }, { text: "x", type: "praise" }, []])
      assert.equal((await world.post("mira", PATH, body)).body.code, 90000, JSON.stringify(body));
    assert.equal((await world.post(null, PATH, { text: "x" })).body.code, 90001);
    assert.equal((await world.post("mira", PATH, { text: "x", type: "thought" })).status, 204);
  }),
);
