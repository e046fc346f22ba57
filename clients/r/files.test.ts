import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { send } from "./r-client.ts";
import { ana, newProject, upload } from "./story.ts";

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
