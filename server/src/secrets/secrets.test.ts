import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { sql } from "kysely";
import { type World, withWorld } from "../testing/world.ts";
import { VOLUME_SECRETS } from "../volumes/sealed-secrets.ts";
import { startSmallS3 } from "../volumes/testing/small-s3.ts";
import { givenKeyring } from "./keyring.ts";
import { createSecretRotation } from "./rotation.ts";
import { createSecretBox } from "./secret-box.ts";

const KEYS = { access_key_id: "AKTESTS", secret_access_key: "TheSecretThatNobodySees" };

async function withVolumes(world: World, story: (hrefs: string[]) => Promise<void>) {
  const bucket = await startSmallS3({ "reads.txt": "bytes" });
  try {
    const hrefs: string[] = [];
    for (const name of ["one", "two"]) {
      const service = { type: "s3", bucket: "lab", endpoint: bucket.endpoint, credentials: KEYS };
      const { status, body } = await world.post("ana", "/storage/volumes", { name, service });
      assert.equal(status, 200, JSON.stringify(body));
      hrefs.push(body.href);
    }
    await story(hrefs);
  } finally {
    await bucket.stop();
  }
}

const rotate = async (world: World) => (await world.post("admin", new URL("/operator/secrets/rotate", world.url).href, {})).body;
const works = async (world: World, href: string) => (await world.get("ana", `${href}/list`)).status;
const keyFile = (world: World) => join(world.directory, "secrets", "volumes");

test(
  "keys in the file are rotated while volumes are used, and the old one is forgotten",
  withWorld(async (world) => {
    await withVolumes(world, async (hrefs) => {
      const before = await readFile(keyFile(world), "utf8");
      const sealed = () => world.platform.db.selectFrom("volumes").select("secrets").orderBy("id").execute();
      const rows = await sealed();
      assert.deepEqual(await rotate(world), { resealed: 2, retired: 1, keys: "file" });
      const after = await readFile(keyFile(world), "utf8");
      assert.match(after, /^[0-9a-f]{64}\n$/);
      assert.notEqual(after, before);
      for (const [index, { secrets }] of (await sealed()).entries()) assert.ok(!secrets!.equals(rows[index]!.secrets!));
      // A change opens the store anew, with what is stored.
      for (const href of hrefs) {
        assert.equal((await world.patch("ana", href, { service: { prefix: "p" } })).status, 200);
        assert.equal(await works(world, href), 200);
      }
      assert.deepEqual(await rotate(world), { resealed: 2, retired: 1, keys: "file" });
      assert.equal((await world.post("ana", new URL("/operator/secrets/rotate", world.url).href, {})).status, 403);
    });
  }),
);

test(
  "keys are rotated while the secret of a volume is changed: neither waits for the other for ever",
  withWorld(async (world) => {
    await withVolumes(world, async ([href]) => {
      const { db } = world.platform;
      const { changed, rotated } = await db.transaction().execute(async (tx) => {
        await sql`select from volumes for update`.execute(tx);
        const answers = { changed: world.patch("ana", href!, { service: { credentials: KEYS, prefix: "p" } }) };
        await untilWaiting(world, 1);
        const both = { ...answers, rotated: rotate(world) };
        await untilWaiting(world, 2);
        return both;
      });
      assert.deepEqual([(await changed).status, await rotated], [200, { resealed: 2, retired: 1, keys: "file" }]);
      assert.equal(await works(world, href!), 200);
    });
  }),
);

/** Waits until so many connections wait for a lock of the volumes or of their secrets. */
async function untilWaiting(world: World, count: number): Promise<void> {
  for (;;) {
    const { rows } = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
        and (query like '%from "volumes"%' or query like '%pg_advisory_xact_lock(%')`.execute(world.platform.db);
    if (rows.length >= count) return;
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

test("keys of the environment: the first encrypts, the others only decrypt", async () => {
  const [older, newer] = [randomBytes(32).toString("hex"), randomBytes(32).toString("hex")];
  await withWorld(
    async (world) => {
      await withVolumes(world, async (hrefs) => {
        assert.deepEqual(await rotate(world), { resealed: 0, retired: 0, keys: "environment" });
        const { db } = world.platform;
        const both = givenKeyring(`${newer} ${older}`, "TEST");
        assert.deepEqual(await createSecretRotation(db, both, [VOLUME_SECRETS]).rotate(), {
          resealed: 2,
          retired: 1,
          keys: "environment",
        });
        const rows = await db.selectFrom("volumes").select(["id", "secrets"]).execute();
        const box = createSecretBox(givenKeyring(newer, "TEST"));
        for (const { id, secrets } of rows) {
          assert.deepEqual(JSON.parse(await box.open(secrets!, `volumes.secrets ${id}`)), {
            secret_access_key: KEYS.secret_access_key,
          });
        }
        // One volume's cannot be opened as another's, and an altered one not at all.
        const [one, two] = rows as [(typeof rows)[number], (typeof rows)[number]];
        await assert.rejects(box.open(one.secrets!, `volumes.secrets ${two.id}`), { name: "SecretUnreadable" });
        one.secrets![40]! ^= 1;
        await assert.rejects(box.open(one.secrets!, `volumes.secrets ${one.id}`), { name: "SecretUnreadable" });
        // The platform has the older key alone: what it cannot open is given anew.
        assert.equal((await world.patch("ana", hrefs[0]!, { service: { credentials: KEYS } })).status, 200);
        assert.equal(await works(world, hrefs[0]!), 200);
      });
    },
    { secretsKey: older },
  )();
  assert.throws(() => givenKeyring("short", "CAUSEWAY_SECRETS_KEY"), /CAUSEWAY_SECRETS_KEY should hold keys of 64 hexadecimal/);
});
