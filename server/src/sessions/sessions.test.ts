import assert from "node:assert/strict";
import { test } from "node:test";
import { type World, withWorld } from "../testing/world.ts";

const origin = ({ url }: World) => url.replace(/\/v2$/, "");

/** A browser: it keeps its cookies, and sends back what the session told it to. */
function browser(world: World, headers: Record<string, string> = {}) {
  let cookie = "";
  let csrf: string | null = null;
  return {
    get cookie() {
      return cookie;
    },
    get csrf() {
      return csrf;
    },
    async call(method: string, path: string, body?: unknown, more: Record<string, string> = {}) {
      const url = path.startsWith("/v2") || path.startsWith("/web") || path.startsWith("/operator") ? origin(world) + path : path;
      const own = { ...(cookie === "" ? {} : { cookie }), ...(csrf === null ? {} : { "x-csrf-token": csrf }) };
      const answer = await world.send(method, null, url, body, { ...own, ...headers, ...more });
      const given = answer.headers.getSetCookie();
      if (given.length > 0) cookie = given[0]!.split(";", 1)[0]!;
      if (answer.status === 200 && /\/web\/(session|links\/open)$/.test(path)) {
        const session = "session" in answer.body ? answer.body.session : answer.body;
        if (session) csrf = session.csrf_token;
      }
      return { ...answer, cookies: given };
    },
  };
}

const invite = async (world: World, username: string, purpose = "password") => {
  const { status, body } = await world.post("admin", `${origin(world)}/operator/users/${encodeURIComponent(username)}/link`, {
    purpose,
  });
  assert.equal(status, 200, JSON.stringify(body));
  return new URL(body.url).hash.slice(1);
};

const codes = ({ status, body }: { status: number; body: { code: number } }) => [status, body.code];

test(
  "an invited user sets a password once, signs in with it, and works with the public API",
  withWorld(async (world) => {
    await world.token("ana");
    const secret = await invite(world, "ana");
    const ana = browser(world);
    assert.deepEqual((await ana.call("POST", "/web/links/open", { link: secret })).body, { session: null, password_for: "ana" });
    assert.deepEqual(codes(await ana.call("POST", "/web/links/open", { link: secret, password: "short" })), [400, 90000]);
    const opened = await ana.call("POST", "/web/links/open", { link: secret, password: "a long enough one" });
    assert.equal(opened.body.session.user.username, "ana");
    assert.equal(opened.body.session.user.has_password, true);
    for (const cookie of opened.cookies)
      assert.match(cookie, /; Path=\/(v2|web|operator); Max-Age=\d+; HttpOnly; SameSite=Strict$/);
    assert.equal(opened.cookies.length, 3, "none of them is sent with the bytes of files");
    assert.deepEqual(
      codes(await ana.call("POST", "/web/links/open", { link: secret, password: "another long one" })),
      [404, 90003],
    );

    assert.equal((await ana.call("GET", "/v2/user")).body.username, "ana");
    assert.equal((await ana.call("POST", "/v2/projects", { name: "Reef" })).status, 200);
    assert.equal((await ana.call("DELETE", "/web/session")).status, 204);
    assert.deepEqual(codes(await ana.call("GET", "/v2/user")), [401, 90001]);

    assert.deepEqual(codes(await ana.call("POST", "/web/session", { username: "ana", password: "wrong" })), [401, 90001]);
    assert.deepEqual(codes(await ana.call("POST", "/web/session", { username: "none", password: "wrong" })), [401, 90001]);
    assert.equal(
      (await ana.call("POST", "/web/session", { username: "ana", password: "a long enough one" })).body.user.username,
      "ana",
    );
    assert.equal((await ana.call("GET", "/v2/user")).status, 200);
  }),
);

test(
  "nothing is changed for a page that does not know the session's token, nor read for a page of elsewhere",
  withWorld(async (world) => {
    await world.token("ana");
    const ana = browser(world);
    await ana.call("POST", "/web/links/open", { link: await invite(world, "ana", "sign-in") });
    assert.equal((await ana.call("GET", "/v2/user")).status, 200);
    for (const forged of ["", "x", ana.csrf!.replace(/.$/, (last) => (last === "0" ? "1" : "0"))]) {
      for (const [method, path] of [
        ["POST", "/v2/projects"],
        ["DELETE", "/web/session"],
        ["POST", "/web/token"],
        ["PUT", "/web/password"],
      ] as const) {
        const refused = await ana.call(method, path, { name: "Reef", password: "a long enough one" }, { "x-csrf-token": forged });
        assert.deepEqual(codes(refused), [403, 90002], `${method} ${path} with ${forged}`);
      }
    }
    for (const site of ["cross-site", "same-site"]) {
      assert.deepEqual(codes(await ana.call("GET", "/v2/user", undefined, { "sec-fetch-site": site })), [401, 90001]);
      assert.equal((await ana.call("GET", "/web/session", undefined, { "sec-fetch-site": site })).body.user, null);
    }
    assert.equal((await ana.call("GET", "/v2/user", undefined, { "sec-fetch-site": "same-origin" })).status, 200);
  }),
);

test(
  "a page of elsewhere signs nobody in, whatever the browser tells of it",
  withWorld(async (world) => {
    await world.token("ana");
    const link = await invite(world, "ana");
    const { host } = new URL(world.url);
    const elsewhere: Record<string, string>[] = [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site", origin: origin(world) },
      { origin: "http://127.0.0.1:1" },
      { origin: "null" },
    ];
    for (const headers of elsewhere) {
      const page = browser(world, headers);
      const opened = await page.call("POST", "/web/links/open", { link, password: "a long enough one" });
      const signed = await page.call("POST", "/web/session", { username: "ana", password: "a long enough one" });
      for (const answer of [opened, signed]) assert.deepEqual([...codes(answer), answer.cookies], [403, 90002, []]);
    }
    const own = browser(world, { origin: `http://${host}` });
    assert.equal((await own.call("POST", "/web/links/open", { link, password: "a long enough one" })).status, 200);
    const tunnel = browser(world, { "sec-fetch-site": "same-origin", origin: "http://localhost:8000" });
    assert.equal((await tunnel.call("POST", "/web/session", { username: "ana", password: "a long enough one" })).status, 200);
  }),
);

test(
  "what is secret of a session is no token, and a token is no session",
  withWorld(async (world) => {
    const token = await world.token("ana");
    const ana = browser(world);
    await ana.call("POST", "/web/links/open", { link: await invite(world, "ana", "sign-in") });
    const [name, secret] = ana.cookie.split("=") as [string, string];
    await ana.call("GET", "/v2/user");
    assert.equal((await world.send("GET", null, "/user", undefined, { "x-sbg-auth-token": secret })).status, 401);
    assert.equal((await world.send("GET", null, "/user", undefined, { cookie: `${name}=${token}` })).status, 401);
  }),
);

test(
  "sessions are listed and ended by their user, and a new password ends the others",
  withWorld(async (world) => {
    await world.token("ana");
    await world.token("ben");
    const [desk, phone, thief] = [browser(world), browser(world, { "user-agent": "phone" }), browser(world)];
    for (const device of [desk, phone, thief])
      await device.call("POST", "/web/links/open", { link: await invite(world, "ana", "sign-in") });
    const { sessions } = (await desk.call("GET", "/web/sessions")).body;
    assert.equal(sessions.length, 3);
    assert.equal(sessions.filter((session: { is_this: boolean }) => session.is_this).length, 1);
    const phones = sessions.find((session: { browser: string }) => session.browser === "phone");
    const ben = browser(world);
    await ben.call("POST", "/web/links/open", { link: await invite(world, "ben", "sign-in") });
    assert.deepEqual(codes(await ben.call("DELETE", `/web/sessions/${phones.id}`)), [404, 90003], "another's session");
    assert.equal((await phone.call("GET", "/v2/user")).status, 200);
    assert.equal((await desk.call("DELETE", `/web/sessions/${phones.id}`)).status, 204);
    assert.equal((await phone.call("GET", "/v2/user")).status, 401);

    assert.equal((await desk.call("PUT", "/web/password", { password: "a long enough one" })).status, 204);
    assert.equal((await thief.call("GET", "/v2/user")).status, 401);
    assert.equal((await desk.call("GET", "/v2/user")).status, 200);
    assert.deepEqual(
      codes(await desk.call("PUT", "/web/password", { current: "wrong", password: "another long one" })),
      [403, 90002],
    );
    const changed = await desk.call("PUT", "/web/password", { current: "a long enough one", password: "another long one" });
    assert.equal(changed.status, 204);
  }),
);

test(
  "who is disabled or has left is out at once, and a reset ends what a thief has",
  withWorld(async (world) => {
    await world.token("ana");
    const { users } = world.platform.services;
    const ana = browser(world);
    await ana.call("POST", "/web/links/open", { link: await invite(world, "ana"), password: "a long enough one" });
    const unused = await invite(world, "ana", "sign-in");
    await users.change("ana", { isDisabled: true });
    assert.equal((await ana.call("GET", "/v2/user")).status, 401);
    assert.equal((await ana.call("POST", "/web/links/open", { link: unused })).status, 404);
    assert.equal((await ana.call("POST", "/web/session", { username: "ana", password: "a long enough one" })).status, 401);
    await users.change("ana", { isDisabled: false });
    const reset = browser(world);
    await reset.call("POST", "/web/links/open", { link: await invite(world, "ana"), password: "one that is new" });
    assert.equal((await ana.call("GET", "/v2/user")).status, 401, "the reset ended it");

    await world.token("atlas/ada", "ADMIN");
    await world.token("atlas/mira");
    const mira = browser(world);
    await mira.call("POST", "/web/links/open", { link: await invite(world, "atlas/mira"), password: "a long enough one" });
    assert.equal((await mira.call("GET", "/v2/user")).status, 200);
    assert.equal((await world.delete("atlas/ada", "/users/atlas/mira")).status, 204);
    assert.equal((await mira.call("GET", "/v2/user")).status, 401);
    await users.create({ username: "mira", division: "atlas" });
    assert.equal(
      (await mira.call("POST", "/web/session", { username: "atlas/mira", password: "a long enough one" })).status,
      401,
    );
  }),
);

test(
  "guessing is slowed down, for the account and for the right password, too",
  withWorld(
    async (world) => {
      await world.token("ana");
      const ana = browser(world);
      await ana.call("POST", "/web/links/open", { link: await invite(world, "ana"), password: "a long enough one" });
      const guess = () => ana.call("POST", "/web/session", { username: "ana", password: "wrong" });
      const guesses = await Promise.all([guess(), guess(), guess(), guess()]);
      assert.deepEqual(guesses.map(({ status }) => status).sort(), [401, 401, 429, 429], "also at the same moment");
      const refused = await ana.call("POST", "/web/session", { username: "ana", password: "a long enough one" });
      assert.deepEqual(codes(refused), [429, 1000]);
      assert.match(refused.body.more_info, /CAUSEWAY_SIGN_IN_ATTEMPTS/);
    },
    { signInAttempts: 2 },
  ),
);

test(
  "an operator's session operates the platform, also while it is closed",
  withWorld(async (world) => {
    await world.token("admin");
    const admin = browser(world);
    await admin.call("POST", "/web/links/open", { link: await invite(world, "admin", "sign-in") });
    assert.equal((await admin.call("GET", "/operator/users")).status, 200);
    assert.equal((await admin.call("PUT", "/operator/maintenance/platform")).status, 200);
    assert.equal((await admin.call("GET", "/web/session")).body.closed, true);
    assert.equal((await admin.call("GET", "/v2/user")).status, 503);
    assert.equal((await admin.call("DELETE", "/operator/maintenance/platform", undefined, { "x-csrf-token": "" })).status, 403);
    assert.equal((await admin.call("DELETE", "/operator/maintenance/platform")).status, 200);
    assert.equal((await admin.call("GET", "/v2/user")).status, 200);
  }),
);

test(
  "a session ends when it is not used, and so does a link",
  withWorld(async (world) => {
    await world.token("ana");
    const ana = browser(world);
    await ana.call("POST", "/web/links/open", { link: await invite(world, "ana", "sign-in") });
    const seen = await ana.call("GET", "/web/session");
    assert.match(seen.cookies[0]!, /; Max-Age=1209600; /, "the cookie of a session that is used lasts on");
    const unused = await invite(world, "ana", "sign-in");
    const { db, services } = world.platform;
    const longAgo = new Date(Date.now() - 100 * 24 * 60 * 60 * 1000);
    await db.updateTable("sessions").set({ used_at: longAgo }).execute();
    await db.updateTable("sign_in_links").set({ expires_at: longAgo }).execute();
    await services.users.change("ana", { isDisabled: false });
    assert.equal((await ana.call("GET", "/v2/user")).status, 401);
    assert.equal((await ana.call("POST", "/web/links/open", { link: unused })).status, 404);
    await services.sessions.removeExpired();
    for (const table of ["sessions", "sign_in_links"] as const)
      assert.equal((await db.selectFrom(table).select("hash").execute()).length, 0);
  }),
);

test(
  "a user makes a token for scripts, which ends the old one",
  withWorld(async (world) => {
    const old = await world.token("ana");
    const ana = browser(world);
    await ana.call("POST", "/web/links/open", { link: await invite(world, "ana", "sign-in") });
    const { token } = (await ana.call("POST", "/web/token")).body;
    assert.equal((await world.send("GET", null, "/user", undefined, { "x-sbg-auth-token": token })).body.username, "ana");
    assert.equal((await world.send("GET", null, "/user", undefined, { "x-sbg-auth-token": old })).status, 401);
    assert.equal((await ana.call("GET", "/v2/user")).status, 200, "the session goes on");
  }),
);
