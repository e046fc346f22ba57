import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { withWorld } from "../testing/world.ts";

test(
  "a project is made with the first billing group, and its short name follows the name",
  withWorld(async (world) => {
    const { body: groups } = await world.get("mira", "/billing/groups");
    const made = await world.post("mira", "/projects", { name: "mira's  RNA_Seq (v2)!", tags: ["reef"], settings: null });

    assert.equal(made.status, 200);
    assert.equal(made.body.id, "mira/mira-s-rna-seq-v2");
    assert.equal(made.body.billing_group, groups.items[0].id);
    assert.deepEqual(made.body.permissions, { write: true, read: true, copy: true, execute: true, admin: true });
    assert.deepEqual((await world.get("mira", "/projects/mira/mira-s-rna-seq-v2")).body, made.body);
  }),
);

test(
  "projects of one name get a suffix, also when made at the same moment",
  withWorld(async (world) => {
    await world.token("mira");
    const made = await Promise.all([1, 2, 3].map(() => world.post("mira", "/projects", { name: "Coral WGS 2031" })));
    assert.deepEqual(made.map(({ body }) => body.id).sort(), [
      "mira/coral-wgs-2031",
      "mira/coral-wgs-2031_1",
      "mira/coral-wgs-2031_2",
    ]);
  }),
);

test(
  "a deleted project is gone at once and its id is free again",
  withWorld(async (world) => {
    const { id } = await world.project("mira", "Reef");
    assert.equal((await world.delete("mira", `/projects/${id}`)).status, 204);
    assert.equal((await world.get("mira", `/projects/${id}`)).body.code, 3002);
    assert.equal((await world.project("mira", "Reef")).id, id);
  }),
);

test(
  "settings are merged, keys by keys, and a member with write may change the description alone",
  withWorld(async (world) => {
    const { id } = await world.project("mira");
    await world.token("jonas");
    await world.post("mira", `/projects/${id}/members`, {
      username: "jonas",
      permissions: { write: true },
    });

    const changed = await world.patch("mira", `/projects/${id}`, {
      settings: { locked: true, intermediate_files: { duration: 48 } },
    });
    assert.equal(changed.body.settings.locked, true);
    assert.deepEqual(changed.body.settings.intermediate_files, { retention: "LIMITED", duration: 48 });
    assert.equal(changed.body.settings.allow_network_access, true);

    assert.equal((await world.patch("jonas", `/projects/${id}`, { description: "Season two" })).body.description, "Season two");
    assert.equal((await world.patch("jonas", `/projects/${id}`, { description: "x", name: "y" })).body.code, 3001);
  }),
);

test(
  "settings that several people change at once are all changed",
  withWorld(async (world) => {
    const { id } = await world.project("mira");
    const keys = ["locked", "controlled", "use_memoization", "use_elastic_disk"];
    await Promise.all(keys.map((key) => world.patch("mira", `/projects/${id}`, { settings: { [key]: true } })));
    const { settings } = (await world.get("mira", `/projects/${id}`)).body;
    assert.deepEqual(
      keys.filter((key) => settings[key] !== true),
      [],
    );
    assert.deepEqual(Object.keys(settings), [
      "locked",
      "controlled",
      "location",
      "use_interruptible_instances",
      "use_memoization",
      "use_elastic_disk",
      "allow_network_access",
      "intermediate_files",
    ]);
    assert.deepEqual(Object.keys(settings.intermediate_files), ["retention", "duration"]);
    assert.equal((await world.patch("mira", `/projects/${id}`, { settings: { controlled: false } })).body.code, 90000);
  }),
);

test(
  "a change of nothing changes nothing, not even the time of the last change",
  withWorld(async (world) => {
    const { id } = await world.project("mira");
    await sql`update projects set modified_at = modified_at - interval '1 hour'`.execute(world.platform.db);
    const { body: before } = await world.get("mira", `/projects/${id}`);
    for (const body of [undefined, null, {}, { type: "v2", category: "private", created_by: "ben" }]) {
      const { status, body: after } = await world.patch("mira", `/projects/${id}`, body);
      assert.equal(status, 200);
      assert.deepEqual(after, before);
    }
    assert.notEqual((await world.patch("mira", `/projects/${id}`, { tags: [] })).body.modified_on, before.modified_on);
  }),
);

test(
  "tags have no commas, since filters are separated by them",
  withWorld(async (world) => {
    assert.equal((await world.post("mira", "/projects", { name: "Reef", tags: ["a,b"] })).body.code, 90000);
    const { id } = (await world.post("mira", "/projects", { name: "Reef", tags: "deep sea" })).body;
    assert.equal((await world.patch("mira", `/projects/${id}`, { tags: ["x", "a,b"] })).body.code, 90000);
    const found = await world.get("mira", "/projects?tags=deep+sea,");
    assert.deepEqual(
      found.body.items.map((project: { id: string }) => project.id),
      [id],
    );
  }),
);

test(
  "a project keeps one administrator",
  withWorld(async (world) => {
    const { id } = await world.project("mira");
    await world.token("jonas");
    assert.equal((await world.delete("mira", `/projects/${id}/members/mira`)).body.code, 90007);
    const added = await world.post("mira", `/projects/${id}/members`, {
      username: "jonas",
      email: null,
      permissions: { admin: true },
    });
    assert.deepEqual(added.body.permissions, { write: true, read: true, copy: true, execute: true, admin: true });
    assert.equal((await world.delete("mira", `/projects/${id}/members/mira`)).status, 204);
    assert.equal((await world.get("mira", `/projects/${id}`)).body.code, 3001);
  }),
);

test(
  "lists page with absolute links that keep the filters",
  withWorld(async (world) => {
    for (const name of ["Atlas one", "Atlas two", "Other"]) await world.project("mira", name);
    const { body, headers } = await world.get("mira", "/projects/?name=atlas&limit=1&fields=id");
    assert.equal(headers.get("x-total-matching-query"), "2");
    assert.deepEqual(body.items, [{ id: "mira/atlas-two" }]);
    assert.deepEqual(body.links, [
      { href: `${world.url}/projects?offset=1&limit=1&name=atlas&fields=id`, rel: "next", method: "GET" },
    ]);
    assert.equal((await world.get("mira", "/projects?limit=0")).body.code, 90000);
  }),
);
