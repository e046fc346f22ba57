import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { type DevPlatform, startDevPlatform } from "../dev-platform.ts";
import { RClient, type Reply, send } from "./r-client.ts";

let platform: DevPlatform;
let ana: RClient;
let ben: RClient;

before(async () => {
  platform = await startDevPlatform();
  ana = new RClient(platform.url, platform.tokens.ana);
  ben = new RClient(platform.url, platform.tokens.ben);
});
after(() => platform.stop());

describe("users and billing", () => {
  test("the caller is asked for with a slash at the end, and has a role", async () => {
    const { body } = await ana.get("user/");
    assert.equal(body.username, "ana");
    assert.equal(typeof body.role, "string");
  });

  test("the root takes the parameters of a list, and needs no token", async () => {
    const { body } = await ana.get("");
    assert.equal(body.user_url, `${platform.url}/user`);
    assert.equal((await send("GET", `${platform.url}/`, undefined, {})).status, 200);
  });

  test("the rate limit is told in numbers, and its reset in seconds", async () => {
    const { body, headers } = await ana.get("rate_limit");
    assert.ok(Number.isInteger(body.rate.reset));
    assert.match(headers["x-ratelimit-reset"] as string, /^\d{10}$/);
    // R reads `instance_limit` as `instance`: a second key that begins so would be taken for it.
    assert.deepEqual(Object.keys(body), ["rate", "instance_limit"]);
  });

  test("billing groups are listed with the header of advance access", async () => {
    const { status, body } = await send("GET", `${platform.url}/billing/groups?limit=50&offset=0&fields=_all`, undefined, {
      "X-SBG-Auth-Token": platform.tokens.ana,
      "X-SBG-advance-access": "advance",
      "Content-Type": "application/json",
    });
    assert.equal(status, 200);
    assert.equal(body.items[0].owner, "ana");
    assert.equal(typeof body.items[0].balance.amount, "number");
  });

  test("either kind of token is taken in either header", async () => {
    const bearer = await send("GET", `${platform.url}/user/`, undefined, { Authorization: `Bearer ${platform.tokens.ana}` });
    assert.equal(bearer.body.username, "ana");
    const both = { Authorization: "Bearer x", "X-SBG-Auth-Token": platform.tokens.ana };
    assert.equal((await send("GET", `${platform.url}/user/`, undefined, both)).body.username, "ana");
  });
});

describe("projects", () => {
  test("a project is created out of NULLs, changed without a query, and deleted with an empty body", async () => {
    const name = newName();
    const { body: project } = await ana.post("projects", {
      name,
      billing_group: null,
      description: name,
      tags: null,
      settings: {
        locked: false,
        controlled: false,
        location: null,
        use_interruptible_instances: true,
        use_memoization: false,
        use_elastic_disk: false,
        intermediate_files: { retention: "LIMITED", duration: 24 },
      },
    });
    assert.equal(project.name, name);
    assert.deepEqual(project.tags, []);
    const { body: changed } = await ana.patch(`projects/${project.id}`, { description: "new", tags: "one" });
    assert.deepEqual([changed.description, changed.tags, changed.name, changed.id], ["new", ["one"], name, project.id]);
    const { body: flags } = await ana.patch(`projects/${project.id}`, { settings: { use_memoization: "TRUE" } });
    assert.equal(flags.settings.use_memoization, true);
    assert.equal((await ana.delete(`projects/${project.id}`)).status, 204);
    assert.equal((await ana.get(`projects/${project.id}`)).body.code, 3002);
    assert.equal((await ana.delete(`projects/${project.id}`)).body.code, 3002);
  });

  test("pages follow each other by their links, however R takes these apart", async () => {
    const word = `Über+Moss, a/b: ${newName()}`;
    for (let number = 0; number < 5; number++)
      await ana.post("projects", { name: `${word} ${number}`, tags: ["r one", "r two"] });
    const first = await ana.get("projects", { limit: 2, name: word.slice(0, 4), tags: ["r one", "r two"] });
    assert.equal(first.body.items.length, 2);
    assert.ok(first.body.items[0].settings, "R asks for all fields of every item");
    const found = await ana.all(first);
    assert.equal(found.length, Number(first.headers["x-total-matching-query"]));
    assert.equal(new Set(found.map(({ id }) => id)).size, found.length);
    assert.equal((await ana.follow(first.body.href)).body.items.length, 2);
  });

  test("links name the port that the platform serves on, which R forgets: R's paging needs port 80 or 443", async () => {
    const { body } = await ana.get("projects", { limit: 1 });
    assert.equal(new URL(body.href).port, new URL(platform.url).port);
  });

  test("members come and go, and their permissions are five booleans", async () => {
    const project = await newProject();
    const permissions = { read: true, copy: true, write: false, execute: false, admin: false };
    const { body: member } = await ana.post(`projects/${project.id}/members`, {
      username: "ben",
      email: null,
      type: "USER",
      permissions,
    });
    assert.equal(member.username, "ben");
    const { body: changed } = await ana.patch(`projects/${project.id}/members/ben/permissions`, { write: true, copy: false });
    assert.deepEqual(changed, { ...permissions, write: true, copy: false });
    const members = await ana.get(`projects/${project.id}/members`);
    assert.equal(members.headers["x-total-matching-query"], "2");
    assert.equal((await ana.delete(`projects/${project.id}/members/ben`)).status, 204);
    assert.equal((await ben.get(`projects/${project.id}`)).body.code, 3001);
  });
});

describe("files", () => {
  test("a project's files are listed by the alias, and its links by the canonical address", async () => {
    const project = await newProject();
    for (const name of ["a", "b", "c"]) await ana.post("files", { name, type: "FOLDER", project: project.id, parent: null });
    const first = await ana.get(`projects/${project.id}/files`, { limit: 2 });
    assert.deepEqual((await ana.all(first)).map(({ name }) => name).sort(), ["a", "b", "c"]);
    assert.deepEqual(
      first.body.items.map(({ type }: { type: string }) => type),
      ["folder", "folder"],
    );
  });

  test("an upload reports its parts with quotes around their tags, and all of them again at the end", async () => {
    const project = await newProject();
    const file = await upload(project.id, "reads.txt", ["ACGT".repeat(5), "TTTT"]);
    assert.deepEqual([file.name, file.size, file.type], ["reads.txt", 24, "file"]);
    const { body: link } = await ana.get(`files/${file.id}/download_info`);
    assert.equal((await send("GET", link.url, undefined, {})).body, `${"ACGT".repeat(5)}TTTT`);
  });

  test("an upload is looked at and aborted", async () => {
    const project = await newProject();
    const { body: started } = await ana.post(
      "upload/multipart",
      { name: "x", size: 1, part_size: 5_242_880, project: project.id },
      { overwrite: "FALSE" },
    );
    const { body: info } = await ana.get(`upload/multipart/${started.upload_id}`, { list_parts: "TRUE" });
    assert.deepEqual([info.uploaded_parts_count, info.parts, info.parent], [0, [], project.root_folder]);
    const { body: ongoing } = await ana.get("upload/multipart");
    assert.ok(ongoing.items.some((one: { upload_id: string }) => one.upload_id === started.upload_id));
    assert.equal((await ana.delete(`upload/multipart/${started.upload_id}`)).status, 204);
    assert.equal((await ana.get(`upload/multipart/${started.upload_id}`)).body.code, 8003);
  });

  test("metadata and tags come back whole, and nothing is added to them", async () => {
    const project = await newProject();
    const file = await upload(project.id, "a.txt", ["x"]);
    const path = `files/${file.id}`;
    assert.deepEqual((await ana.patch(`${path}/metadata`, { sample_id: "S1" })).body, { sample_id: "S1" });
    assert.deepEqual((await ana.patch(`${path}/metadata`, { library_id: "L1" })).body, { sample_id: "S1", library_id: "L1" });
    assert.deepEqual((await ana.put(`${path}/metadata`, { species: "Mus musculus" })).body, { species: "Mus musculus" });
    const { body: metadata, headers } = await ana.get(`${path}/metadata`);
    assert.deepEqual(metadata, { species: "Mus musculus" });
    assert.equal(headers["x-total-matching-query"], undefined);
    assert.deepEqual((await ana.put(`${path}/tags`, ["one", "two"])).body, ["one", "two"]);
    assert.deepEqual((await ana.put(`${path}/tags`, {})).body, []);
    const { body: updated } = await ana.patch(path, { name: "b.txt", tags: "single", metadata: { sample_id: "S2" } });
    assert.deepEqual([updated.name, updated.tags, updated.metadata], ["b.txt", ["single"], { sample_id: "S2" }]);
  });

  test("copies and moves take a NULL for the name", async () => {
    const [project, other] = [await newProject(), await newProject()];
    const file = await upload(project.id, "a.txt", ["x"]);
    const { body: copy } = await ana.post(`files/${file.id}/actions/copy`, { project: other.id, name: null });
    assert.deepEqual([copy.name, copy.project], ["a.txt", other.id]);
    assert.notEqual(copy.id, file.id);
    const { body: folder } = await ana.post("files", { name: "f", type: "FOLDER", project: null, parent: project.root_folder });
    const { body: moved } = await ana.post(`files/${file.id}/actions/move`, { parent: folder.id, name: null });
    assert.deepEqual([moved.id, moved.parent], [file.id, folder.id]);
    assert.equal((await ana.get(`files/${folder.id}/list`)).body.items[0].id, file.id);
    assert.equal((await ana.delete(`files/${file.id}`)).status, 204);
  });

  test("files are found by what R's lists of filters say", async () => {
    const project = await newProject();
    await upload(project.id, "a.txt", ["x"]);
    const b = await upload(project.id, "b.txt", ["x"]);
    await ana.patch(`files/${b.id}`, { metadata: { sample_id: "S 1" }, tags: ["t 1"] });
    const names = async (query: Record<string, string | string[]>) =>
      (await ana.get("files", { project: project.id, ...query })).body.items.map(({ name }: { name: string }) => name).sort();
    assert.deepEqual(await names({ name: ["a.txt", "b.txt"] }), ["a.txt", "b.txt"]);
    assert.deepEqual(await names({ "metadata.sample_id": "S 1" }), ["b.txt"]);
    assert.deepEqual(await names({ tag: ["t 1"] }), ["b.txt"]);
  });
});

describe("apps", () => {
  test("an app is created, gets a revision after its latest, and is listed without its document", async () => {
    const project = await newProject();
    const { body: raw } = await ana.post(`apps/${project.id}/words/raw`, COUNT_WORDS);
    const { body: app } = await ana.get(`apps/${raw["sbg:id"]}`);
    assert.equal(app.id, `${project.id}/words/0`);
    const next = app.raw["sbg:latestRevision"] + 1;
    await ana.post(`apps/${project.id}/words/${next}/raw`, { ...COUNT_WORDS, label: "Better" });
    const { body: latest } = await ana.get(`apps/${project.id}/words`);
    assert.deepEqual([latest.revision, latest.name], [1, "Better"]);
    assert.equal((await ana.get(`apps/${project.id}/words/0`)).body.name, "Count words");

    const { body: list } = await ana.get("apps", { project: project.id, fields: "!raw", visibility: "private" });
    assert.equal(list.items[0].id, `${project.id}/words/1`);
    assert.equal("raw" in list.items[0], false);
    assert.equal(list.items[0].name, "Better");
  });

  test("an app that does not exist is not found, for R and for its people", async () => {
    const project = await newProject();
    assert.equal((await ana.get(`apps/${project.id}/nothing`)).body.code, 6002);
    assert.equal((await ana.post(`apps/${project.id}/nothing/1/raw`, COUNT_WORDS)).status, 404);
  });

  test("an app is copied and synced", async (t) => {
    if (!(await serves("POST", "/apps/ana/project/app/actions/copy"))) return t.skip("the platform does not copy apps yet");
    const [project, other] = [await newProject(), await newProject()];
    await ana.post(`apps/${project.id}/words/raw`, COUNT_WORDS);
    const copied = { project: other.id, name: null, strategy: "clone" };
    const { body: copy } = await ana.post(`apps/${project.id}/words/actions/copy`, copied);
    assert.match(copy.id, new RegExp(`^${other.id}/words/\\d+$`));
    await ana.post(`apps/${project.id}/words/1/raw`, COUNT_WORDS);
    const { body: synced } = await ana.post(`apps/${other.id}/words/actions/sync`, {});
    assert.equal(synced.revision, copy.revision + 1);
  });
});

describe("tasks", () => {
  test("a draft is made of NULLs, changed piece by piece, run, and its job has logs", async () => {
    const project = await newProject();
    await ana.post(`apps/${project.id}/words/raw`, COUNT_WORDS);
    const text = await upload(project.id, "words.txt", ["one two three"]);
    const { body: draft } = await ana.post(
      "tasks",
      {
        name: "Words",
        project: project.id,
        app: `${project.id}/words`,
        description: null,
        inputs: null,
        batch_input: null,
        batch_by: null,
        use_interruptible_instances: null,
        execution_settings: null,
        output_location: null,
      },
      { batch: "FALSE" },
    );
    assert.deepEqual([draft.status, draft.batch, draft.app], ["DRAFT", false, `${project.id}/words/0`]);
    assert.deepEqual(
      Object.keys(draft).filter((key) => !KNOWN_TO_R.has(key)),
      [],
      "the older R package stops on a key that it does not know",
    );

    const inputs = { text: { class: "File", path: text.id, name: "words.txt" }, stop_words: "a", times: 3 };
    const { body: changed } = await ana.patch(`tasks/${draft.id}`, { inputs });
    assert.deepEqual(changed.errors, []);
    assert.deepEqual([changed.inputs.stop_words, changed.inputs.times], [["a"], 3]);
    const { body: started } = await ana.post(`tasks/${draft.id}/actions/run`, {}, { use_interruptible_instances: "FALSE" });
    assert.ok(["QUEUED", "RUNNING", "COMPLETED"].includes(started.status));
    const task = await ended(draft.id);
    assert.equal(task.status, "COMPLETED");
    assert.match(task.outputs.report.path, /^[0-9a-f]{24}$/);

    const { body: details } = await ana.get(`tasks/${draft.id}/execution_details`);
    const log = details.jobs[0].logs["cmd.log"];
    assert.match((await send("GET", (await ana.follow(log)).body.url, undefined, {})).body, /wc/);

    // R sends a NULL for the description along with a new name.
    assert.equal((await ana.patch(`tasks/${draft.id}`, { name: "Renamed", description: null })).body.name, "Renamed");
    const { body: clone } = await ana.post(`tasks/${draft.id}/actions/clone`);
    assert.deepEqual([clone.status, clone.batch], ["DRAFT", false]);
    assert.equal((await ana.delete(`tasks/${clone.id}`)).status, 204);
  });

  test("a running task is aborted by a POST with an empty object", async () => {
    const project = await newProject();
    await ana.post(`apps/${project.id}/sleep/raw`, SLEEP);
    const given = { name: "Sleep", project: project.id, app: `${project.id}/sleep`, inputs: { seconds: 600 } };
    const { body: task } = await ana.post("tasks", given, { action: "run" });
    assert.ok(["ABORTING", "ABORTED"].includes((await ana.post(`tasks/${task.id}/actions/abort`)).body.status));
    assert.equal((await ended(task.id)).status, "ABORTED");
  });

  test("tasks are listed with blanks in times and orders in any case", async () => {
    const project = await newProject();
    await ana.post(`apps/${project.id}/sleep/raw`, SLEEP);
    for (const name of ["a", "b"]) await ana.post("tasks", { name, project: project.id, app: `${project.id}/sleep` });
    const { body } = await ana.get("tasks", {
      project: project.id,
      status: "draft",
      order_by: "name",
      order: "DESC",
      created_from: "2026-01-01 00:00:00",
      batch: "FALSE",
    });
    assert.deepEqual(
      body.items.map(({ name }: { name: string }) => name),
      ["b", "a"],
    );
  });
});

describe("many at once", () => {
  test("a batch is created with its criterion alone, not in a list, and runs a task for each group", async () => {
    const project = await newProject();
    await ana.post(`apps/${project.id}/words/raw`, COUNT_WORDS);
    const files = [await upload(project.id, "1.txt", ["one"]), await upload(project.id, "2.txt", ["one two"])];
    for (const [index, { id }] of files.entries()) await ana.patch(`files/${id}/metadata`, { sample_id: `S${index}` });
    const { body: draft } = await ana.post(
      "tasks",
      {
        name: "Batch",
        project: project.id,
        app: `${project.id}/words/0`,
        description: null,
        batch_input: "text",
        batch_by: { type: "CRITERIA", criteria: "metadata.sample_id" },
        inputs: { text: files.map(({ id }) => ({ class: "File", path: id })) },
      },
      { batch: "TRUE" },
    );
    assert.deepEqual([draft.status, draft.batch, draft.batch_by.criteria], ["DRAFT", true, ["metadata.sample_id"]]);
    await ana.post(`tasks/${draft.id}/actions/run`, {}, { batch: "TRUE" });
    const batch = await ended(draft.id);
    assert.equal(batch.status, "COMPLETED");
    const { body: children } = await ana.get("tasks", { parent: draft.id, order_by: "name", order: "asc" });
    assert.deepEqual(
      children.items.map(({ batch_group: group }: { batch_group: { value: string } }) => group.value),
      ["S0", "S1"],
    );
    assert.deepEqual(batch.execution_status.completed, 2);
  });

  test("bulk answers hold their items and nothing that R would take for more", async () => {
    const [project, other] = [await newProject(), await newProject()];
    const file = await upload(project.id, "a.txt", ["x"]);
    const absent = "0123456789abcdef01234567";
    const { body: got } = await ana.post("bulk/files/get", { file_ids: [file.id, absent] });
    assert.deepEqual(Object.keys(got), ["items"]);
    assert.equal(got.items[0].resource.id, file.id);
    assert.deepEqual([got.items[1].error.status, got.items[1].error.code], [404, 5002]);
    // A single id arrives without its list.
    assert.equal((await ana.post("bulk/files/get", { file_ids: file.id })).body.items.length, 1);

    const { body: copied } = await ana.post("action/files/copy", { project: other.id, file_ids: [file.id] });
    assert.deepEqual(Object.keys(copied), [file.id]);
    assert.equal((await ana.get(`files/${copied[file.id].new_file_id}`)).body.project, other.id);
  });

  test("folders are copied in the background, and the job is followed by its link", async (t) => {
    if (!(await serves("POST", "/async/files/copy"))) return t.skip("the platform does not work in the background yet");
    const project = await newProject();
    const { body: folder } = await ana.post("files", { name: "f", type: "FOLDER", project: project.id });
    const items = [{ file: folder.id, project: project.id, name: "g" }];
    let { body: job } = await ana.post("async/files/copy", { items });
    assert.equal(job.type, "COPY");
    while (job.state !== "FINISHED") job = (await ana.follow(job.href)).body;
    assert.deepEqual([job.failed_files, job.result.length], [0, 1]);
    assert.equal((await ana.get(`files/${job.result[0].resource.id}`)).body.name, "g");
    assert.ok((await ana.get("async/files")).body.items.some(({ id }: { id: string }) => id === job.id));
  });
});

describe("divisions", () => {
  test("users and teams of a division are looked after by its administrator", async () => {
    const division = `shore-${randomUUID().slice(0, 8)}`;
    await operate("divisions", { id: division, name: "Shore" });
    const olga = new RClient(platform.url, (await operate("users", { username: "olga", division, role: "ADMIN" })).token);
    await operate("users", { username: "mei", division });

    assert.equal((await olga.get("user/")).body.role, "ADMIN");
    assert.equal((await olga.get("divisions/")).body.items[0].id, division);
    assert.equal((await olga.get("users", { division, role: "MEMBER" })).body.items[0].username, `${division}/mei`);

    const { body: team } = await olga.post("teams", { name: "Desk", division });
    assert.equal((await olga.patch(`teams/${team.id}`, { name: "Front desk" })).body.name, "Front desk");
    assert.equal((await olga.get(`divisions/${division}/teams`, { _all: "true" })).body.items[0].name, "Front desk");
    const { body: member } = await olga.post(`teams/${team.id}/members`, { id: `${division}/mei` });
    assert.equal(member.username, `${division}/mei`);
    assert.equal((await olga.delete(`teams/${team.id}/members/${division}/mei`)).status, 204);
    assert.equal((await olga.delete(`teams/${team.id}`)).status, 204);
    assert.equal((await olga.delete(`users/${division}/mei`)).status, 204);
    assert.equal((await olga.get(`users/${division}/mei`)).body.code, 2002);
  });
});

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

const COUNT_WORDS = {
  class: "CommandLineTool",
  cwlVersion: "v1.2",
  label: "Count words",
  baseCommand: ["wc", "-w"],
  inputs: [
    { id: "text", type: "File", inputBinding: { position: 1 } },
    { id: "stop_words", type: ["null", { type: "array", items: "string" }] },
    { id: "times", type: "float?" },
  ],
  outputs: [{ id: "report", type: "stdout" }],
  stdout: "report.txt",
};

const SLEEP = {
  class: "CommandLineTool",
  cwlVersion: "v1.2",
  baseCommand: ["sleep"],
  inputs: [{ id: "seconds", type: "int", inputBinding: { position: 1 } }],
  outputs: [],
};

/** What reference/api/tasks.md §1.1 lists: the older R package builds an object from these keys and no others. */
const KNOWN_TO_R = new Set(
  `href id name project description status app type created_by executed_by created_time start_time end_time batch batch_input
   batch_by batch_group parent execution_status price inputs outputs execution_settings use_interruptible_instances errors
   warnings`.split(/\s+/),
);

const newName = () => `R story ${randomUUID().slice(0, 8)}`;

async function newProject(): Promise<{ id: string; root_folder: string }> {
  return (await ana.post("projects", { name: newName() })).body;
}

/** The parts one after the other, as R's own upload does; the file. */
async function upload(project: string, name: string, parts: string[]): Promise<Reply["body"]> {
  const size = parts.join("").length;
  const { body: started } = await ana.post(
    "upload/multipart",
    { name, size, part_size: 5_242_880, project },
    { overwrite: "FALSE" },
  );
  assert.ok(started.part_size >= 5_242_880, "R refuses smaller parts");
  const path = `upload/multipart/${started.upload_id}`;
  // All bytes fit into one part; R cuts by the part size that it was told.
  const { body: part } = await ana.get(`${path}/part/1`);
  const { headers } = await send("PUT", part.url, parts.join(""), {});
  const tag = headers.etag!;
  assert.match(tag, /^".*"$/);
  const report = { part_number: 1, response: { headers: { ETag: tag } } };
  await ana.post(`${path}/part`, report);
  return (await ana.post(`${path}/complete`, { parts: [report] })).body;
}

/** The task when it has ended; asks again until then. */
async function ended(id: string): Promise<Reply["body"]> {
  for (;;) {
    const { body } = await ana.get(`tasks/${id}`);
    if (["COMPLETED", "FAILED", "ABORTED"].includes(body.status)) return body;
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

/** A call of the operator's API, as an administrator. */
async function operate(what: string, body: object): Promise<Reply["body"]> {
  const url = `${platform.url.replace(/\/v2$/, "")}/operator/${what}`;
  const headers = { "X-SBG-Auth-Token": platform.tokens.ana, "Content-Type": "application/json" };
  const reply = await send("POST", url, JSON.stringify(body), headers);
  assert.equal(reply.status, 200, JSON.stringify(reply.body));
  return reply.body;
}

/** Whether there is such a call: a route that is served refuses a missing token before it looks at anything else. */
async function serves(method: string, path: string): Promise<boolean> {
  const { body } = await send(method, platform.url + path, undefined, {});
  return ![90003, 90006].includes(body.code);
}
