import assert from "node:assert/strict";
import { test } from "node:test";
import { withWorld } from "../../testing/world.ts";

const DIRECTORY = { type: "local", bucket: "share" };

test(
  "users, teams and divisions become members, and their permissions add up",
  withWorld(async (world) => {
    await world.token("atlas/ada", "ADMIN");
    await world.token("atlas/mira");
    await world.token("ben");
    const owner = "atlas/owen";
    const { body: volume } = await world.post(owner, "/storage/volumes", { name: "runs", service: DIRECTORY });
    assert.equal(volume.id, "atlas/runs", "the division owns it");
    const members = `${volume.href}/members`;
    const { body: team } = await world.post("atlas/ada", "/teams", { name: "Desk", division: "atlas" });
    await world.post("atlas/ada", `/teams/${team.id}/members`, { id: "atlas/mira" });
    const mayRead = async (user: string) => (await world.get(user, volume.href)).status === 200;
    assert.deepEqual(await Promise.all(["atlas/ada", "atlas/mira", "ben"].map(mayRead)), [true, false, false]);

    const asTeam = await world.post(owner, members, {
      username: team.id,
      type: "team",
      permissions: { read: "true", execute: true },
    });
    assert.deepEqual(asTeam.body, {
      href: `${members}/${team.id}`,
      id: team.id,
      username: team.id,
      email: "",
      type: "TEAM",
      permissions: { read: true, copy: false, write: false, admin: false },
    });
    assert.equal(await mayRead("atlas/mira"), true);
    assert.deepEqual((await world.get("atlas/mira", "/storage/volumes")).body.items.length, 1);
    assert.equal((await world.patch("atlas/mira", volume.href, { description: "x" })).body.code, 9020);
    await world.post(owner, members, { username: "atlas", type: "DIVISION", permissions: { admin: true } });
    assert.equal((await world.patch("atlas/mira", volume.href, { description: "x" })).body.description, "x");
    const asUser = await world.post(owner, members, { username: "ben", permissions: {} });
    assert.deepEqual(asUser.body.permissions, { read: false, copy: false, write: false, admin: false });
    assert.equal(await mayRead("ben"), false, "a member without permissions");

    const change = (user: string, id: string, body: object) => world.patch(user, `${members}/${id}/permissions`, body);
    assert.deepEqual((await change(owner, "ben", { read: true, copy: null })).body, {
      read: true,
      copy: false,
      write: false,
      admin: false,
    });
    assert.deepEqual((await change(owner, "ben", {})).body.read, true);
    assert.equal(await mayRead("ben"), true);
    assert.equal((await change("ben", "ben", { admin: true })).body.code, 9020);
    const set = await world.put(owner, `${members}/ben/permissions`, { copy: true });
    assert.deepEqual(set.body, { read: false, copy: true, write: false, admin: false });
    assert.equal(await mayRead("ben"), false);

    const listed = await world.get(owner, members);
    assert.equal(listed.headers.get("x-total-matching-query"), "4");
    assert.deepEqual(
      listed.body.items.map(({ id, type }: { id: string; type: string }) => [id, type]),
      [
        [owner, "USER"],
        [team.id, "TEAM"],
        ["atlas", "DIVISION"],
        ["ben", "USER"],
      ],
    );
    const [first] = listed.body.items;
    assert.deepEqual((await world.get(owner, first.href)).body, first);

    assert.equal((await world.post(owner, members, { username: "ben", permissions: {} })).body.code, 90007);
    assert.equal((await world.post(owner, members, { username: "nobody.there", permissions: {} })).body.code, 9012);
    assert.equal((await world.post("ben", "/storage/volumes", { name: "own", service: DIRECTORY })).status, 200);
    const foreign = { username: team.id, type: "TEAM", permissions: {} };
    assert.equal((await world.post("ben", "/storage/volumes/ben/own/members", foreign)).body.code, 9012);
    for (const body of [
      {},
      { username: "ada" },
      { username: "", permissions: {} },
      { username: "x", permissions: { read: "maybe" } },
    ]) {
      assert.equal((await world.post(owner, members, body)).body.code, 9011, JSON.stringify(body));
    }
    assert.equal((await change(owner, "nobody.there", { read: true })).body.code, 90003);
    assert.equal((await change(owner, owner, { read: false })).body.code, 9020);
    assert.equal((await world.delete(owner, `${members}/${owner}`)).body.code, 9020);
    assert.equal((await world.delete(owner, `${members}/${team.id.toUpperCase()}`)).status, 204);
    assert.equal((await world.delete(owner, `${members}/${team.id}`)).body.code, 90003);

    await world.patch(owner, volume.href, { active: false });
    assert.equal((await world.delete(owner, `${members}/atlas`)).status, 204, "also of a volume that is not active");
    assert.equal(await mayRead("atlas/mira"), false);
  }),
);
