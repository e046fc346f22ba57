import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { createHome, type DevPlatform, finished, type Home, startDev } from "../testing/command.ts";

const MiB = 2 ** 20;

let home: Home;
let dev: DevPlatform;
/** The directory that commands run in. */
let work: string;
let environment: Record<string, string>;

before(async () => {
  home = await createHome({ CAUSEWAY_RATE_LIMIT: "1000000" });
  work = join(home.directory, "work");
  dev = await startDev(home, ["--user", "ana"]);
  environment = { SB_API_ENDPOINT: dev.url, SB_AUTH_TOKEN: dev.users.ana!.token };
  await causeway(["project", "create", "Reef"]);
});
after(async () => {
  assert.equal(await dev.stop(), 0);
  await home.remove();
});

test("an upload killed in the middle goes on where it was, and what comes down is what went up", async () => {
  const bytes = randomBytes(60 * MiB);
  await writeFile(join(work, "killed.bin"), bytes);
  const upload = ["upload", "killed.bin", "--project", "ana/reef", "--part-size", "5", "--parts", "1"];

  const first = home.start(upload, environment);
  const ended = finished(first);
  const started = await until(first, async () => (await api("/upload/multipart")).items[0]);
  const partsSent = async () => (await api(`/upload/multipart/${started.upload_id}`)).uploaded_parts_count as number;
  await until(first, async () => (await partsSent()) >= 2);
  first.kill("SIGKILL");
  await ended;
  assert.deepEqual(await causeway(["file", "list", "ana/reef"]), [], "no half file shows");
  assert.ok((await partsSent()) < 12, "it was killed in time");

  const [file] = await causeway(upload);
  assert.equal(file.size, bytes.length);
  assert.deepEqual((await api("/upload/multipart")).items, [], "the upload that was begun is the one that was completed");
  assert.deepEqual(await readdir(join(home.directory, ".local/state/causeway/uploads")), []);

  await causeway(["download", file.id, "-o", "down"]);
  assert.equal(sha256(await readFile(join(work, "down/killed.bin"))), sha256(bytes));
});

test("a file that changed since its upload was interrupted is uploaded anew", async () => {
  await writeFile(join(work, "changed.bin"), randomBytes(20 * MiB));
  const upload = ["upload", "changed.bin", "--project", "ana/reef", "--part-size", "5", "--parts", "1"];
  const first = home.start(upload, environment);
  const ended = finished(first);
  await until(first, async () => (await api("/upload/multipart")).items[0]);
  first.kill("SIGKILL");
  await ended;

  await writeFile(join(work, "changed.bin"), "new and short");
  const [file] = await causeway([...upload, "--overwrite"]);
  assert.equal(file.size, 13);
});

test("a download cut off by a full disk goes on from there, and takes the final name only when it is whole", async () => {
  const bytes = randomBytes(24 * MiB);
  await writeFile(join(work, "cut.bin"), bytes);
  await causeway(["upload", "cut.bin", "--project", "ana/reef"]);

  // No file may grow beyond 8 MiB (in blocks of 1024 bytes): writing fails as it does when there is no room.
  const cut = await home.run(["download", "ana/reef/cut.bin", "-o", "cut"], environment, { largestFileKiB: 8 * 1024 });
  assert.equal(cut.code, 1);
  assert.deepEqual(await readdir(join(work, "cut")), ["cut.bin.part"]);
  const { size } = await stat(join(work, "cut/cut.bin.part"));
  assert.ok(size > 0 && size < bytes.length, `${size} bytes are there`);

  // A mark in what is there already shows that it is not fetched again.
  const part = await open(join(work, "cut/cut.bin.part"), "r+");
  await part.write("MARK", 0).finally(() => part.close());
  await causeway(["download", "ana/reef/cut.bin", "-o", "cut"]);
  const whole = await readFile(join(work, "cut/cut.bin"));
  assert.equal(whole.subarray(0, 4).toString(), "MARK");
  assert.equal(sha256(whole.subarray(4)), sha256(bytes.subarray(4)));
  assert.deepEqual(await readdir(join(work, "cut")), ["cut.bin"]);

  const again = await home.run(["download", "ana/reef/cut.bin", "-o", "cut"], environment);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /is there already/);
});

test("a folder comes down as a directory with everything in it", async () => {
  await writeFile(join(work, "plain.txt"), "text");
  await causeway(["file", "mkdir", "ana/reef/odd/inner"]);
  for (const name of ["..\\..\\evil", "ü b"]) await causeway(["upload", "plain.txt", "--parent", "ana/reef/odd", "--name", name]);
  await causeway(["upload", "plain.txt", "--parent", "ana/reef/odd/inner"]);
  const files = await causeway(["download", "ana/reef/odd", "-o", "odd-down"]);
  const whole = await causeway(["download", "ana/reef", "-o", "whole"]);
  assert.deepEqual(
    [...new Set(whole.map(({ path }: { path: string }) => relative(work, path).split("/").slice(0, 2).join("/")))],
    ["whole/reef"],
  );
  assert.equal(files.length, 3);
  assert.deepEqual((await readdir(join(work, "odd-down"), { recursive: true })).sort(), [
    "odd",
    "odd/.._.._evil",
    "odd/inner",
    "odd/inner/plain.txt",
    "odd/ü b",
  ]);
});

test("an empty file, a manifest's metadata, and a taken name", async () => {
  await writeFile(join(work, "empty.txt"), "");
  await writeFile(join(work, "s 1.txt"), "one");
  await writeFile(join(work, "manifest.csv"), 'File name,sample_id,note\r\nempty.txt,S0,"a, b ""c"""\ns 1.txt,S1,\n');
  const upload = ["upload", "empty.txt", "s 1.txt", "--project", "ana/reef", "--manifest", "manifest.csv"];
  const files = await causeway(upload);
  assert.deepEqual(
    files.map(({ size, metadata }: { size: number; metadata: object }) => ({ size, metadata })),
    [
      { size: 0, metadata: { sample_id: "S0", note: 'a, b "c"' } },
      { size: 3, metadata: { sample_id: "S1" } },
    ],
  );
  await causeway(["download", "ana/reef/empty.txt", "-o", "down"]);
  assert.equal((await stat(join(work, "down/empty.txt"))).size, 0);

  const taken = await home.run(upload, environment);
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, /already exists\. \(code 8004\)\n.*--overwrite/);
  assert.equal((await causeway([...upload, "--overwrite"])).length, 2);
});

test("a directory goes up as folders, once, and comes down the same, with metadata in side files", async () => {
  const run = join(work, "run7");
  await mkdir(join(run, "lane 1", "empty"), { recursive: true });
  await writeFile(join(run, "a.txt"), "a");
  await writeFile(join(run, "a.txt.meta"), '{"sample_id": "S7", "lane": 1, "note": null}');
  await writeFile(join(run, "lane 1", "b.txt"), "bb");
  await writeFile(join(run, "lane 1", "b.txt.meta"), "no JSON");
  await writeFile(join(run, "alone.meta"), "a file");
  await symlink("..", join(run, "lane 1", "up"));

  const plain = await home.run(["upload", "run7", "--project", "ana/reef"], environment);
  assert.equal(plain.code, 2);
  assert.match(plain.stderr, /--recursive/);

  const upload = ["upload", "-r", "run7", "--project", "ana/reef"];
  const names = (list: { name: string }[]) => list.map(({ name }) => name).sort();
  const first = await home.run(upload, environment);
  assert.equal(first.code, 1, "a side file is broken");
  assert.match(
    first.stderr,
    /1 could not be uploaded with all of their metadata.*\n.*b\.txt: It is there.*b\.txt\.meta is no JSON/,
  );
  assert.match(first.stdout, /run7\/a\.txt\n.*run7\/alone\.meta\n.*run7\/lane 1\/b\.txt\n/);
  await writeFile(join(run, "lane 1", "b.txt.meta"), '{"lane": 2}');
  assert.deepEqual(names(await causeway(["file", "ls", "ana/reef/run7"])), ["a.txt", "alone.meta", "lane 1"]);
  assert.deepEqual(names(await causeway(["file", "ls", "ana/reef/run7/lane 1"])), ["b.txt", "empty"]);
  assert.deepEqual((await causeway(["file", "show", "ana/reef/run7/a.txt"])).metadata, { sample_id: "S7", lane: "1" });

  await writeFile(join(run, "late.txt"), "late");
  const again = await home.run(upload, environment);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /^ID .*\n\S+ +4 B +run7\/late\.txt\n$/);
  assert.match(again.stderr, /3 of 4 files were there already, with the same name and size/);
  assert.match(again.stderr, /Metadata added to files that were there already:\n {2}run7\/lane 1\/b\.txt: lane\n/);
  await writeFile(join(run, "a.txt.meta"), '{"sample_id": "S8", "lane": 1, "note": "new"}');
  const changed = await home.run(upload, environment);
  assert.match(changed.stderr, /added .*:\n {2}run7\/a\.txt: note\n.*stays.*--overwrite.*:\n {2}run7\/a\.txt: sample_id\n/);
  assert.equal((await causeway(["file", "show", "ana/reef/run7/a.txt"])).metadata.sample_id, "S7");
  await writeFile(join(run, "late.txt"), "later");
  assert.equal((await home.run(upload, environment)).code, 1, "another size is no copy of it");
  assert.equal((await causeway([...upload, "--overwrite"])).length, 4);
  assert.equal((await causeway(["file", "show", "ana/reef/run7/a.txt"])).metadata.sample_id, "S8");

  const deep = ["upload", "-r", "run7/.", "--parent", "ana/reef/made/here"];
  assert.equal((await causeway(deep)).length, 4);
  assert.equal((await causeway(["file", "ls", "ana/reef/made/here"])).length, 4);
  const missing = await home.run(["upload", "run7/a.txt", "--parent", "ana/reef/not made"], environment);
  assert.equal(missing.code, 3);
  assert.match(missing.stderr, /"ana\/reef\/not made" does not exist: there is no "not made" in ana\/reef\./);

  await causeway(["download", "ana/reef/run7", "-o", "run7-down", "--meta"]);
  const below = async (path: string) => (await readdir(join(work, path), { recursive: true })).sort();
  const there = ["a.txt", "a.txt.meta", "alone.meta", "lane 1", "lane 1/b.txt", "lane 1/b.txt.meta", "lane 1/empty", "late.txt"];
  assert.deepEqual(await below("run7-down/run7"), there);
  const side = await readFile(join(work, "run7-down/run7/a.txt.meta"), "utf8");
  assert.deepEqual(JSON.parse(side), { sample_id: "S8", lane: "1", note: "new" });
  await rm(join(work, "run7-down/run7/lane 1/b.txt"));
  const rest = await causeway(["download", "ana/reef/run7", "-o", "run7-down"]);
  assert.deepEqual(
    rest.map(({ path }: { path: string }) => path),
    [join(work, "run7-down/run7/lane 1/b.txt")],
  );

  const contents = await causeway(["upload", "-r", "--no-meta", "run7/.", "--parent", "ana/reef/run7/lane 1/empty"]);
  assert.equal(contents.length, 6);
});

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an answer.
async function causeway(args: string[]): Promise<any> {
  const { code, stdout, stderr } = await home.run([...args, "--json"], environment);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

// biome-ignore lint/suspicious/noExplicitAny: see above.
async function api(path: string): Promise<any> {
  const answer = await fetch(dev.url + path, { headers: { "x-sbg-auth-token": environment.SB_AUTH_TOKEN! } });
  return answer.json();
}

/** Looks until something is found, while the command runs. */
async function until<Found>(running: ChildProcess, look: () => Promise<Found>): Promise<Found> {
  while (running.exitCode === null) {
    const found = await look();
    if (found) return found;
    await pause(5);
  }
  throw new Error("the command ended before that");
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
