import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { type SmallS3, startSmallS3 } from "../../server/src/volumes/testing/small-s3.ts";
import { ana } from "./story.ts";

let bucket: SmallS3;
let volume: string;
let project: string;

const unique = () => randomUUID().slice(0, 8);

before(async () => {
  bucket = await startSmallS3({ "run7/s1.bam": "bytes", "run7/qc/report.html": "report" });
});
after(() => bucket.stop());

/** A volume and a project, once for all tests. */
async function prepare(): Promise<void> {
  if (volume) return;
  const service = {
    type: "s3",
    bucket: "lab",
    prefix: null,
    endpoint: bucket.endpoint,
    credentials: { access_key_id: "AKTESTS", secret_access_key: "secret" },
    properties: { sse_algorithm: "AES256" },
  };
  const made = await ana.post("storage/volumes", { name: `r_${unique()}`, access_mode: "RW", description: null, service });
  volume = made.body.id;
  project = (await ana.post("projects", { name: `R story ${unique()}` })).body.id;
}

async function ended(path: string) {
  for (;;) {
    const { status, body } = await ana.get(path);
    assert.equal(status, 200);
    if (["COMPLETED", "FAILED"].includes(body.state)) return body;
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

/** As R's `submit_import` does: nulls for what was not given. */
const importBody = (location: string) => ({
  source: { volume, location },
  destination: { project, parent: null, name: null },
  overwrite: false,
  autorename: true,
  preserve_folder_structure: null,
});

describe("imports and exports", () => {
  test("an object and a folder are imported, with nulls for what is not given, and listed", async () => {
    await prepare();
    const { status, body } = await ana.post("storage/imports", importBody("run7/s1.bam"));
    assert.equal(status, 200, JSON.stringify(body));
    const job = await ended(`storage/imports/${body.id}`);
    assert.equal(job.result.storage.volume, volume);
    const folder = await ana.post("storage/imports", importBody("run7/"));
    assert.equal((await ended(`storage/imports/${folder.body.id}`)).result.type, "folder");
    const listed = await ana.get("storage/imports", { volume, project, state: ["COMPLETED", "FAILED"] });
    assert.equal(listed.body.items.length, 2);
    const bulk = await ana.post("bulk/storage/imports/create", { items: [importBody("run7/s1.bam")] });
    const got = await ana.post("bulk/storage/imports/get", { import_ids: [bulk.body.items[0].resource.id] });
    assert.equal(got.body.items[0].resource.destination.name, "s1.bam");
  });

  test("an alias is exported no more, and a job says so when it is asked for", async () => {
    await prepare();
    const { body } = await ana.post("storage/imports", importBody("run7/s1.bam"));
    const { result } = await ended(`storage/imports/${body.id}`);
    const given = {
      source: { file: result.id },
      destination: { volume, location: "out/s1.bam" },
      overwrite: false,
      properties: { sse_algorithm: "AES256", sse_aws_kms_key_Id: null, aws_canned_acl: null },
    };
    const refused = await ana.post("storage/exports", given, { copy_only: "FALSE" });
    assert.deepEqual([refused.status, refused.body.code, typeof refused.body.message], [403, 9006, "string"]);
    const bulk = await ana.post("bulk/storage/exports/create", { items: [given] });
    assert.equal(bulk.body.items[0].error.code, 9006);
    assert.deepEqual((await ana.get("storage/exports", { volume })).body.items, []);
    assert.equal((await ana.get("storage/exports/none")).status, 404);
  });
});
