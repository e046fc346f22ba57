import assert from "node:assert/strict";
import { test } from "node:test";
import { withWorld } from "../testing/world.ts";

test(
  "a division has users of its own, whom its administrators see, list and remove",
  withWorld(async (world) => {
    await world.token("atlas/ada", "ADMIN");
    await world.token("atlas/mira");
    await world.token("atlas/ext", "EXTERNAL_COLLABORATOR");
    await world.token("mira");

    assert.equal((await world.get("atlas/mira", "/user/")).body.role, "MEMBER");
    assert.deepEqual((await world.get("atlas/mira", "/divisions?fields=_all")).body.items, [
      { href: `${world.url}/divisions/atlas`, id: "atlas", name: "Division atlas" },
    ]);
    assert.deepEqual((await world.get("mira", "/divisions")).body.items, []);
    assert.equal((await world.get("atlas/ada", "/users/atlas/mira")).body.username, "atlas/mira");
    assert.equal((await world.get("atlas/mira", "/users/atlas/ada")).body.code, 2001);

    const listed = await world.get("atlas/mira", "/users?division=atlas&role=member");
    assert.deepEqual(
      listed.body.items.map(({ username }: { username: string }) => username),
      ["atlas/mira"],
    );
    assert.equal((await world.get("atlas/ext", "/users?division=atlas")).body.code, 2001);
    assert.equal((await world.get("mira", "/users?division=atlas")).body.code, 90000);
    assert.equal((await world.get("mira", "/users?division=nowhere")).body.code, 2002);
    assert.equal((await world.get("mira", "/users?division=")).body.code, 2105);
    assert.equal((await world.get("atlas/ada", "/users?division=atlas&role=boss")).body.code, 90000);

    assert.equal((await world.delete("atlas/mira", "/users/atlas/ext")).body.code, 2001);
    assert.equal((await world.delete("atlas/ada", "/users/mira")).body.code, 2001);
    assert.equal((await world.delete("atlas/ada", "/users/atlas/ada")).body.code, 90007);
    assert.equal((await world.delete("atlas/ada", "/users/atlas/mira")).status, 204);
    assert.equal((await world.delete("atlas/ada", "/users/atlas/mira")).body.code, 2002);
    assert.equal((await world.get("atlas/mira", "/user")).body.code, 90001);
    assert.equal((await world.get("mira", "/user")).status, 200);
  }),
);

test(
  "a division owns the projects its users make, and its administrators are theirs",
  withWorld(async (world) => {
    await world.token("atlas/ada", "ADMIN");
    await world.token("atlas/ext", "EXTERNAL_COLLABORATOR");
    const project = await world.project("atlas/mira", "Coral WGS");
    assert.equal(project.id, "atlas/coral-wgs");
    assert.equal(project.created_by, "atlas/mira");

    const asAdmin = await world.get("atlas/ada", `/projects/${project.id}`);
    assert.equal(asAdmin.body.permissions.admin, true);
    assert.equal((await world.get("atlas/ada", "/projects/atlas")).body.items.length, 1);
    assert.equal((await world.get("atlas/ext", `/projects/${project.id}`)).body.code, 3001);
    assert.equal((await world.post("atlas/ext", "/projects", { name: "x" })).body.code, 3001);
    const members = await world.get("atlas/ada", `/projects/${project.id}/members`);
    assert.deepEqual(
      members.body.items.map(({ id }: { id: string }) => id),
      ["atlas/mira"],
    );

    const groups = await world.get("atlas/mira", "/billing/groups?fields=_all");
    assert.deepEqual(
      groups.body.items.map(({ owner, id }: { owner: string; id: string }) => ({ owner, id })),
      [{ owner: "atlas/ada", id: project.billing_group }],
    );

    const admin = { "x-sbg-auth-token": await world.token("admin"), "content-type": "application/json" };
    const operator = `${world.url.replace("/v2", "")}/operator/users/${encodeURIComponent("atlas/ada")}`;
    const demoted = await fetch(operator, { method: "PATCH", headers: admin, body: '{"role": "MEMBER"}' });
    assert.equal(demoted.status, 200, await demoted.text());
    assert.equal((await world.get("atlas/ada", `/projects/${project.id}`)).body.code, 3001);
  }),
);

test(
  "who has left a division comes back as the same user, with nothing of what they held",
  withWorld(async (world) => {
    await world.token("atlas/ada", "ADMIN");
    const { id } = await world.project("atlas/mira");
    await world.delete("atlas/ada", "/users/atlas/mira");
    const { token } = await world.platform.services.users.create({ username: "mira", division: "atlas" });
    const answer = await fetch(`${world.url}/projects/${id}`, { headers: { "x-sbg-auth-token": token } });
    assert.equal(((await answer.json()) as { code: number }).code, 3001);
    assert.equal((await world.get("atlas/ada", `/projects/${id}`)).body.created_by, "atlas/mira");
  }),
);

test(
  "operators make divisions and users in them; a name is given once, to a user or to a division",
  withWorld(async (world) => {
    const operate = async (path: string, body: object) => {
      const response = await fetch(`${world.url.replace("/v2", "")}/operator${path}`, {
        method: "POST",
        headers: { "x-sbg-auth-token": await world.token("admin"), "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: (await response.json()) as { code?: number; username?: string; role?: string } };
    };
    await world.token("mira");
    assert.equal((await operate("/divisions", { id: "reef-lab", name: "Reef lab" })).status, 200);
    assert.equal((await operate("/divisions", { id: "reef-lab", name: "Again" })).body.code, 2003);
    assert.equal((await operate("/divisions", { id: "mira", name: "Like a user" })).body.code, 2003);
    assert.equal((await operate("/divisions", { id: "Reef/Lab", name: "No slug" })).body.code, 90000);
    assert.equal((await operate("/users", { username: "reef-lab" })).body.code, 2003);
    const made = await operate("/users", { username: "mira", division: "reef-lab", role: "ADMIN", email: "mira@localhost" });
    assert.equal(made.body.username, "reef-lab/mira");
    assert.equal(made.body.role, "ADMIN");
    assert.equal((await operate("/users", { username: "mira", division: "reef-lab" })).body.code, 2003);
    assert.equal((await operate("/users", { username: "ben", division: "nowhere" })).body.code, 2002);
    assert.equal((await operate("/users", { username: "ben", role: "ADMIN" })).body.code, 90000);
  }),
);

test(
  "divisions and teams are closed together with users",
  withWorld(async (world) => {
    await world.token("atlas/ada", "ADMIN");
    await world.platform.services.maintenance.close("users");
    for (const path of ["/divisions", "/divisions/atlas", "/teams?division=atlas", "/users?division=atlas"])
      assert.equal((await world.get("atlas/ada", path)).body.code, 2000, path);
    assert.equal((await world.get("atlas/ada", "/projects")).status, 200);
  }),
);
