import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createHome } from "../testing/command.ts";

test("the quickstart takes real reads through a workflow, twice on the same data, and tells when it runs already", async () => {
  const home = await createHome();
  const data = join(home.directory, "data");
  const once = () => home.run(["quickstart", "--once", "--data-dir", data]);
  const first = await once();
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /SRR7262809_1 +2500 +187500 +75 /);
  const picture = /Picture: (.*)\n/.exec(first.stdout)![1]!;
  assert.ok(existsSync(join(home.directory, "work", picture)), picture);

  const running = home.start(["quickstart", "--port", "0", "--data-dir", data]);
  const ended = new Promise<number | null>((resolve) => running.once("close", resolve));
  let said = "";
  for await (const text of running.stdout!.setEncoding("utf8")) {
    said += text;
    if (said.includes("Ctrl-C stops")) break;
  }
  assert.match(said, /SB_API_ENDPOINT=http:\/\/127\.0\.0\.1:\d+\/v2 SB_AUTH_TOKEN=[0-9a-f]{32}/);
  const second = await once();
  assert.equal(second.code, 1);
  assert.match(second.stderr, /runs already: http/);
  running.kill("SIGINT");
  assert.equal(await ended, 0);
  await home.remove();
});
