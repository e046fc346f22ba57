import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { JobError } from "@causeway/cwl";
import { withWorld } from "../../testing/world.ts";
import { ended } from "../testing.ts";
import { blobSources, imageArchives } from "./image-archives.ts";

/** An archive with so many empty files, always the same. */
function tarOf(files: number): Buffer {
  const headers = Array.from({ length: files }, (_, index) => {
    const header = Buffer.alloc(512);
    header.write(`file-${index}`);
    header.write("0000644\u00000000000\u00000000000\u000000000000000\u000000000000000\u0000        0", 100);
    header.write("ustar\u000000", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148);
    return header;
  });
  return Buffer.concat([...headers, Buffer.alloc(1024)]);
}

test(
  "archives of images are files of the task's project; no document opens a path, a URL, a strange file, or builds",
  withWorld(async (world) => {
    const mine = (await world.project("mirela")).id as string;
    const theirs = (await world.project("noor", "Atoll")).id as string;
    const own = await world.file("mirela", mine, "tool.tar", tarOf(3));
    const strange = await world.file("noor", theirs, "secret.tar", "not for others");
    const { taskFiles: files } = world.platform.services;
    const { project_id } = await world.platform.db
      .selectFrom("files")
      .select("project_id")
      .where("id", "=", own.id)
      .executeTakeFirstOrThrow();
    const archives = imageArchives(files, project_id);
    for (const named of [own.id, "tool.tar"])
      for (const field of ["dockerLoad", "dockerImport"] as const) {
        const { [field]: key } = await archives({ [field]: named });
        const limits = { gb: 1, files: 3 };
        assert.deepEqual(await buffer(await blobSources(files, limits).open(key!, "files")), tarOf(3));
        await assert.rejects(
          blobSources(files, { ...limits, files: 2 }).open(key!, "files"),
          /more than 2 files and directories \(CAUSEWAY_IMAGE_FILES\)/,
        );
      }

    const { blob_key } = await world.platform.db
      .selectFrom("files")
      .select("blob_key")
      .where("id", "=", strange.id)
      .executeTakeFirstOrThrow();
    const paths = ["/etc/passwd", "file:///etc/passwd", "http://127.0.0.1/", "../Atoll/secret.tar", "", ".", "-", `./tool.tar`];
    for (const named of [...paths, strange.id, blob_key!, world.directory])
      for (const field of ["dockerLoad", "dockerImport"])
        await assert.rejects(archives({ [field]: named }), (error: Error) => {
          assert.ok(error instanceof JobError, `${named}: ${error.message}`);
          assert.match(error.message, /no file of the project\. Upload the archive/);
          return true;
        });
    await assert.rejects(archives({ dockerFile: "FROM scratch\nADD /etc/passwd /" }), /not built here\. Build it yourself/);
    await assert.rejects(blobSources(files, { gb: 1, files: 10 }).open("/etc/passwd", "files"), /is gone/);
  }),
);

test(
  "a task whose tool names such an image fails with the sentence",
  withWorld(async (world) => {
    const project = (await world.project("mirela")).id as string;
    const tool = (docker: object, n: number) => ({
      cwlVersion: "v1.2",
      class: "CommandLineTool",
      label: `Tool ${n}`,
      requirements: [{ class: "DockerRequirement", ...docker }],
      baseCommand: "true",
      inputs: [],
      outputs: [],
    });
    const images = [{ dockerLoad: "/etc/passwd" }, { dockerImport: "http://127.0.0.1:1/x.tar" }, { dockerFile: "FROM scratch" }];
    for (const [n, docker] of images.entries()) {
      await world.post("mirela", `/apps/${project}/tool${n}/raw`, tool(docker, n));
      const { body } = await world.post("mirela", "/tasks?action=run", { project, app: `${project}/tool${n}`, inputs: {} });
      const task = await ended(world, "mirela", body.id);
      assert.equal(task.status, "FAILED");
      assert.match(task.execution_status.message, /no file of the project|not built here|no container engine/);
    }
  }),
);
