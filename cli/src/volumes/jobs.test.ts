import assert from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
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
  await writeFile(join(share, "run7", "s1.bam"), "bytes of s1");
  await writeFile(join(share, "run7", "qc", "report.txt"), "fine");
  dev = await startDev(home, ["--user", "ana"]);
});
after(async () => {
  assert.equal(await dev.stop(), 0);
  await home.remove();
  await rm(temporary, { recursive: true });
});

const run = (...args: string[]) => home.run(args, { SB_API_ENDPOINT: dev.url, SB_AUTH_TOKEN: dev.users.ana!.token });

test("objects are imported and files exported, one, a folder, and all of a manifest", async () => {
  await run("volume", "create", "runs", "--type", "local", "--bucket", "nas");
  await run("project", "create", "Reef");
  const one = await run("import", "ana/runs", "run7/s1.bam", "--to", "ana/reef", "--name", "reads.bam", "--wait");
  assert.equal(one.code, 0, one.stderr);
  assert.match(one.stdout, /[0-9a-f]{32} +COMPLETED +run7\/s1\.bam/);
  const folder = await run("import", "ana/runs", "run7/", "--to", "ana/reef", "--wait", "--json");
  assert.deepEqual(
    JSON.parse(folder.stdout).map(({ state, location }: { state: string; location: string }) => [state, location]),
    [["COMPLETED", "run7/"]],
  );
  assert.match((await run("file", "list", "ana/reef/run7")).stdout, /qc\/[\s\S]*s1\.bam/);

  const again = await run("import", "ana/runs", "run7/s1.bam", "run7/none", "--to", "ana/reef/run7", "--wait");
  assert.equal(again.code, 1);
  assert.match(again.stdout, /FAILED +run7\/s1\.bam +An item of this name already exists at the destination\. \(9108\)/);
  assert.match(again.stdout, /FAILED +run7\/none .*\(9105\)/);
  assert.match(again.stderr, /2 of 2 imports failed[\s\S]*volume browse[\s\S]*--overwrite .*; --autorename /);
  const whole = await run("import", "ana/runs", "/", "--to", "ana/reef", "--wait");
  assert.match(whole.stderr, /Name an object, or a folder below the top of the volume/);
  assert.equal((await run("import", "ana/runs")).code, 2);

  await writeFile(join(home.directory, "calls.vcf"), "calls");
  await run("upload", join(home.directory, "calls.vcf"), "--project", "ana/reef");
  const kept = await run("export", "ana/reef/calls.vcf", "--to", "ana/runs/out/", "--copy-only", "--wait");
  assert.equal(kept.code, 0, kept.stderr);
  assert.equal(await readFile(join(share, "out", "calls.vcf"), "utf8"), "calls");
  const manifest = join(home.directory, "exports.csv");
  await writeFile(manifest, "file,volume,location\nana/reef/calls.vcf,ana/runs,2026/calls.vcf\n");
  const sent = await run("export", "--manifest", manifest, "--wait");
  assert.match(sent.stdout, /COMPLETED +2026\/calls\.vcf/);
  await writeFile(manifest, "volume,location,to,name\nana/runs,2026/calls.vcf,ana/reef,one\nana/runs,run7/s1.bam,ana/reef,two\n");
  const brought = await run("import", "--manifest", manifest, "--wait");
  assert.equal(brought.code, 0, brought.stderr);
  assert.match((await run("file", "list", "ana/reef")).stdout, /one[\s\S]*two/);
  await writeFile(manifest, "volume,location\nana/runs,x\n");
  assert.match((await run("import", "--manifest", manifest)).stderr, /row 2 has no to/);
});
