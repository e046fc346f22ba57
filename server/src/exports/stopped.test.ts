import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { makeBucket, noProgram, S3_KEYS, startVersitygw } from "@causeway/storage/testing";
import { sql } from "kysely";
import { untilEnded } from "../imports/testing.ts";
import { withWorld } from "../testing/world.ts";

const skip = noProgram("versitygw");

test("an export in parts whose volume is deactivated ends, and takes its upload back", { skip }, async () => {
  const bucket = await startVersitygw();
  try {
    await makeBucket(bucket, "lab");
    await withWorld(async (world) => {
      const { db, services } = world.platform;
      const project = await world.project("ana");
      const file = await world.file("ana", project.id, "large", randomBytes(40 * 2 ** 20));
      const credentials = { access_key_id: S3_KEYS.accessKeyId, secret_access_key: S3_KEYS.secretAccessKey };
      const service = { type: "S3", bucket: "lab", endpoint: bucket.endpoint, credentials };
      const { body: volume } = await world.post("ana", "/storage/volumes", { name: "s3", service });
      const body = { source: { file: file.id }, destination: { volume: volume.id, location: "out/large" } };
      const { rows } = await sql<{ id: string }>`select id from volumes where name = 's3'`.execute(db);
      const row = (await services.volumeAccess.find(rows[0]!.id))!;
      const uploads = () => services.volumeStores.using(row, (store) => store.listUploads!("out/large"));

      let job = "";
      // No part can be noted meanwhile: the job is in the middle.
      await db.transaction().execute(async (tx) => {
        await sql`lock table export_parts in exclusive mode`.execute(tx);
        job = (await world.post("ana", "/storage/exports", body)).body.href;
        while ((await uploads()).length === 0) await new Promise((wake) => setTimeout(wake, 20));
        const stopped = await world.patch("ana", `${volume.href}?force=true`, { active: false });
        assert.equal(stopped.body.active, false);
      });
      assert.equal((await untilEnded(world, "ana", job)).error.code, 9069);
      while ((await uploads()).length > 0) await new Promise((wake) => setTimeout(wake, 20));
      assert.equal((await world.get("ana", `/files/${file.id}`)).body.storage.type, "PLATFORM");

      await world.patch("ana", volume.href, { active: true });
      const again = await world.post("ana", "/storage/exports", body);
      const done = await untilEnded(world, "ana", again.body.href);
      assert.equal(done.state, "COMPLETED", JSON.stringify(done.error));
      const { url } = (await world.get("ana", `/files/${file.id}/download_info`)).body;
      assert.equal((await (await fetch(url)).arrayBuffer()).byteLength, 40 * 2 ** 20);
    })();
  } finally {
    await bucket.stop();
  }
});
