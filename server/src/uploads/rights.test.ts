import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Answer, createWorld, type World } from "../testing/world.ts";
import { report } from "./testing.ts";

const MiB = 1024 * 1024;
const refusal = ({ status, body }: Answer) => [status, body?.code];
const FORBIDDEN = [403, 8002];

let world: World;
before(async () => {
  world = await createWorld();
});
after(() => world.close());

/** The ways in which who uploads loses the right to, each with its way back. */
const LOSSES: { [how: string]: (project: string, user: string) => { lose(): Promise<unknown>; regain(): Promise<unknown> } } = {
  "removed from the project": (project, user) => ({
    lose: () => world.delete("ana", `/projects/${project}/members/${user}`),
    regain: () => world.post("ana", `/projects/${project}/members`, { username: user, permissions: { write: true } }),
  }),
  "not allowed to write any more": (project, user) => ({
    lose: () => world.patch("ana", `/projects/${project}/members/${user}/permissions`, { write: false }),
    regain: () => world.patch("ana", `/projects/${project}/members/${user}/permissions`, { write: true }),
  }),
  disabled: (_project, user) => ({
    lose: () => world.platform.services.users.change(user, { isDisabled: true }),
    regain: () => world.platform.services.users.change(user, { isDisabled: false }),
  }),
};

/** One part that is a blob of its own; several that the store joins. */
const SHAPES = { "one part": { size: 5 }, "many parts": {} };

for (const [how, loss] of Object.entries(LOSSES)) {
  for (const [shape, size] of Object.entries(SHAPES)) {
    test(`who is ${how} sends no more bytes, by no address (${shape})`, async () => {
      const user = `u${how.length}${shape.length}`;
      const { id: project } = await world.project("ana", `${how}, ${shape}`);
      await world.token(user);
      await world.post("ana", `/projects/${project}/members`, { username: user, permissions: { write: true } });
      const { lose, regain } = loss(project, user);
      const started = await world.post(user, "/upload/multipart", { name: "a.txt", project, part_size: 5 * MiB, ...size });
      const path = `/upload/multipart/${started.body.upload_id}`;
      const { url } = (await world.get(user, `${path}/part/1`)).body;
      const put = async (bytes: string) => {
        const answer = await fetch(url, { method: "PUT", body: bytes });
        return { status: answer.status, etag: answer.headers.get("etag"), text: await answer.text() };
      };
      const before = await put("first");
      assert.equal(before.status, 200);

      await lose();
      const after = await put("other");
      assert.deepEqual([after.status, JSON.parse(after.text).code, after.etag], [...FORBIDDEN, null]);
      const isUser = how !== "disabled";
      const refused = isUser ? FORBIDDEN : [401, 90001];
      const calls: [string, string, unknown?][] = [
        ["GET", `${path}/part/1`],
        ["POST", `${path}/part`, report(1, before.etag)],
        ["POST", path, { parts: [report(1, before.etag)] }],
        ["POST", `${path}/complete`, { parts: [report(1, before.etag)] }],
      ];
      for (const [method, called, body] of calls)
        assert.deepEqual(refusal(await world.send(method, user, called, body)), refused, `${method} ${called}`);
      // It stays theirs to look at and to give up.
      if (isUser) assert.equal((await world.get(user, path)).body.uploaded_parts_count, 0);

      await regain();
      const again = await put("third");
      assert.equal(again.status, 200);
      const done = await world.post(user, `${path}/complete`, { parts: [report(1, again.etag)] });
      assert.deepEqual([done.status, done.body.size], [200, 5]);
      await lose();
      const { body: another } = await world.post("ana", "/upload/multipart", { name: "b.txt", project, ...size });
      assert.equal((await world.get("ana", `/upload/multipart/${another.upload_id}/part/1`)).status, 200, "others go on");
    });
  }
}

test("who has left a division sends and takes no more bytes of its projects", async () => {
  await world.token("reef/boss", "ADMIN");
  await world.token("reef/mia");
  const { id: project } = await world.project("reef/boss", "Common");
  await world.post("reef/boss", `/projects/${project}/members`, {
    username: "reef/mia",
    permissions: { write: true, copy: true },
  });
  const { id: file } = await world.file("reef/boss", project, "reads.txt");
  const { url: bytes } = (await world.get("reef/mia", `/files/${file}/download_info`)).body;
  const { body } = await world.post("reef/mia", "/upload/multipart", { name: "a.txt", project, size: 3 });
  const { url } = (await world.get("reef/mia", `/upload/multipart/${body.upload_id}/part/1`)).body;
  assert.equal((await fetch(bytes)).status, 200);
  assert.equal((await fetch(url, { method: "PUT", body: "abc" })).status, 200);
  assert.equal((await world.delete("reef/boss", "/users/reef/mia")).status, 204);
  assert.equal((await fetch(bytes)).status, 404);
  assert.equal((await fetch(url, { method: "PUT", body: "abc" })).status, 403);
});
