import assert from "node:assert/strict";
import { test } from "node:test";
import { type World, withWorld } from "../testing/world.ts";

const NOBODYS = "6601f0a2c4e5b60012aa0001";

/** [what is wrong, method, path, body (a text is sent as it is), code] */
type Case = [why: string, method: string, path: string, body: unknown, code: number];

/** A project with a file and a folder, and what all of it looks like. */
async function reef(world: World) {
  const project = await world.project("ana");
  const file = await world.file("ana", project.id, "a.bam");
  const folder = (await world.post("ana", "/files", { name: "runs", type: "folder", project: project.id })).body;
  const look = async () => (await world.get("ana", `/files?project=${project.id}&fields=_all`)).body;
  return { project, file, folder, look };
}

/** Sends each case, expects its code, and that nothing has changed. */
async function refuseAll(world: World, cases: readonly Case[], look: () => Promise<unknown>): Promise<void> {
  const before = await look();
  for (const [why, method, path, body, code] of cases) {
    const answer = await world.send(method, "ana", path, body);
    assert.equal(answer.body?.code, code, `${why}: ${method} ${path} answered ${answer.status} ${JSON.stringify(answer.body)}`);
    assert.ok(answer.status < 500, why);
  }
  assert.deepEqual(await look(), before);
}

test(
  "bad bodies of creating folders are refused by their own codes",
  withWorld(async (world) => {
    const { project, file, look } = await reef(world);
    const good = { name: "new", type: "folder", project: project.id };
    const cases: [why: string, body: unknown, code: number][] = [
      ["no type", { ...good, type: undefined }, 5012],
      ["type null", { ...good, type: null }, 5012],
      ["another type", { ...good, type: "file" }, 5012],
      ["type a number", { ...good, type: 1 }, 5012],
      ["no name", { ...good, name: undefined }, 5024],
      ["name null", { ...good, name: null }, 5024],
      ["name empty", { ...good, name: "" }, 5024],
      ["name a number", { ...good, name: 5 }, 5024],
      ["name with a slash", { ...good, name: "a/b" }, 5024],
      ["name with a NUL", { ...good, name: "a\0b" }, 5024],
      ["name with half a character", '{"name":"\\ud83e","type":"folder","project":"ana/reef"}', 5024],
      ["name too long", { ...good, name: "x".repeat(256) }, 5024],
      ["name of the platform's", { ...good, name: "__x" }, 5024],
      ["name a dot directory", { ...good, name: ".." }, 5024],
      ["no place", { ...good, project: undefined }, 5029],
      ["place null", { ...good, project: null, parent: "" }, 5029],
      ["two places", { ...good, parent: project.root_folder }, 5031],
      ["project malformed", { ...good, project: "reef" }, 3012],
      ["project a list", { ...good, project: ["ana/reef"] }, 3012],
      ["project unknown", { ...good, project: "ana/none" }, 3002],
      ["parent unknown", { name: "new", type: "folder", parent: NOBODYS }, 5026],
      ["parent no id", { name: "new", type: "folder", parent: "x" }, 5026],
      ["parent a file", { name: "new", type: "folder", parent: file.id }, 5022],
      ["a list", [good], 90000],
      ["a text", '"folder"', 90000],
      ["null", "null", 90000],
      ["nothing", undefined, 5024],
      ["broken JSON", '{"name":', 90009],
      ["broken UTF-8", Buffer.from([0x7b, 0xff, 0x7d]), 90009],
    ];
    await refuseAll(
      world,
      cases.map(([why, body, code]) => [why, "POST", "/files", body, code]),
      look,
    );
  }),
);

test(
  "bad bodies of changing a file are refused by their own codes",
  withWorld(async (world) => {
    const { file, look } = await reef(world);
    const path = `/files/${file.id}`;
    await refuseAll(
      world,
      [
        ["name null", "PATCH", path, { name: 7 }, 5024],
        ["name with a slash", "PATCH", path, { name: "a/b" }, 5024],
        ["metadata a list", "PATCH", path, { metadata: ["x"] }, 5006],
        ["metadata nested", "PATCH", path, { metadata: { k: { v: 1 } } }, 5006],
        ["metadata key too long", "PATCH", path, { metadata: { ["k".repeat(101)]: "v" } }, 5006],
        ["tags an object", "PATCH", path, { tags: { x: 1 } }, 90000],
        ["tags of lists", "PATCH", path, { tags: [["x"]] }, 90000],
        ["a list", "PATCH", path, ["name"], 90000],
        ["broken JSON", "PATCH", path, "{", 90009],
        ["metadata broken", "PUT", `${path}/metadata`, "{", 90009],
        ["metadata a list", "PUT", `${path}/metadata`, ["k"], 5006],
        ["metadata a number", "PATCH", `${path}/metadata`, "5", 5006],
        ["tags a number", "PUT", `${path}/tags`, "5", 90000],
        ["tags broken", "PUT", `${path}/tags`, "[", 90009],
        ["copy a list", "POST", `${path}/actions/copy`, [], 90000],
        ["copy broken", "POST", `${path}/actions/copy`, "{", 90009],
        ["move a list", "POST", `${path}/actions/move`, [], 90000],
        ["move without a body", "POST", `${path}/actions/move`, undefined, 5029],
        ["move broken", "POST", `${path}/actions/move`, "{", 90009],
      ],
      look,
    );
  }),
);

test(
  "every call on a file tells an unknown id from an empty one, before it looks at the body",
  withWorld(async (world) => {
    const { look } = await reef(world);
    const calls: [method: string, below: string][] = [
      ["GET", ""],
      ["PATCH", ""],
      ["DELETE", ""],
      ["GET", "/download_info"],
      ["GET", "/metadata"],
      ["PATCH", "/metadata"],
      ["PUT", "/metadata"],
      ["GET", "/tags"],
      ["PUT", "/tags"],
      ["POST", "/actions/copy"],
      ["POST", "/actions/move"],
      ["GET", "/list"],
    ];
    const cases = calls.flatMap(([method, below]): Case[] => {
      const body = method === "GET" || method === "DELETE" ? undefined : ["not what it takes"];
      return [
        ["unknown", method, `/files/${NOBODYS}${below}`, body, 5002],
        ["no id of ours", method, `/files/nonsense${below}`, body, 5002],
        ["with a NUL", method, `/files/%00${below}`, body, 5002],
        ["empty", method, `/files//${below.slice(1)}`, body, 5004],
      ];
    });
    await refuseAll(world, cases, look);
  }),
);

test(
  "bodies that are not JSON are refused by their media type, and bodies where none belongs are ignored",
  withWorld(async (world) => {
    const { file, folder, look } = await reef(world);
    const before = await look();
    const calls: [string, string][] = [
      ["POST", "/files"],
      ["PATCH", `/files/${file.id}`],
      ["PATCH", `/files/${file.id}/metadata`],
      ["PUT", `/files/${file.id}/metadata`],
      ["PUT", `/files/${file.id}/tags`],
      ["POST", `/files/${file.id}/actions/copy`],
      ["POST", `/files/${file.id}/actions/move`],
    ];
    for (const [method, path] of calls) {
      const answer = await world.send(method, "ana", path, "name=x", { "content-type": "application/x-www-form-urlencoded" });
      assert.deepEqual([answer.status, answer.body.code], [415, 90008], path);
    }
    assert.deepEqual(await look(), before);
    assert.equal((await world.send("DELETE", "ana", `/files/${folder.id}`, "{}")).status, 204);
    assert.equal(
      (await world.send("DELETE", "ana", `/files/${file.id}`, "no JSON", { "content-type": "text/plain" })).status,
      204,
    );
  }),
);

test(
  "what PostgreSQL cannot keep, in filters and names of projects, finds nothing and breaks nothing",
  withWorld(async (world) => {
    const { project, look } = await reef(world);
    for (const query of ["name=%00", "tag=a%00", "metadata.k=%00", "metadata.%00=x", "origin.task=%00"]) {
      const { status, body } = await world.get("ana", `/files?project=${project.id}&${query}`);
      assert.deepEqual([status, body.items], [200, []], query);
    }
    await refuseAll(
      world,
      [
        ["a project with a NUL", "GET", "/files?project=ana/%00", undefined, 90000],
        ["a project's list", "GET", "/projects/ana/%00/files", undefined, 90000],
        ["a project with a NUL in a body", "POST", "/files", { name: "x", type: "folder", project: "ana/\0" }, 90000],
        ["a method that is not there", "PUT", "/files", {}, 90006],
      ],
      look,
    );
  }),
);
