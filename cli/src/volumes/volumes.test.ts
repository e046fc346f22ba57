import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { makeTemporaryDirectory } from "@causeway/executors";
import { createHome, type DevPlatform, type Home, startDev } from "../testing/command.ts";

let home: Home;
let dev: DevPlatform;
let temporary: string;
let share: string;

before(async () => {
  temporary = makeTemporaryDirectory("share");
  share = join(temporary, "nas");
  home = await createHome({ CAUSEWAY_VOLUME_ROOTS: JSON.stringify({ nas: { path: share, mode: "RW" } }) });
  await mkdir(join(share, "run7", "qc"), { recursive: true });
  await writeFile(join(share, "run7", "s1.bam"), "bytes");
  dev = await startDev(home, ["--user", "ana", "--user", "ben"]);
});
after(async () => {
  assert.equal(await dev.stop(), 0);
  await home.remove();
  await rm(temporary, { recursive: true });
});

const run = (user: string, ...args: string[]) =>
  home.run(args, { SB_API_ENDPOINT: dev.url, SB_AUTH_TOKEN: dev.users[user]!.token });

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an answer.
async function json(user: string, ...args: string[]): Promise<any> {
  const { code, stdout, stderr } = await run(user, ...args, "--json");
  assert.equal(code, 0, `causeway ${args.join(" ")}: ${stderr}`);
  return JSON.parse(stdout);
}

test("a volume is connected, browsed, shared, changed and forgotten", async () => {
  const created = await run(
    "ana",
    "volume",
    "create",
    "runs",
    "--type",
    "local",
    "--bucket",
    "nas",
    "--description",
    "the share",
  );
  assert.equal(created.stdout, "ana/runs\n", created.stderr);
  assert.match((await run("ana", "volume", "list")).stdout, /ana\/runs +LOCAL +nas +RW +yes/);
  assert.match((await run("ana", "volume", "browse", "ana/runs", "run7")).stdout, /run7\/qc\/\n5 B +\d{4}-\S+ +run7\/s1.bam\n/);
  const { folders, objects } = await json("ana", "volume", "browse", "ana/runs");
  assert.deepEqual([folders, objects], [["run7"], []]);

  assert.equal((await run("ben", "volume", "show", "ana/runs")).code, 4);
  await json("ana", "volume", "members", "add", "ana/runs", "ben", "--may", "read", "--may", "copy");
  assert.match((await run("ana", "volume", "members", "ana/runs")).stdout, /ben +USER +read, copy/);
  assert.match((await run("ben", "volume", "show", "ana/runs")).stdout, /mode: +RW/);
  assert.equal((await run("ana", "volume", "members", "add", "ana/runs", "ben", "--may", "fly")).code, 2);
  assert.match((await run("ana", "volume", "members", "change", "ana/runs", "ben", "--may", "admin")).stdout, /ben may admin/);
  await json("ana", "volume", "members", "remove", "ana/runs", "ben");

  const changed = await json("ana", "volume", "update", "ana/runs", "--read-only", "--property", "symlinks=within_root");
  assert.deepEqual([changed.access_mode, changed.service.properties], ["RO", { symlinks: "within_root" }]);
  const doctor = await run("ana", "doctor");
  assert.match(doctor.stdout, /✔ Volumes: 1 of 1 can be listed and read/);
  assert.equal((await run("ana", "volume", "delete", "ana/runs")).code, 1);
  await json("ana", "volume", "deactivate", "ana/runs", "--force");
  await json("ana", "volume", "activate", "ana/runs");
  await json("ana", "volume", "deactivate", "ana/runs");
  assert.match((await run("ana", "volume", "delete", "ana/runs")).stdout, /ana\/runs is deleted/);
  assert.deepEqual(await json("ana", "volume", "list"), []);
});

test("credentials come from a file or the environment, and what is wrong with them is told without them", async () => {
  const secret = "TheSecretOfTheTests";
  await writeFile(join(home.directory, "work", "torn.json"), `{"secret_access_key": "${secret}"`);
  const s3 = ["volume", "create", "lab", "--type", "s3", "--bucket", "lab", "--endpoint", "http://127.0.0.1:1"];
  const torn = await run("ana", ...s3, "--credentials", "torn.json");
  assert.equal(torn.code, 2);
  assert.ok(!torn.stderr.includes(secret), torn.stderr);
  await writeFile(join(home.directory, "work", "none.json"), "{}");
  assert.match((await run("ana", ...s3, "--credentials", "none.json")).stderr, /has no credentials/);
  await writeFile(join(home.directory, "work", "keys.json"), JSON.stringify({ access_key_id: "AK", secret_access_key: secret }));
  // The address is on nobody's list: that is what is wrong with it.
  assert.match((await run("ana", ...s3, "--credentials", "keys.json")).stderr, /code 9017/);
  assert.match((await run("ana", ...s3)).stderr, /code 9034/);
  const environment = { SB_API_ENDPOINT: dev.url, SB_AUTH_TOKEN: dev.users.ana!.token };
  const fromAws = await home.run(s3, { ...environment, AWS_ACCESS_KEY_ID: "AK", AWS_SECRET_ACCESS_KEY: secret });
  assert.match(fromAws.stderr, /code 9017/);
  assert.match((await run("ana", "volume", "show", "runs")).stderr, /owner\/name/);
});

test("an administrator rotates the keys of secrets", async () => {
  assert.deepEqual(await json("ana", "secrets", "rotate"), { resealed: 0, retired: 1, keys: "file" });
  assert.equal((await run("ben", "secrets", "rotate")).code, 4);
});
