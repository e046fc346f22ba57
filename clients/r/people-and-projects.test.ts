import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { RClient, send } from "./r-client.ts";
import { ana, ben, newName, newProject, operate, platform } from "./story.ts";

describe("users and billing", () => {
  test("the caller is asked for with a slash at the end, and has a role", async () => {
    const { body } = await ana.get("user/");
    assert.equal(body.username, "ana");
    assert.equal(typeof body.role, "string");
  });

  test("the root takes the parameters of a list, and needs no token", async () => {
    const { body } = await ana.get("");
    assert.equal(body.user_url, `${platform.url}/user`);
    assert.equal((await send("GET", `${platform.url}/`, undefined, {})).status, 200);
  });

  test("the rate limit is told in numbers, and its reset in seconds", async () => {
    const { body, headers } = await ana.get("rate_limit");
    assert.ok(Number.isInteger(body.rate.reset));
    assert.match(headers["x-ratelimit-reset"] as string, /^\d{10}$/);
    // R reads `instance_limit` as `instance`: a second key that begins so would be taken for it.
    assert.deepEqual(Object.keys(body), ["rate", "instance_limit"]);
  });

  test("billing groups are listed with the header of advance access", async () => {
    const { status, body } = await send("GET", `${platform.url}/billing/groups?limit=50&offset=0&fields=_all`, undefined, {
      "X-SBG-Auth-Token": platform.tokens.ana,
      "X-SBG-advance-access": "advance",
      "Content-Type": "application/json",
    });
    assert.equal(status, 200);
    assert.equal(body.items[0].owner, "ana");
    assert.equal(typeof body.items[0].balance.amount, "number");
  });

  test("breakdowns are asked for without fields, invoices by their group", async () => {
    const [group] = (await ana.get("billing/groups")).body.items;
    for (const kind of ["analysis", "storage", "egress"]) {
      const path = `billing/groups/${group.id}/breakdown/${kind}`;
      const { body } = await ana.get(path, { fields: null, date_from: "01-01-2026", date_to: "12-31-2026" });
      assert.ok(body.items.every((row: object) => !("id" in row) && !("href" in row)));
      assert.equal((await ana.get(path, { date_from: "2026-01-01" })).body.code, 90000);
    }
    const { body } = await ana.get("billing/invoices", { billing_group: group.id });
    assert.ok(Array.isArray(body.items));
    assert.equal((await ana.get("billing/invoices/4400917325")).body.code, 4002);
  });

  test("feedback names its kind in small letters", async () => {
    const { token } = await operate("users", { username: `reader-${randomUUID().slice(0, 8)}` });
    const reply = await new RClient(platform.url, token).post("action/notifications/feedback", {
      text: "Good work",
      type: "idea",
      referrer: "reader",
    });
    assert.equal(reply.status, 204);
  });

  test("either kind of token is taken in either header", async () => {
    const bearer = await send("GET", `${platform.url}/user/`, undefined, { Authorization: `Bearer ${platform.tokens.ana}` });
    assert.equal(bearer.body.username, "ana");
    const both = { Authorization: "Bearer x", "X-SBG-Auth-Token": platform.tokens.ana };
    assert.equal((await send("GET", `${platform.url}/user/`, undefined, both)).body.username, "ana");
  });
});

describe("projects", () => {
  test("a project is created out of NULLs, changed without a query, and deleted with an empty body", async () => {
    const name = newName();
    const { body: project } = await ana.post("projects", {
      name,
      billing_group: null,
      description: name,
      tags: null,
      settings: {
        locked: false,
        controlled: false,
        location: null,
        use_interruptible_instances: true,
        use_memoization: false,
        use_elastic_disk: false,
        intermediate_files: { retention: "LIMITED", duration: 24 },
      },
    });
    assert.equal(project.name, name);
    assert.deepEqual(project.tags, []);
    const { body: changed } = await ana.patch(`projects/${project.id}`, { description: "new", tags: "one" });
    assert.deepEqual([changed.description, changed.tags, changed.name, changed.id], ["new", ["one"], name, project.id]);
    const { body: flags } = await ana.patch(`projects/${project.id}`, { settings: { use_memoization: "TRUE" } });
    assert.equal(flags.settings.use_memoization, true);
    assert.equal((await ana.delete(`projects/${project.id}`)).status, 204);
    assert.equal((await ana.get(`projects/${project.id}`)).body.code, 3002);
    assert.equal((await ana.delete(`projects/${project.id}`)).body.code, 3002);
  });

  test("pages follow each other by their links, however R takes these apart", async () => {
    const word = `Über+Moss, a/b: ${newName()}`;
    for (let number = 0; number < 5; number++)
      await ana.post("projects", { name: `${word} ${number}`, tags: ["r one", "r two"] });
    const first = await ana.get("projects", { limit: 2, name: word.slice(0, 4), tags: ["r one", "r two"] });
    assert.equal(first.body.items.length, 2);
    assert.ok(first.body.items[0].settings, "R asks for all fields of every item");
    const found = await ana.all(first);
    assert.equal(found.length, Number(first.headers["x-total-matching-query"]));
    assert.equal(new Set(found.map(({ id }) => id)).size, found.length);
    assert.equal((await ana.follow(first.body.href)).body.items.length, 2);
  });

  test("links name the port that the platform serves on, which R forgets: R's paging needs port 80 or 443", async () => {
    const { body } = await ana.get("projects", { limit: 1 });
    assert.equal(new URL(body.href).port, new URL(platform.url).port);
  });

  test("members come and go, and their permissions are five booleans", async () => {
    const project = await newProject();
    const permissions = { read: true, copy: true, write: false, execute: false, admin: false };
    const { body: member } = await ana.post(`projects/${project.id}/members`, {
      username: "ben",
      email: null,
      type: "USER",
      permissions,
    });
    assert.equal(member.username, "ben");
    const { body: changed } = await ana.patch(`projects/${project.id}/members/ben/permissions`, { write: true, copy: false });
    assert.deepEqual(changed, { ...permissions, write: true, copy: false });
    const members = await ana.get(`projects/${project.id}/members`);
    assert.equal(members.headers["x-total-matching-query"], "2");
    assert.equal((await ana.delete(`projects/${project.id}/members/ben`)).status, 204);
    assert.equal((await ben.get(`projects/${project.id}`)).body.code, 3001);
  });
});

describe("divisions", () => {
  test("users and teams of a division are looked after by its administrator", async () => {
    const division = `shore-${randomUUID().slice(0, 8)}`;
    await operate("divisions", { id: division, name: "Shore" });
    const olga = new RClient(platform.url, (await operate("users", { username: "olga", division, role: "ADMIN" })).token);
    await operate("users", { username: "mei", division });

    assert.equal((await olga.get("user/")).body.role, "ADMIN");
    assert.equal((await olga.get("divisions/")).body.items[0].id, division);
    assert.equal((await olga.get("users", { division, role: "MEMBER" })).body.items[0].username, `${division}/mei`);

    const { body: team } = await olga.post("teams", { name: "Desk", division });
    assert.equal((await olga.patch(`teams/${team.id}`, { name: "Front desk" })).body.name, "Front desk");
    assert.equal((await olga.get(`divisions/${division}/teams`, { _all: "true" })).body.items[0].name, "Front desk");
    const { body: member } = await olga.post(`teams/${team.id}/members`, { id: `${division}/mei` });
    assert.equal(member.username, `${division}/mei`);
    assert.equal((await olga.delete(`teams/${team.id}/members/${division}/mei`)).status, 204);
    assert.equal((await olga.delete(`teams/${team.id}`)).status, 204);
    assert.equal((await olga.delete(`users/${division}/mei`)).status, 204);
    assert.equal((await olga.get(`users/${division}/mei`)).body.code, 2002);
  });
});
