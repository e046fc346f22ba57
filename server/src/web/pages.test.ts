import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { makeTemporaryDirectory } from "@causeway/executors";
import { withWorld } from "../testing/world.ts";

const folder = makeTemporaryDirectory("web");

async function build(page: string): Promise<void> {
  await mkdir(join(folder, "assets"), { recursive: true });
  await writeFile(join(folder, "index.html"), page);
  await writeFile(join(folder, "assets", "app-1.js"), "app()");
  await writeFile(join(folder, "assets", "app-1.js.br"), "compressed");
  await writeFile(join(folder, "secret.txt"), "not of the list");
  await writeFile(join(folder, "files.json"), JSON.stringify(["index.html", "assets/app-1.js", "assets/app-1.js.br"]));
}

test(
  "the platform's address leads to the documentation until the UI is built, and then to the UI, whose pages run nothing else",
  withWorld(
    async (world) => {
      const get = (path: string, headers = {}) => fetch(new URL(path, world.url), { headers });
      const before = await get("/");
      assert.deepEqual([before.status, new URL(before.url).pathname], [200, "/docs"]);
      await build("<p>UI</p>");
      let page = await get("/");
      while (new URL(page.url).pathname === "/docs") page = await get("/");
      for (const path of ["/", "/sign-in", "/projects/ana/reef/files", "/tasks/1", "/apps/a/b/c/0"]) {
        const answer = await get(path);
        assert.equal(await answer.text(), "<p>UI</p>", path);
        const policy = answer.headers.get("content-security-policy")!;
        assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
        assert.doesNotMatch(policy, /unsafe|\*|https?:/);
        assert.equal(answer.headers.get("cache-control"), "no-cache");
      }
      const script = await get("/assets/app-1.js", { "accept-encoding": "identity" });
      assert.deepEqual([await script.text(), script.headers.get("content-type")], ["app()", "text/javascript; charset=utf-8"]);
      assert.match(script.headers.get("cache-control")!, /immutable/);
      for (const path of [
        "/assets/../secret.txt",
        "/assets/..%2fsecret.txt",
        "/assets/%2e%2e/secret.txt",
        "/assets/none.js",
        "/assets/",
      ])
        assert.equal((await get(path)).status, 404, path);
      for (const path of ["/v2/none", "/web/none", "/operator/none", "/none"]) assert.equal((await get(path)).status, 404, path);
    },
    { web: folder },
  ),
);
