import assert from "node:assert/strict";
import { test } from "node:test";
import { endOf, ranTo } from "../../imports/testing.ts";
import { type World, withWorld } from "../../testing/world.ts";
import { type SmallS3, startSmallS3 } from "../testing/small-s3.ts";

const KEYS = { access_key_id: "AKTESTS", secret_access_key: "secret-of-the-tests" };

/** Ben's bucket and his project with a file: in both Ana may do all that a job needs. */
async function lent(world: World, bucket: SmallS3) {
  await world.token("ana");
  const permissions = { read: true, copy: true, write: true };
  const service = { type: "S3", bucket: "lab", endpoint: bucket.endpoint, credentials: KEYS };
  const { body: volume } = await world.post("ben", "/storage/volumes", { name: "s3", service });
  await world.post("ben", `${volume.href}/members`, { username: "ana", permissions });
  const project = await world.project("ben");
  await world.post("ben", `/projects/${project.id}/members`, { username: "ana", permissions });
  const file = await world.file("ben", project.id, "s1.vcf", "calls of s1");
  return { volume, project, file };
}

/** Takes something away from Ana in the moment in which the service is asked for what begins with `line`. */
function when(bucket: SmallS3, line: string, take: () => Promise<unknown>): void {
  bucket.before = async (asked) => {
    if (asked.startsWith(line)) await take();
    return undefined;
  };
}

test(
  "a job whose user loses a right while it runs makes nothing",
  withWorld(async (world) => {
    const bucket = await startSmallS3({ "reads.txt": "bytes" });
    try {
      const { volume, project, file } = await lent(world, bucket);
      const inProject = (change: object) => () => world.patch("ben", `/projects/${project.id}/members/ana/permissions`, change);
      const onVolume = (change: object) => () => world.patch("ben", `${volume.href}/members/ana/permissions`, change);
      const send = (query = "") =>
        ranTo(world, "ana", "exports", { source: { file: file.id }, destination: { volume: volume.id, location: "out" } }, query);
      const bring = () =>
        ranTo(world, "ana", "imports", {
          source: { volume: volume.id, location: "reads.txt" },
          destination: { project: project.id },
        });

      when(bucket, "PUT /lab/out", inProject({ write: false }));
      assert.equal(endOf(await send()), 9103);
      await inProject({ write: true })();
      when(bucket, "PUT /lab/out", onVolume({ write: false }));
      assert.equal(endOf(await send()), 9020);
      await onVolume({ write: true })();
      assert.equal((await world.get("ben", `/files/${file.id}`)).body.storage.type, "PLATFORM");
      while (bucket.objects.has("out")) await new Promise((wake) => setTimeout(wake, 20));

      when(bucket, "HEAD /lab/reads.txt", onVolume({ copy: false }));
      assert.equal(endOf(await bring()), 9020);
      await onVolume({ copy: true })();
      when(bucket, "HEAD /lab/reads.txt", inProject({ write: false }));
      assert.equal(endOf(await bring()), 9102);
      assert.equal((await world.get("ben", `/files?project=${project.id}`)).body.items.length, 1);

      // What may be copied alone may be exported as a copy.
      when(bucket, "PUT /lab/out", inProject({ write: false }));
      assert.equal((await send("?copy_only=true")).state, "COMPLETED");
    } finally {
      await bucket.stop();
    }
  }),
);
