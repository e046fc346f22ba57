import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createHome, type DevPlatform, type Home, startDev } from "../testing/command.ts";

let home: Home;
let dev: DevPlatform;

before(async () => {
  home = await createHome();
  const data = join(home.directory, "work", ".causeway");
  dev = await startDev(home, ["--user", "ana", "--user", "ben", "--data-dir", data]);
  await mkdir(join(home.directory, ".sevenbridges"));
  const profile = (name: string, user: string, url = dev.url) =>
    `[${name}]\napi_endpoint = ${url}\nauth_token = ${dev.users[user]!.token}\n`;
  const profiles = [
    profile("default", "ben"),
    profile("ana", "ana", dev.url.replace("/v2", "/")),
    profile("elsewhere", "ana", "http://127.0.0.1:9/v2"),
  ];
  await writeFile(join(home.directory, ".sevenbridges", "credentials"), profiles.join("\n"));
});
after(async () => {
  assert.equal(await dev.stop(), 0);
  await home.remove();
});

const who = async (args: string[] = [], environment: Record<string, string> = {}) => {
  const { code, stdout, stderr } = await home.run(["user", "me", "--json", ...args], environment);
  return code === 0 ? (JSON.parse(stdout).username as string) : { code, stderr };
};

test("flags go over the named profile, that over the environment, that over the file's default", async () => {
  assert.equal(await who(), "ben");
  const environment = { SB_API_ENDPOINT: dev.url, SB_AUTH_TOKEN: dev.users.ana!.token };
  assert.equal(await who([], environment), "ana");
  assert.equal(await who(["--profile", "ana"]), "ana");
  assert.equal(await who(["--profile", "default"], environment), "ben");
  assert.equal(await who(["--profile", "default", "--token", dev.users.ana!.token]), "ana");
});

test("a token is never sent to another platform's address", async () => {
  const answer = await who(["--url", "http://127.0.0.1:9/v2"]);
  assert.deepEqual({ code: (answer as { code: number }).code }, { code: 6 });
  const { url } = dev;
  assert.equal(await who(["--url", url]), "ben", "the address is the default profile's");
  const other = await who(["--url", url.replace("127.0.0.1", "localhost")]);
  assert.equal((other as { code: number }).code, 4);
});

test("without anything else, the platform that runs on the data directory here is meant", async () => {
  const { directory } = home;
  assert.equal(await who([], { HOME: join(directory, "nobody") }), "ana");
  const nowhere = await who([], { HOME: join(directory, "nobody"), CAUSEWAY_DATA: "elsewhere" });
  assert.equal((nowhere as { code: number }).code, 2);
  assert.match((nowhere as { stderr: string }).stderr, /No address is known/);
});

test("exit codes tell what kind of failure it was", async () => {
  const codes: Record<string, number | null> = {};
  for (const line of [
    "--help",
    "user me",
    "bogus",
    "project show",
    "project show ana",
    "project show ana/none",
    "user list",
    "--profile none user me",
    "--profile elsewhere user me",
  ]) {
    codes[line] = (await home.run(line.split(" "))).code;
  }
  assert.deepEqual(codes, {
    "--help": 0,
    "user me": 0,
    bogus: 2,
    "project show": 2,
    "project show ana": 2,
    "project show ana/none": 3,
    "user list": 4,
    "--profile none user me": 2,
    "--profile elsewhere user me": 6,
  });
});

test("an error names what is wrong, the code and what to do; with --json as one document", async () => {
  const { stderr } = await home.run(["user", "list"]);
  assert.match(
    stderr,
    /^causeway: Forbidden\. \(code 90002\)\n {2}This needs the token of a platform administrator, .*that of \w+,.*\n {2}Name the token of an administrator with SB_AUTH_TOKEN or --profile/,
  );
  const json = await home.run(["user", "list", "--json"]);
  assert.equal(json.stdout, "");
  assert.deepEqual(JSON.parse(json.stderr).error.code, 90002);
});

test("while the platform of a directory starts, commands there say so and may be tried again", async () => {
  const data = join(home.directory, "starting");
  await mkdir(data);
  const here = { HOME: data, CAUSEWAY_DATA: data };
  assert.equal((await home.run(["user", "me"], here)).code, 2);
  await writeFile(join(data, "running.json"), JSON.stringify({ pid: process.pid }));
  const { code, stderr } = await home.run(["user", "me"], here);
  assert.equal(code, 6);
  assert.match(stderr, /The platform on .*starting is starting: it does not take commands yet/);
});
