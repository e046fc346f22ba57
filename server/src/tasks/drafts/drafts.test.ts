import assert from "node:assert/strict";
import { test } from "node:test";
import { type World, withWorld } from "../../testing/world.ts";
import { ended } from "../testing.ts";

const ALIGN = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  label: "Align",
  baseCommand: "true",
  inputs: [
    { id: "reads", type: "File[]", secondaryFiles: [".idx"] },
    { id: "reference", type: "Directory?" },
    { id: "mode", type: { type: "enum", symbols: ["fast", "slow"] }, default: "fast" },
    { id: "depth", type: "int" },
    {
      id: "settings",
      type: [
        "null",
        {
          type: "record",
          fields: [
            { name: "a", type: "int?" },
            { name: "b", type: "int?" },
          ],
        },
      ],
    },
  ],
  outputs: [],
};

async function alignIn(world: World) {
  const project = await world.project("mirela");
  await world.post("mirela", `/apps/${project.id}/align/raw`, ALIGN);
  return { project: project.id as string, app: `${project.id}/align` };
}

test(
  "a draft says everything that is wrong with it, and cannot be run until it is right",
  withWorld(async (world) => {
    const draft = await alignIn(world);
    const lonely = await world.file("mirela", draft.project, "lonely.fq");
    const { body: folder } = await world.post("mirela", "/files", { name: "genome", type: "folder", project: draft.project });
    const inputs = {
      reads: [lonely.id, { class: "file", path: folder.id }, { class: "File", path: "0123456789abcdef01234567" }],
      mode: "quick",
      depth: "3",
      extra: 1,
    };
    const made = await world.post("mirela", "/tasks?action=run", { ...draft, inputs });
    assert.equal(made.status, 200);
    assert.equal(made.body.status, "DRAFT");
    assert.deepEqual(made.body.errors.map(({ code, input }: Record<string, string>) => [code, input]).sort(), [
      ["FILE_KIND", "reads[1]"],
      ["FILE_NOT_FOUND", "reads[2]"],
      ["INVALID_ENUM", "mode"],
      ["INVALID_TYPE", "depth"],
      ["MISSING_SECONDARY_FILE", "reads[0]"],
    ]);
    assert.deepEqual(
      made.body.warnings.map(({ code }: Record<string, string>) => code),
      ["UNKNOWN_INPUT"],
    );
    assert.equal((await world.post("mirela", `/tasks/${made.body.id}/actions/run`, null)).body.code, 7024);

    await world.file("mirela", draft.project, "lonely.fq.idx");
    const mended = await world.patch("mirela", `/tasks/${made.body.id}/inputs`, { reads: lonely.id, mode: null, depth: 3.0 });
    assert.deepEqual(mended.body.reads, [{ class: "File", path: lonely.id, name: "lonely.fq", size: lonely.size, metadata: {} }]);
    assert.equal((await world.post("mirela", `/tasks/${made.body.id}/actions/run`, {})).status, 200);
    assert.equal((await ended(world, "mirela", made.body.id)).status, "COMPLETED");
    assert.equal((await world.post("mirela", `/tasks/${made.body.id}/actions/run`)).body.code, 7010);
    assert.equal((await world.delete("mirela", `/tasks/${made.body.id}`)).body.code, 7007);
    assert.equal((await world.post("mirela", `/tasks/${made.body.id}/actions/abort`)).body.code, 7011);
    assert.equal((await world.patch("mirela", `/tasks/${made.body.id}`, { name: "Done", description: null })).body.name, "Done");
    assert.equal((await world.patch("mirela", `/tasks/${made.body.id}`, { description: "x" })).body.code, 7007);
  }),
);

test(
  "changes to a draft merge: inputs by id, records by field, and null clears",
  withWorld(async (world) => {
    const draft = await alignIn(world);
    const { body: task } = await world.post("mirela", "/tasks", {
      ...draft,
      name: "d",
      inputs: { settings: { a: 1, b: 1 }, depth: 4 },
    });
    const { body: changed } = await world.patch("mirela", `/tasks/${task.id}`, {
      inputs: { settings: { b: 2 } },
      description: "why",
    });
    assert.deepEqual(changed.inputs, { reads: null, reference: null, mode: null, depth: 4, settings: { a: 1, b: 2 } });
    assert.equal(changed.description, "why");
    const { body: cleared } = await world.patch("mirela", `/tasks/${task.id}`, { inputs: { depth: null }, name: null });
    assert.equal(cleared.inputs.depth, null);
    assert.equal(cleared.name, "d");
    assert.equal((await world.patch("mirela", `/tasks/${task.id}/inputs`, {})).body.code, 7012);
    assert.equal((await world.patch("mirela", `/tasks/${task.id}`, { app: "x/y/z" })).body.code, 90000);
    assert.equal((await world.delete("mirela", `/tasks/${task.id}`)).status, 204);
    assert.equal((await world.get("mirela", `/tasks/${task.id}`)).body.code, 7002);
  }),
);

test(
  "what a task is made of must be there, and named well",
  withWorld(async (world) => {
    const draft = await alignIn(world);
    const code = async (body: object, query = "") => (await world.post("mirela", `/tasks${query}`, body)).body.code;
    assert.equal(await code({ app: draft.app }), 3006);
    assert.equal(await code({ ...draft, project: "nothing" }), 3012);
    assert.equal(await code({ ...draft, project: "mirela/nothing" }), 3002);
    assert.equal(await code({ project: draft.project }), 7015);
    assert.equal(await code({ ...draft, app: "a/b" }), 7016);
    assert.equal(await code({ ...draft, app: `${draft.project}/nothing` }), 6002);
    assert.equal(await code(draft, "?action=walk"), 7013);
    assert.equal(await code(draft, "?action="), 7014);
    assert.equal(await code({ ...draft, inputs: [] }), 90000);
    assert.equal((await world.get("mirela", "/tasks/nothing")).body.code, 7005);
    assert.equal((await world.get("mirela", "/tasks//inputs")).body.code, 7004);
    assert.equal((await world.get("mirela", "/tasks?status=sleeping")).body.code, 7006);
    assert.equal((await world.get("stranger", "/tasks")).headers.get("x-total-matching-query"), "0");

    await world.post("mirela", `/apps/${draft.project}/flow/raw`, {
      class: "nextflow",
      cwlVersion: "None",
      inputs: [],
      outputs: [],
    });
    assert.equal(await code({ ...draft, app: `${draft.project}/flow` }), 7017);
  }),
);

test(
  "of several things that are wrong with a new task the first is named: project, app, batching, inputs",
  withWorld(async (world) => {
    const draft = await alignIn(world);
    const code = async (body: object) => (await world.post("mirela", "/tasks", body)).body.code;
    const wrong = { app: "a/b", batch_input: "", batch_by: { type: "weather" }, inputs: [] };
    assert.equal(await code({ ...wrong, project: "" }), 3006);
    assert.equal(await code({ ...wrong, project: "nothing" }), 3012);
    assert.equal(await code({ ...wrong, project: "mirela/nothing" }), 3002);
    assert.equal(await code({ ...wrong, project: draft.project }), 7016);
    assert.equal(await code({ ...wrong, project: draft.project, app: `${draft.project}/nothing` }), 6002);
    assert.equal(await code({ ...wrong, ...draft }), 7018);
    assert.equal(await code({ ...wrong, ...draft, batch_input: "reads" }), 7020);
    assert.equal(await code({ ...draft, batch_by: { type: "CRITERIA" }, inputs: [] }), 7019);
    assert.equal(await code({ ...draft, batch_input: "reads", inputs: [] }), 7023);
    assert.equal(await code({ ...draft, inputs: [] }), 90000);
    assert.equal((await world.get("mirela", "/tasks")).headers.get("x-total-matching-query"), "0");
  }),
);

test(
  "a task that nobody pays for is refused, and stays a draft that can be run when somebody does",
  withWorld(async (world) => {
    const project = await world.project("mirela");
    await world.post("mirela", `/apps/${project.id}/nap/raw`, { ...ALIGN, inputs: [] });
    const group = new URL(`/operator/billing-groups/${project.billing_group}`, world.url).href;
    await world.send("PATCH", "admin", group, { disabled: true });
    const nap = { project: project.id, app: `${project.id}/nap` };
    const refused = await world.post("mirela", "/tasks?action=run", nap);
    assert.deepEqual([refused.status, refused.body.code], [403, 4001]);
    const { body: list } = await world.get("mirela", "/tasks?fields=id,status");
    assert.deepEqual(
      list.items.map(({ status }: { status: string }) => status),
      ["DRAFT"],
    );
    assert.equal((await world.post("mirela", `/tasks/${list.items[0].id}/actions/run`)).body.code, 4001);
    await world.send("PATCH", "admin", group, { disabled: false });
    await world.post("mirela", `/tasks/${list.items[0].id}/actions/run`);
    assert.equal((await ended(world, "mirela", list.items[0].id)).status, "COMPLETED");
  }),
);

test(
  "the tasks of a public project are its members' alone",
  withWorld(async (world) => {
    const project = await world.project("admin");
    await world.patch("admin", `/projects/${project.id}`, { category: "PUBLIC" });
    await world.post("admin", `/apps/${project.id}/align/raw`, ALIGN);
    const { body: task } = await world.post("admin", "/tasks", { project: project.id, app: `${project.id}/align` });
    for (const path of [`/tasks?project=${project.id}`, `/projects/${project.id}/tasks`, `/tasks/${task.id}`]) {
      const { status, body } = await world.get("stranger", path);
      assert.deepEqual([path, status, body.code], [path, 403, 7001]);
      assert.equal((await world.get("admin", path)).status, 200);
    }
  }),
);

test(
  "aborting a task ends its processes, and its clone can be run",
  withWorld(async (world) => {
    const project = await world.project("mirela");
    const sleeper = {
      cwlVersion: "v1.2",
      class: "CommandLineTool",
      baseCommand: ["sh", "-c", "sleep 1000 & sleep 1000"],
      inputs: [],
      outputs: [],
    };
    await world.post("mirela", `/apps/${project.id}/sleep/raw`, sleeper);
    const { body: task } = await world.post("mirela", "/tasks?action=run", { project: project.id, app: `${project.id}/sleep` });
    for (;;) {
      const { body } = await world.get("mirela", `/tasks/${task.id}/execution_details`);
      if (body.jobs[0]?.status === "RUNNING") break;
      await new Promise((wake) => setTimeout(wake, 20));
    }
    const { body: aborting } = await world.post("mirela", `/tasks/${task.id}/actions/abort`, null);
    assert.ok(["ABORTING", "ABORTED"].includes(aborting.status));
    const aborted = await ended(world, "mirela", task.id);
    assert.equal(aborted.status, "ABORTED");
    const { body: details } = await world.get("mirela", `/tasks/${task.id}/execution_details`);
    assert.equal(details.jobs[0].status, "ABORTED");

    const { body: clone } = await world.post("mirela", `/tasks/${task.id}/actions/clone`, null);
    assert.equal(clone.status, "DRAFT");
    assert.notEqual(clone.id, task.id);
    assert.equal((await world.post("mirela", `/tasks/${task.id}/actions/dance`)).body.code, 7013);
    assert.equal((await world.post("mirela", `/tasks/${task.id}/actions/`)).body.code, 7014);
  }),
);

test(
  "several tasks are got with one call, each with its own answer",
  withWorld(async (world) => {
    const draft = await alignIn(world);
    const { body: task } = await world.post("mirela", "/tasks", draft);
    const ids = [task.id, "nothing", "", "3f6d2b1e-8c40-4a57-9f0e-52a7b1c9d304", task.id.toUpperCase()];
    const { status, body } = await world.post("mirela", "/bulk/tasks/get", { task_ids: ids });
    assert.equal(status, 200);
    assert.deepEqual(
      body.items.map(({ resource, error }: { resource?: object; error?: { status: number; code: number } }) =>
        error ? [error.status, error.code] : resource,
      ),
      [task, [400, 7005], [400, 7004], [404, 7002], task],
    );
    const strangers = await world.post("ben", "/bulk/tasks/get", { task_ids: [task.id] });
    assert.deepEqual(strangers.body.items[0].error.code, 7002);
    for (const task_ids of [[], Array.from({ length: 101 }, () => task.id), undefined]) {
      assert.equal((await world.post("mirela", "/bulk/tasks/get", { task_ids })).body.code, 90000);
    }
  }),
);

test(
  "execution settings are kept as given, and what no platform could do is an error of the draft",
  withWorld(async (world) => {
    const draft = await alignIn(world);
    const { body: task } = await world.post("mirela", "/tasks", draft);
    const settingsErrors = async (execution_settings: object) =>
      (await world.patch("mirela", `/tasks/${task.id}`, { execution_settings })).body.errors.filter(
        ({ code }: { code: string }) => code === "EXECUTION_SETTINGS",
      ).length;
    assert.equal(await settingsErrors({ instance_type: "c5.4xlarge; ebs-gp2 ;700", use_memoization: true }), 0);
    assert.equal(await settingsErrors({ instance_type: "abacus.xlarge" }), 1);
    assert.equal(await settingsErrors({ instance_type: ["c5.4xlarge", "abacus", "c4.2xlarge;ebs-gp2"] }), 2);
    assert.equal(await settingsErrors({ instance_type: "AUTO", max_parallel_instances: 0 }), 1);
    assert.equal(await settingsErrors({ max_parallel_instances: 3 }), 0);
    const { body: kept } = await world.get("mirela", `/tasks/${task.id}`);
    assert.deepEqual(kept.execution_settings, { instance_type: "AUTO", use_memoization: true, max_parallel_instances: 3 });
  }),
);

const MANY = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  baseCommand: "true",
  inputs: [
    { id: "numbers", type: "int[]?" },
    { id: "more", type: "int[]?" },
    { id: "rest", type: "Any?" },
    {
      id: "records",
      type: [
        "null",
        { type: "array", items: { type: "record", fields: [..."abcdefghij"].map((name) => ({ name, type: "int?" })) } },
      ],
    },
  ],
  outputs: [],
};

/** A draft of `MANY` in a project of Mirela's. */
async function manyIn(world: World) {
  const project = (await world.project("mirela")).id as string;
  await world.post("mirela", `/apps/${project}/many/raw`, MANY);
  return { project, app: `${project}/many` };
}

test(
  "of very many problems the first are told, and how many more there are",
  withWorld(async (world) => {
    const draft = await manyIn(world);
    const unknown = Object.fromEntries(Array.from({ length: 1500 }, (_, index) => [`u${index}`, 1]));
    const inputs = { numbers: Array(3000).fill("x"), ...unknown };
    const { errors, warnings } = (await world.post("mirela", "/tasks", { ...draft, inputs })).body;
    assert.deepEqual([errors.length, warnings.length], [1001, 1001]);
    assert.equal(errors[999].message, `'numbers[999]' is "x", and int is needed.`);
    assert.equal(errors[1000].message, "2000 more problems are not listed.");
    assert.equal(warnings[1000].message, "500 more problems are not listed.");
  }),
);

test(
  "a task has no more values than a body may have, neither after several changes nor by the fields of records",
  withWorld(
    async (world) => {
      const draft = await manyIn(world);
      const numbers = Array(600).fill(1);
      const { body: task } = await world.post("mirela", "/tasks", { ...draft, inputs: { numbers } });
      assert.deepEqual(task.errors, []);
      const refused = async (answer: ReturnType<World["post"]>) => {
        const { status, body } = await answer;
        assert.deepEqual([status, body.code], [400, 90000]);
        assert.match(body.more_info, /more.+values.+than.+1%2C000.+CAUSEWAY_BODY_VALUES/);
      };
      await refused(world.patch("mirela", `/tasks/${task.id}`, { inputs: { more: numbers } }));
      await refused(world.patch("mirela", `/tasks/${task.id}`, { inputs: { rest: { list: numbers } } }));
      await refused(world.patch("mirela", `/tasks/${task.id}/inputs`, { more: numbers }));
      await refused(world.post("mirela", "/tasks", { ...draft, inputs: { records: Array(100).fill({}) } }));
      const { body: kept } = await world.get("mirela", `/tasks/${task.id}`);
      assert.deepEqual([kept.inputs.numbers.length, kept.inputs.more], [600, null]);
      const replaced = await world.patch("mirela", `/tasks/${task.id}`, { inputs: { numbers: null, more: numbers } });
      assert.equal(replaced.status, 200);
    },
    { bodyValues: 1000 },
  ),
);
