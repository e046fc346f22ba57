import assert from "node:assert/strict";
import { test } from "node:test";
import { withWorld } from "../testing/world.ts";

const ids = (body: { items: { id: string }[] }) => body.items.map(({ id }) => id);

test(
  "administrators of a division make teams; its members see those they are in",
  withWorld(async (world) => {
    await world.token("atlas/ada", "ADMIN");
    await world.token("atlas/mira");
    await world.token("atlas/ext", "EXTERNAL_COLLABORATOR");
    await world.token("ocean/olaf", "ADMIN");

    assert.equal((await world.post("atlas/mira", "/teams", { name: "Desk", division: "atlas" })).body.code, 2001);
    assert.equal((await world.post("ocean/olaf", "/teams", { name: "Desk", division: "atlas" })).body.code, 2002);
    assert.equal((await world.post("atlas/ada", "/teams", { name: "Desk" })).body.code, 2105);
    assert.equal((await world.post("atlas/ada", "/teams", { name: " ", division: "atlas" })).body.code, 90000);
    const { body: team } = await world.post("atlas/ada", "/teams", { name: "Desk", division: "atlas" });
    assert.deepEqual(team, { href: `${world.url}/teams/${team.id}`, id: team.id, name: "Desk" });
    const other = await world.post("atlas/ada", "/teams", { name: "Desk", division: "atlas" });

    const added = await world.post("atlas/ada", `/teams/${team.id}/members`, { id: "atlas/mira" });
    assert.deepEqual(added.body, {
      href: `${world.url}/teams/${team.id}/members/atlas/mira`,
      id: "atlas/mira",
      username: "atlas/mira",
      role: "MEMBER",
    });
    assert.equal((await world.get("atlas/mira", added.body.href)).body.id, "atlas/mira");
    assert.equal((await world.post("atlas/ada", `/teams/${team.id}/members`, { id: "atlas/mira" })).body.code, 2003);
    assert.equal((await world.post("atlas/ada", `/teams/${team.id}/members`, { id: "ocean/olaf" })).body.code, 2002);

    assert.deepEqual(ids((await world.get("atlas/mira", "/teams?division=atlas&_all=False")).body), [team.id]);
    assert.deepEqual(ids((await world.get("atlas/mira", "/teams?division=atlas&_all=True")).body), [team.id, other.body.id]);
    assert.deepEqual(ids((await world.get("atlas/mira", "/divisions/atlas/teams")).body), [team.id]);
    assert.deepEqual(ids((await world.get("atlas/ext", "/divisions/atlas/teams")).body), []);
    assert.equal((await world.get("atlas/ext", "/divisions/atlas/teams?_all=true")).body.code, 2001);
    assert.equal((await world.get("atlas/mira", "/teams")).body.code, 2105);
    assert.equal((await world.get("atlas/ext", `/teams/${team.id}`)).body.code, 2001);
    assert.equal((await world.get("atlas/mira", `/teams/${other.body.id}/members`)).body.code, 2001);
    assert.deepEqual(ids((await world.get("atlas/mira", `/teams/${team.id}/members`)).body), ["atlas/mira"]);

    assert.equal((await world.patch("atlas/ada", `/teams/${team.id}`, { name: "Sequencing desk" })).body.name, "Sequencing desk");
    assert.equal((await world.patch("atlas/ada", `/teams/${team.id}`, { name: "" })).body.code, 90000);
    assert.equal((await world.delete("atlas/ada", `/teams/${team.id}/members/atlas/mira`)).status, 204);
    assert.equal((await world.delete("atlas/ada", `/teams/${team.id}/members/atlas/mira`)).body.code, 2002);
    assert.equal((await world.delete("atlas/ada", `/teams/${team.id}`)).status, 204);
    assert.equal((await world.get("atlas/ada", `/teams/${team.id}`)).body.code, 2002);
    assert.equal((await world.get("atlas/ada", "/teams/no-uuid")).body.code, 2002);
  }),
);

test(
  "rights in a project add up over what a user is given directly, by team and by division",
  withWorld(async (world) => {
    await world.token("atlas/ada", "ADMIN");
    await world.token("atlas/mira");
    const owner = "atlas/owen";
    const project = await world.project(owner, "Shared");
    const members = `/projects/${project.id}/members`;
    const rightsOf = async (user: string) => (await world.get(user, `/projects/${project.id}?fields=permissions`)).body;
    const { body: team } = await world.post("atlas/ada", "/teams", { name: "Desk", division: "atlas" });
    await world.post("atlas/ada", `/teams/${team.id}/members`, { id: "atlas/mira" });
    assert.equal((await rightsOf("atlas/mira")).code, 3001);

    const asTeam = await world.post(owner, members, { username: team.id, type: "team", permissions: { write: true } });
    assert.deepEqual(asTeam.body, {
      href: `${world.url}${members}/${team.id}`,
      id: team.id,
      username: team.id,
      email: "",
      type: "TEAM",
      permissions: { write: true, read: true, copy: false, execute: false, admin: false },
    });
    await world.post(owner, members, { id: "atlas", type: "DIVISION", permissions: { copy: true } });
    await world.post(owner, members, { username: "atlas/mira", permissions: { execute: true } });
    assert.deepEqual((await rightsOf("atlas/mira")).permissions, {
      write: true,
      read: true,
      copy: true,
      execute: true,
      admin: false,
    });
    const file = await world.file("atlas/mira", project.id, "a.txt");
    assert.equal((await world.get("atlas/mira", `/files/${file.id}`)).status, 200);
    assert.deepEqual(ids((await world.get("atlas/mira", "/projects")).body), [project.id]);

    const listed = (await world.get(owner, members)).body.items;
    assert.deepEqual(
      listed.map(({ id, type }: { id: string; type: string }) => [id, type]),
      [
        [owner, "USER"],
        [team.id, "TEAM"],
        ["atlas", "DIVISION"],
        ["atlas/mira", "USER"],
      ],
    );
    assert.equal(
      (await world.post(owner, members, { username: "atlas", type: "DIVISION", permissions: { read: true } })).body.code,
      3003,
    );
    assert.equal((await world.get(owner, `${members}/${team.id}`)).body.type, "TEAM");
    assert.equal((await world.get(owner, `${members}/${team.id.toUpperCase()}`)).body.id, team.id);
    assert.equal((await world.patch(owner, `${members}/atlas/permissions`, { admin: true })).body.execute, true);
    assert.equal((await rightsOf("atlas/mira")).permissions.admin, true);

    assert.equal((await world.delete(owner, `${members}/${owner}`)).body.code, 90007, "a division is no last administrator");
    assert.equal((await world.delete(owner, `${members}/atlas`)).status, 204);
    assert.equal((await world.delete(owner, `${members}/atlas/mira`)).status, 204);
    assert.deepEqual((await rightsOf("atlas/mira")).permissions, {
      write: true,
      read: true,
      copy: false,
      execute: false,
      admin: false,
    });
    await world.delete("atlas/ada", `/teams/${team.id}`);
    assert.equal((await rightsOf("atlas/mira")).code, 3001);
    assert.deepEqual(ids((await world.get(owner, members)).body), [owner]);
  }),
);

test(
  "only teams and divisions of the one who adds them become members",
  withWorld(async (world) => {
    await world.token("atlas/ada", "ADMIN");
    const { body: team } = await world.post("atlas/ada", "/teams", { name: "Desk", division: "atlas" });
    const { id } = await world.project("mira");
    const add = async (username: string, type: string) =>
      (await world.post("mira", `/projects/${id}/members`, { username, type, permissions: { read: true } })).body.code;
    assert.equal(await add(team.id, "TEAM"), 3002);
    assert.equal(await add("atlas", "DIVISION"), 3002);
    assert.equal(await add("no-uuid", "TEAM"), 3002);
    assert.equal(await add("nowhere", "DIVISION"), 3002);
    assert.equal(await add("atlas", "GROUP"), 90000);
  }),
);

test(
  "a controlled project takes nobody without the entitlement in force",
  withWorld(async (world) => {
    const { id } = await world.project("mira");
    await world.patch("mira", `/projects/${id}`, { settings: { controlled: true } });
    for (const user of ["jonas", "lena"]) await world.token(user);
    const { users } = world.platform.services;
    await users.change("lena", { tags: [{ tag: "controlled-data", expires_at: Date.now() + 60_000 }] });
    await users.change("jonas", { tags: [{ tag: "controlled-data", expires_at: Date.now() - 60_000 }] });
    const add = (username: string) => world.post("mira", `/projects/${id}/members`, { username, permissions: { read: true } });
    assert.equal((await add("jonas")).body.code, 3001);
    assert.equal((await add("lena")).status, 200);
  }),
);
