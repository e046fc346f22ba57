import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { type World, withWorld } from "../testing/world.ts";
import { BodyMemory } from "./body-memory.ts";
import { ApiError } from "./errors.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

test("when the memory of bodies is full, who holds most gives way, with the largest that is still on its way", () => {
  const memory = new BodyMemory(1000);
  const given: string[] = [];
  const open = (owner: string, name: string) => memory.open(owner, () => given.push(name));
  const hers = [open("ana", "first"), open("ana", "second"), open("ana", "third")];
  for (const [index, share] of hers.entries()) share.grow(100 * (index + 2));
  const his = open("ben", "his");
  his.grow(100);
  assert.deepEqual(given, []);
  his.grow(50);
  assert.deepEqual(given, ["third"]);
  // What has been read is being answered, and stays.
  hers[1]!.read();
  open("cleo", "hers").grow(400);
  assert.deepEqual(given, ["third", "first"]);
  // Nobody holds more than she would: it is hers that is refused.
  assert.throws(
    () => hers[1]!.grow(900),
    (error) => error instanceof ApiError && error.kind === "rateLimitExceeded",
  );
  for (const share of [...hers, his]) share.release();
  for (const share of [...hers, his]) share.release();
  open("dan", "all").grow(600);
  assert.deepEqual(given, ["third", "first"]);
});

/** A body of so many bytes, of which only some are sent. */
async function begin(
  world: World,
  user: string | null,
  { length, sent }: { length: number; sent: number },
  path = "/v2/projects",
) {
  const socket = connect(Number(new URL(world.url).port), "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  const token = user === null ? [] : [`X-SBG-Auth-Token: ${await world.token(user)}`];
  const head = [
    `POST ${path} HTTP/1.1`,
    "Host: x",
    ...token,
    "Content-Type: application/json",
    "Connection: close",
    `Content-Length: ${length}`,
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n${" ".repeat(sent)}`);
  return socket;
}

test(
  "many slow bodies of one user take no more memory than there is for all, and another's calls are answered",
  withWorld(
    async (world) => {
      const slow: Socket[] = [];
      const answers: Promise<string>[] = [];
      for (let count = 0; count < 60; count++) {
        const socket = await begin(world, "mallory", { length: 6 * MiB, sent: 1 * MiB });
        slow.push(socket);
        answers.push(text(socket).catch(() => ""));
      }
      // Those that are refused hear why; the others are still on their way.
      const first = await Promise.race(answers);
      assert.match(first, /^HTTP\/1\.1 429 /);
      assert.match(first, /"code":1000/);
      assert.match(first, /CAUSEWAY_BODIES_MIB/);
      const project = await world.project("ana", "Small");
      const description = "x".repeat(3 * MiB);
      const { status } = await world.patch("ana", `/projects/${project.id}`, { description });
      assert.equal(status, 200);
      // A client that goes gives its memory back.
      for (const socket of slow) socket.destroy();
      await Promise.allSettled(answers);
      const whole = await world.patch("mallory", `/projects/${project.id}`, { description });
      assert.equal(whole.status, 403, "as if nothing had been");
    },
    { bodiesMib: 16 },
  ),
);

test(
  "who goes when the whole body is sent, before the answer, gives its memory back, too",
  withWorld(
    async (world) => {
      const { id } = await world.project("ana", "Left alone");
      const body = JSON.stringify({ description: "x".repeat(3 * MiB) });
      for (let count = 0; count < 8; count++) {
        const socket = await begin(world, "ana", { length: body.length, sent: 0 }, "/v2/projects");
        await new Promise((sent) => socket.write(body, sent));
        socket.destroy();
      }
      const description = "x".repeat(3 * MiB);
      let { status } = await world.patch("ben", `/projects/${id}`, { description });
      for (const until = Date.now() + 120_000; status === 429 && Date.now() < until; )
        ({ status } = await world.patch("ben", `/projects/${id}`, { description }));
      assert.equal(status, 403);
    },
    { bodiesMib: 16 },
  ),
);

test(
  "a body that comes byte by byte takes no more than its bytes, and what no call takes is not kept",
  withWorld(
    async (world) => {
      const socket = await begin(world, "ana", { length: 4 * KiB, sent: 0 });
      const body = JSON.stringify({ name: "Drop by drop", description: "d".repeat(3 * KiB) }).padEnd(4 * KiB);
      const answer = text(socket);
      for (const letter of body) if (!socket.write(letter)) await once(socket, "drain");
      assert.match(await answer, /^HTTP\/1\.1 200 /);
      // Without a token, at a path that there is not, and where a call takes none: nothing is gathered, and all are answered.
      for (const path of ["/v2/nothing", "/nothing", "/healthz", "/v2/user"]) {
        const sockets = await Promise.all(
          Array.from({ length: 10 }, () => begin(world, null, { length: 6 * MiB, sent: 2 * MiB }, path)),
        );
        for (const open of sockets) {
          const [chunk] = await once(open, "data");
          assert.match(String(chunk), /^HTTP\/1\.1 40[145] /, path);
          open.destroy();
        }
      }
    },
    { bodiesMib: 16 },
  ),
);
