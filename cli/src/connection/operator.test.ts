import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createHome, type DevPlatform, type Home, startDev } from "../testing/command.ts";

let home: Home;
let dev: DevPlatform;

before(async () => {
  home = await createHome();
  // ana is the administrator.
  dev = await startDev(home, ["--user", "ana", "--user", "ben"]);
});
after(async () => {
  assert.equal(await dev.stop(), 0);
  await home.remove();
});

const at = (token: string) => ({ SB_API_ENDPOINT: dev.url, SB_AUTH_TOKEN: token });

async function run(user: string, ...args: string[]) {
  return home.run(args, at(dev.users[user]?.token ?? user));
}

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an answer.
async function json(user: string, ...args: string[]): Promise<any> {
  const { code, stdout, stderr } = await run(user, ...args, "--json");
  assert.equal(code, 0, `causeway ${args.join(" ")}: ${stderr}`);
  return JSON.parse(stdout);
}

test("deleted projects, folders and files are listed and restored by their names", async () => {
  await json("ben", "project", "create", "Reef");
  await writeFile(join(home.directory, "work", "a.txt"), "first");
  await json("ben", "file", "mkdir", "ben/reef/reads");
  const [first] = await json("ben", "upload", "a.txt", "--parent", "ben/reef/reads");
  await json("ben", "file", "rm", "ben/reef/reads/a.txt");
  await json("ben", "upload", "a.txt", "--parent", "ben/reef/reads");

  const [deleted] = await json("ana", "file", "deleted", "ben/reef");
  assert.deepEqual([deleted.id, deleted.path], [first.id, "reads/a.txt"]);
  const taken = await run("ana", "file", "restore", "ben/reef/reads/a.txt");
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, /code 5003[\s\S]*another name or parent/);
  const renamed = await json("ana", "file", "restore", "ben/reef/reads/a.txt", "--as", "old.txt");
  assert.equal(renamed.path, "reads/old.txt");

  await json("ben", "file", "rm", "-r", "ben/reef/reads");
  assert.match((await run("ana", "file", "deleted", "ben/reef")).stdout, /reads\/\n/);
  const { stdout } = await run("ana", "file", "restore", "ben/reef/reads", "--since", "2026-01-01T00:00:00Z");
  assert.equal(stdout, "reads is there again: 2 files, 1 folder.\n");

  await json("ben", "project", "delete", "ben/reef");
  assert.equal((await json("ana", "project", "deleted"))[0].project, "ben/reef");
  assert.deepEqual(await json("ana", "project", "restore", "ben/reef"), { project: "ben/reef" });
  assert.equal((await json("ben", "file", "ls", "ben/reef/reads")).length, 2);

  assert.equal((await run("ana", "project", "restore", "ben/none")).code, 3);
  assert.equal((await run("ana", "file", "restore", "ben/reef/none")).code, 3);
  assert.equal((await run("ben", "project", "deleted")).code, 4);
});

test("divisions get users and teams", async () => {
  assert.deepEqual(await json("ana", "division", "list", "--all"), []);
  await json("ana", "division", "create", "atlas", "Atlas group");
  const mira = await json("ana", "user", "create", "mira", "--division", "atlas", "--role", "ADMIN");
  await json("ana", "user", "create", "tom", "--division", "atlas");
  assert.equal(mira.username, "atlas/mira");
  assert.deepEqual(
    (await json(mira.token, "division", "list")).map(({ id }: { id: string }) => id),
    ["atlas"],
  );
  assert.equal((await json(mira.token, "division", "show", "atlas")).name, "Atlas group");
  const users = await json(mira.token, "division", "users", "atlas");
  assert.deepEqual(users.map(({ username }: { username: string }) => username).sort(), ["atlas/mira", "atlas/tom"]);

  const team = await json(mira.token, "team", "create", "atlas", "Sequencing");
  await json(mira.token, "team", "members", "add", team.id, "atlas/tom");
  assert.match((await run(mira.token, "team", "members", team.id)).stdout, /atlas\/tom/);
  assert.equal((await json(mira.token, "team", "rename", team.id, "Assembly")).name, "Assembly");
  assert.equal((await json(mira.token, "team", "list", "atlas", "--all")).length, 1);
  await json(mira.token, "team", "members", "remove", team.id, "atlas/tom");
  await json(mira.token, "team", "delete", team.id);
  assert.deepEqual(await json(mira.token, "team", "list", "atlas", "--all"), []);
});

test("weights of billing groups, projects and users are set, listed and unset; none that is no weight", async () => {
  assert.equal((await run("ana", "weight")).stdout, "All weights are 1.\n");
  const group = await json("ana", "billing", "create", "Weighty", "ben");
  await json("ben", "project", "create", "Weight");
  await json("ana", "weight", "set", "billing-group", group.id, "2.5");
  await json("ana", "weight", "set", "project", "ben/weight", "0.5");
  await json("ana", "weight", "set", "user", "ben", "7");
  assert.deepEqual(await json("ana", "weight", "set", "user", "ben", "3"), { of: "user", name: "ben", weight: 3 });
  assert.deepEqual(await json("ana", "weight", "list"), [
    { of: "billing-group", name: group.id, weight: 2.5 },
    { of: "project", name: "ben/weight", weight: 0.5 },
    { of: "user", name: "ben", weight: 3 },
  ]);
  for (const weight of ["0", "-1", "1e9", "NaN", "", "Infinity"])
    assert.equal((await run("ana", "weight", "set", "user", "ben", weight)).code, 2, weight);
  assert.equal((await run("ana", "weight", "set", "team", "ben", "1")).code, 2);
  assert.equal((await run("ana", "weight", "set", "user", "none", "1")).code, 3);
  assert.equal((await run("ben", "weight", "set", "user", "ben", "100")).code, 4);
  assert.equal((await json("ana", "weight", "unset", "user", "ben")).length, 2);
});

test("billing groups are made, changed and shown with what was charged", async () => {
  const group = await json("ana", "billing", "create", "Grant 7", "ben", "--credit", "500");
  assert.deepEqual([group.owner, group.balance], ["ben", 500]);
  assert.match((await run("ben", "billing", "list")).stdout, /\$500\.00 {2}open {3}Grant 7/);
  assert.equal((await json("ben", "billing", "show", group.id)).balance.amount, 500);
  assert.deepEqual((await json("ana", "billing", "add-member", group.id, "ana")).members.sort(), ["ana", "ben"]);
  assert.deepEqual((await json("ana", "billing", "remove-member", group.id, "ana")).members, ["ben"]);
  const changed = await json("ana", "billing", "change", group.id, "--name", "Grant 8", "--credit", "20", "--disable");
  assert.deepEqual([changed.name, changed.credit, changed.disabled], ["Grant 8", 20, true]);
  assert.equal((await json("ana", "billing", "change", group.id, "--enable")).disabled, false);
  assert.ok((await json("ana", "billing", "list", "--all")).length >= 2);
  for (const what of ["analysis", "storage", "egress"])
    assert.deepEqual(await json("ben", "billing", "breakdown", group.id, "--of", what, "--from", "11-01-2026"), []);
  assert.deepEqual(await json("ben", "billing", "invoices", group.id), []);
  assert.equal((await run("ben", "billing", "breakdown", group.id, "--of", "air")).code, 2);
  assert.equal((await run("ben", "billing", "create", "Mine", "ben")).code, 4);
});

test("prices are shown and set, one by one or from a file", async () => {
  const before = await json("ana", "prices");
  const { name, ...size } = before.instances[0];
  const set = await json("ana", "prices", "set", "--storage", "0.021", "--egress", "0.09", "--instance", `${name}=1.25`);
  assert.deepEqual([set.storage_gb_month, set.egress_gb], [0.021, 0.09]);
  assert.equal(set.instances.find((each: { name: string }) => each.name === name).hourly, 1.25);
  assert.match((await run("ana", "prices")).stdout, new RegExp(`GB kept, a month: +\\$0\\.021[\\s\\S]*${name} .*\\$1\\.25`));

  await writeFile(join(home.directory, "work", "prices.json"), JSON.stringify({ instances: [{ ...size, name: "own.big" }] }));
  const listed = await json("ana", "prices", "set", "--file", "prices.json", "--instance", "own.big=3");
  assert.equal(listed.instances.find((each: { name: string }) => each.name === "own.big").hourly, 3);
  for (const args of [[], ["--storage", "much"], ["--instance", "c4"]])
    assert.equal((await run("ana", "prices", "set", ...args)).code, 2);
  assert.equal((await run("ana", "prices", "set", "--instance", "none=1")).code, 3);
  assert.equal((await run("ben", "prices")).code, 4);
});

test("what users say is read by administrators", async () => {
  await json("ben", "feedback", "send", "More reefs", "--type", "problem");
  const [said] = await json("ana", "feedback", "list");
  assert.deepEqual([said.username, said.type, said.text], ["ben", "problem", "More reefs"]);
  assert.equal((await run("ben", "feedback", "list")).code, 4);
});
