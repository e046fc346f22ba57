import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { send } from "./r-client.ts";
import { ana, COUNT_WORDS, ended, newProject, upload } from "./story.ts";

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

  test("an app is copied and synced", async () => {
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

  test("folders are copied in the background, and the job is followed by its link", async () => {
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
