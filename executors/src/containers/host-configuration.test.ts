import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ProcessRunner } from "../process/run.ts";
import { JobWorld, until } from "../testing/world.ts";
import { findBubblewrap } from "./bubblewrap.ts";
import { HostConfiguration } from "./host-configuration.ts";

test("many jobs share one copy of what they may see of /etc, the same for all processes while the host is the same", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "causeway-etc-"));
  t.after(() => rmSync(root, { recursive: true }));
  const configuration = new HostConfiguration(root);
  const plain = { network: false, own: false };
  const before = configuration.shown(plain);
  assert.ok(before.length > 5);
  await until("a copy", () => configuration.shown(plain).length === 1);
  const [[copy]] = configuration.shown(plain) as [[string, string]];
  assert.equal(await new HostConfiguration(root).look(), copy);
  assert.deepEqual(readdirSync(root), [copy.slice(root.length + 1)], "nothing half-made is left");

  const names = (shown: readonly (readonly [string, string])[]) => [...new Set(shown.map(([, target]) => target.split("/")[2]!))];
  assert.deepEqual(readdirSync(copy).sort(), [...new Set([...names(before), "hosts", "resolv.conf"])].sort());
  for (const name of ["shadow", "sudoers", "ssh", "machine-id"]) assert.ok(!readdirSync(copy).includes(name), name);
  assert.match(readFileSync(join(copy, "passwd"), "utf8"), /:1000:1000:/);
  for (const name of ["hosts", "resolv.conf"]) assert.equal(statSync(join(copy, name)).mode & 0o777, 0o444);
  assert.deepEqual(configuration.shown({ network: false, own: true }), before);
  assert.ok(configuration.shown({ network: true, own: false }).some(([source]) => source === "/etc/hosts"));

  rmSync(copy, { recursive: true });
  assert.deepEqual(configuration.shown(plain), before, "a copy that somebody removed is not used");
  assert.equal(await configuration.look(), copy);
});

test("a job in bubblewrap reads /etc and changes nothing there, and may have a file of its own in it", async (t) => {
  const bubblewrap = await findBubblewrap();
  if ("unusable" in bubblewrap) return t.skip(bubblewrap.unusable);
  const world = new JobWorld();
  const runner = new ProcessRunner(bubblewrap);
  t.after(async () => {
    await runner.close();
    world.remove();
  });
  const look =
    "id -un; ls /etc; for f in /etc/passwd /etc/new /etc/hosts; do (: >>$f) 2>/dev/null && echo written; done; cat /etc/own";
  const texts = new Set<string>();
  const run = async () => {
    const job = world.shell(look);
    await runner.run(job);
    assert.doesNotMatch(world.stdout(job), /written|shadow/);
    assert.match(world.stdout(job), /^passwd$/m);
    texts.add(world.stdout(job));
  };
  await run();
  // Enough of them for a copy.
  for (let jobs = 0; jobs < 25; jobs++) bubblewrap.wrap(world.shell("true"));
  await until(
    "a copy",
    () => bubblewrap.wrap(world.shell("true")).argv.filter((word) => word.includes("/causeway/etc/")).length === 1,
  );
  await run();

  const source = join(world.directory, "own");
  writeFileSync(source, "the job's\n");
  const owning = world.shell(look, { mounts: [{ source, target: "/etc/own", writable: false }] });
  await runner.run(owning);
  assert.ok(world.stdout(owning).endsWith("the job's\n"), world.stdout(owning));
  texts.add(world.stdout(owning).replace("own\n", "").replace("the job's\n", ""));
  assert.equal(texts.size, 1, [...texts].join("---\n"));
});
