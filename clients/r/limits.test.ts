import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { send } from "./r-client.ts";
import { ana, newName, newProject, platform } from "./story.ts";

describe("what R cannot bear", () => {
  test("nothing that a script gets wrong is answered with 5xx", async () => {
    const project = await newProject();
    const mistakes: [method: "get" | "post" | "patch" | "put" | "delete", path: string, body?: object][] = [
      ["get", "no/such/path"],
      ["get", "files/%00"],
      ["get", "files/zzz"],
      ["get", "tasks/1"],
      ["get", "billing/groups/1"],
      ["get", `apps/${project.id}`],
      ["post", "projects", []],
      ["post", "projects", { name: 7 }],
      ["post", "projects", { name: "x", settings: "none" }],
      ["post", "tasks", { name: "x", project: "x", app: 3 }],
      ["post", "tasks", { name: "x", project: project.id, app: `${project.id}/none`, inputs: [1] }],
      ["post", "files", { name: "a\u0000b", type: "FOLDER", project: project.id }],
      ["post", "upload/multipart", { name: "x", size: -1, project: project.id }],
      ["patch", `projects/${project.id}`, { tags: { a: 1 } }],
      ["patch", `projects/${project.id}`, { settings: { location: "mars" } }],
      ["put", `files/${project.root_folder}/tags`, ["x"]],
      ["delete", `files/${project.root_folder}`],
      ["delete", `projects/${project.id}/members/ana`],
    ];
    for (const [method, path, body] of mistakes) {
      // The client itself refuses an answer of 500 and more, and an error that is no JSON object with a message.
      const reply = await ana[method](path, body as object & Record<string, string>);
      assert.ok(reply.status >= 400, `${method} ${path} was answered with ${reply.status}`);
    }
  });

  test("a body that is no JSON is refused as such, a wrong media type as such", async () => {
    const headers = { "X-SBG-Auth-Token": platform.tokens.ana };
    const url = `${platform.url}/projects`;
    const broken = await send("POST", url, "{", { ...headers, "Content-Type": "application/json" });
    assert.deepEqual([broken.status, broken.body.code], [400, 90009]);
    const xml = await send("POST", url, "<name/>", { ...headers, "Content-Type": "application/xml" });
    assert.deepEqual([xml.status, xml.body.code], [415, 90008]);
  });

  test("503 has code 0 on every path while the platform is closed, and scripts go on when it opens", async () => {
    const operator = `${platform.url.replace(/\/v2$/, "")}/operator/maintenance/platform`;
    const headers = { "X-SBG-Auth-Token": platform.tokens.ana };
    await send("PUT", operator, undefined, headers);
    try {
      for (const path of ["/user/", "/projects", "/no/such/path", "/rate_limit", "/"]) {
        const { status, body, headers: answered } = await send("GET", platform.url + path, undefined, headers);
        assert.deepEqual([status, body.status, body.code], [503, 503, 0], path);
        assert.match(answered["content-type"]!, /^application\/json/);
      }
    } finally {
      await send("DELETE", operator, undefined, headers);
    }
    assert.equal((await ana.get("user/")).body.username, "ana");
  });

  test("writes are never redirected: a slash at the end is the same address", async () => {
    const project = await newProject();
    assert.equal((await ana.patch(`projects/${project.id}/`, { description: "slash" })).body.description, "slash");
    assert.equal((await ana.post("projects/", { name: newName() })).status, 200);
    assert.equal((await ana.delete(`projects/${project.id}/`)).status, 204);
  });
});
