import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createHome, startDev } from "../testing/command.ts";

test("a platform with its own database is backed up while it runs, and is there again after a restore", async () => {
  const home = await createHome();
  const [data, backup, restored] = ["data", "backup", "restored"].map((name) => join(home.directory, name)) as [
    string,
    string,
    string,
  ];
  const first = await startDev(home, ["--user", "ana", "--data-dir", data]);
  const asAna = { SB_API_ENDPOINT: first.url, SB_AUTH_TOKEN: first.users.ana!.token };
  const file = join(home.directory, "work", "reads.txt");
  await writeFile(file, "ACGT\n".repeat(100_000));
  assert.equal((await home.run(["project", "create", "First"], asAna)).code, 0);
  assert.equal((await home.run(["upload", "--project", "ana/first", file], asAna)).code, 0);
  const made = await home.json(["backup", backup, "--data-dir", data]);
  assert.deepEqual([made.blobs, made.damaged, made.included], [1, 0, true]);
  const again = await home.run(["backup", backup, "--data-dir", data]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /holds a complete backup already/);
  assert.equal(await first.stop(), 0);

  assert.equal((await home.json(["restore", backup, "--data", restored])).blobs, 1);
  const second = await startDev(home, ["--user", "ana", "--data-dir", restored]);
  try {
    const environment = { SB_API_ENDPOINT: second.url, SB_AUTH_TOKEN: second.users.ana!.token };
    const { code, stderr } = await home.run(["download", "ana/first/reads.txt", "-o", "down"], environment);
    assert.equal(code, 0, stderr);
    assert.deepEqual(await readFile(join(home.directory, "work", "down", "reads.txt")), await readFile(file));
  } finally {
    assert.equal(await second.stop(), 0);
  }
  await home.remove();
});
