import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createBucket, noSwift, type SwiftServer, startSwift } from "@causeway/storage/testing";
import { sql } from "kysely";
import type { Settings } from "../settings.ts";
import { type World, withWorld } from "../testing/world.ts";

const skip = noSwift;
let swift: SwiftServer;

before(async () => {
  if (skip) return;
  swift = await startSwift();
  await createBucket(swift, "lab");
  process.env.AWS_ACCESS_KEY_ID = swift.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = swift.secretAccessKey;
});
after(() => swift?.stop());

const inBucket = (): Partial<Settings> => ({
  s3Bucket: "lab",
  s3Endpoint: swift.endpoint,
  s3Region: swift.region,
  s3PathStyle: true,
});

/** A file of 20,000 bytes of Ana's, with Ben in its project, and who was charged for how many bytes so far. */
async function reef(world: World) {
  const project = await world.project("ana");
  await world.token("ben");
  await world.post("ana", `/projects/${project.id}/members`, { username: "ben", permissions: { copy: true } });
  const { id } = await world.file("ana", project.id, "a.bin", "x".repeat(20_000));
  const linkFor = async (user: string): Promise<string> => (await world.get(user, `/files/${id}/download_info`)).body.url;
  const charged = async () => {
    const { rows } = await sql<{ username: string; bytes: number }>`
      select username, bytes from transactions where kind = 'EGRESS' order by username`.execute(world.platform.db);
    return Object.fromEntries(rows.map(({ username, bytes }) => [username, bytes]));
  };
  return { linkFor, charged };
}

test("what leaves a bucket unseen is charged when its address is given out, once for a user while that works", { skip }, () =>
  withWorld(async (world) => {
    const { linkFor, charged } = await reef(world);
    assert.deepEqual(await charged(), {});
    const links = await Promise.all(["ana", "ana", "ana"].map(linkFor));
    for (const link of links) {
      assert.ok(link.startsWith(swift.endpoint), link);
      assert.equal((await (await fetch(link)).text()).length, 20_000);
    }
    assert.deepEqual(await charged(), { ana: 20_000 });
    await linkFor("ben");
    assert.deepEqual(await charged(), { ana: 20_000, ben: 20_000 });
    await sql`update direct_downloads set charged_until = now() - interval '1 second' where username = 'ana'`.execute(
      world.platform.db,
    );
    await linkFor("ana");
    assert.deepEqual(await charged(), { ana: 40_000, ben: 20_000 });
  }, inBucket())(),
);

test("an operator may have the bucket's bytes go through the platform, which charges what leaves", { skip }, () =>
  withWorld(
    async (world) => {
      const { linkFor, charged } = await reef(world);
      const link = await linkFor("ana");
      assert.ok(link.startsWith(world.url.replace("/v2", "")), link);
      assert.deepEqual(await charged(), {});
      const part = await fetch(link, { headers: { range: "bytes=100-5099" } });
      assert.equal((await part.text()).length, 5000);
      while ((await charged()).ana !== 5000) await new Promise((wake) => setTimeout(wake, 10));
    },
    { ...inBucket(), s3Downloads: "served" },
  )(),
);
