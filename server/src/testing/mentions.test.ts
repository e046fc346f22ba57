import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { OPERATIONS, type Operations } from "@causeway/contract";
import { keyOf, NAMES_A_THING, PLAIN, textsOf, WHOLE } from "./mentions/body-texts.ts";
import { createWorld, type World } from "./world.ts";

// Whatever a body mentions that the caller may not read is as if it were not there: the whole answer is the same as for
// an id that nothing ever had.

/** Somebody's things, or ids of the same forms that nothing has. */
interface Things {
  project: string;
  file: string;
  folder: string;
  app: string;
  task: string;
  team: string;
  division: string;
}

const NEVER: Things = {
  project: "ana/atoll",
  file: "0123456789abcdef01234567",
  folder: "76543210fedcba9876543210",
  app: "ana/atoll/none",
  task: "12345678-1234-4234-8234-123456789abc",
  team: "12345678-1234-4234-8234-123456789abd",
  division: "nowhere",
};

let world: World;
let hers: Things;
let own: Things;
let count = 0;
const fresh = () => `thing-${++count}`;

before(async () => {
  world = await createWorld();
  await world.token("atlas/head", "ADMIN");
  await world.token("borealis/mallory", "ADMIN");
  hers = await thingsOf("ana", "secret");
  own = await thingsOf("borealis/mallory", "plain");
  const team = await world.post("atlas/head", "/teams", { name: "Divers", division: "atlas" });
  hers = { ...hers, team: team.body.id, division: "atlas" };
});
after(() => world.close());

const TOOL = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  baseCommand: "true",
  inputs: {
    one: { type: "File?", secondaryFiles: [{ pattern: ".bai", required: false }] },
    many: "File[]?",
    nested: { type: ["null", { type: "array", items: { type: "array", items: "File" } }] },
    folder: "Directory?",
    record: { type: ["null", { type: "record", name: "r", fields: { f: "File?", d: "Directory?", l: "File[]?" } }] },
    any: "Any?",
  },
  outputs: {},
};

async function thingsOf(user: string, word: string): Promise<Things> {
  const { id: project } = await world.project(user, "Reef");
  const { id: file } = await world.file(user, project, `${word} name.bam`, "many secret bytes");
  await world.file(user, project, `${word} name.bam.bai`);
  const { body: folder } = await world.post(user, "/files", { name: `${word} folder`, type: "folder", project });
  await world.file(user, folder.id, `inner ${word}.txt`);
  await world.patch(user, `/files/${file}/metadata`, { sample_id: `${word} sample` });
  await world.post(user, `/apps/${project}/tool/raw`, TOOL);
  const { body: task } = await world.post(user, "/tasks", { project, app: `${project}/tool`, name: `${word} task` });
  return { project, file, folder: folder.id, app: `${project}/tool`, task: task.id, team: "", division: "" };
}

type Call = { params?: Record<string, string>; query?: string; body: unknown };
/** How each operation is called so that all but the thing mentioned is the caller's own and right. By the way to the text. */
type Cases = { [Id in keyof Operations]?: Record<string, (mentioned: Things) => Call | Promise<Call>> };

const ownFile = async () => (await world.file("borealis/mallory", own.project, fresh())).id as string;
const ownVolume = async (): Promise<string> => {
  const service = { type: "local", bucket: "share" };
  const { body } = await world.post("borealis/mallory", "/storage/volumes", { name: fresh().replace("-", "_"), service });
  return body.id;
};
const ownObject = async () => ({ volume: await ownVolume(), location: "a.txt" });
const [owner, project] = ["borealis", "reef"];
const sendings = {
  "items[]/file": async ({ file }: Things) => ({ body: { items: [{ file, project: own.project, name: "new name" }] } }),
  "items[]/parent": async ({ folder }: Things) => ({ body: { items: [{ file: await ownFile(), parent: folder }] } }),
  "items[]/project": async ({ project }: Things) => ({ body: { items: [{ file: await ownFile(), project }] } }),
};
const edits = {
  "items[]/id": ({ file, folder }: Things) => ({
    body: {
      items: [
        { id: file, name: "mine" },
        { id: folder, tags: ["x"] },
      ],
    },
  }),
};
const copies = {
  project: ({ project: to }: Things) => ({ params: { owner, project, name: "tool", revision: "0" }, body: { project: to } }),
};

const CASES: Cases = {
  createFolder: {
    parent: ({ folder }) => ({ body: { name: fresh(), type: "folder", parent: folder } }),
    project: ({ project }) => ({ body: { name: fresh(), type: "folder", project } }),
  },
  copyFile: {
    parent: ({ folder }) => ({ params: { file: own.file }, body: { parent: folder } }),
    project: ({ project }) => ({ params: { file: own.file }, body: { project } }),
  },
  moveFile: { parent: ({ folder }) => ({ params: { file: own.file }, body: { parent: folder } }) },
  copyFiles: {
    project: ({ project }) => ({ body: { project, file_ids: [own.file] } }),
    "file_ids[]": ({ file, folder }) => ({ body: { project: own.project, file_ids: [file, folder] } }),
  },
  findFileIds: { "": ({ project }) => ({ body: [project, `${project}/secret name.bam`, `${project}/none`] }) },
  startUpload: {
    parent: ({ folder }) => ({ body: { name: fresh(), parent: folder } }),
    project: ({ project }) => ({ body: { name: fresh(), project } }),
  },
  getFiles: { "file_ids[]": ({ file, folder }) => ({ body: { file_ids: [file, folder] } }) },
  deleteFiles: { "file_ids[]": ({ file, folder }) => ({ body: { file_ids: [file, folder] } }) },
  replaceFiles: edits,
  editFiles: edits,
  startCopy: sendings,
  startMove: sendings,
  startDelete: {
    "items[]/file": ({ file, folder }) => ({ body: { items: [{ file }, { file: folder }] } }),
    // Refused whatever they name.
    "items[]/parent": async ({ folder }) => ({ body: { items: [{ file: await ownFile(), parent: folder }] } }),
    "items[]/project": async ({ project }) => ({ body: { items: [{ file: await ownFile(), project }] } }),
  },
  startImport: {
    "destination/project": async ({ project }) => ({ body: { source: await ownObject(), destination: { project } } }),
    "destination/parent": async ({ folder }) => ({ body: { source: await ownObject(), destination: { parent: folder } } }),
  },
  startImports: {
    "items[]/destination/project": async ({ project }) => ({
      body: { items: [{ source: await ownObject(), destination: { project } }] },
    }),
    "items[]/destination/parent": async ({ folder }) => ({
      body: { items: [{ source: await ownObject(), destination: { parent: folder } }] },
    }),
  },
  startExport: {
    "source/file": async ({ file }) => ({
      body: { source: { file }, destination: { volume: await ownVolume(), location: "a.txt" } },
    }),
  },
  startExports: {
    "items[]/source/file": async ({ file }) => ({
      body: { items: [{ source: { file }, destination: { volume: await ownVolume(), location: "a.txt" } }] },
    }),
  },
  createMarker: { file: ({ file }) => ({ body: { file, name: "m", chromosome: "chr1", position: { start: 1, end: 2 } } }) },
  createTask: {
    project: ({ project }) => ({ body: { project, app: own.app } }),
    app: ({ app }) => ({ body: { project: own.project, app } }),
    id: ({ task }) => ({ body: { project: own.project, app: own.app, id: task, name: "t" } }),
  },
  updateTask: {
    project: ({ project }) => ({ params: { task: own.task }, body: { project } }),
    app: ({ app }) => ({ params: { task: own.task }, body: { app } }),
  },
  getTasks: { "task_ids[]": ({ task }) => ({ body: { task_ids: [task] } }) },
  copyApp: copies,
  copyAppRevision: copies,
  addMember: {
    username: ({ team }) => ({ params: { owner, project }, body: { username: team, type: "TEAM", permissions: { read: true } } }),
  },
  createTeam: { division: ({ division }) => ({ body: { name: "t", division } }) },
  addTeamMember: {
    id: async ({ division }) => {
      const { body } = await world.post("borealis/mallory", "/teams", { name: fresh(), division: "borealis" });
      return { params: { team: body.id }, body: { id: `${division}/head` } };
    },
  },
};

/**
 * Where the table of codes tells apart what is not there and what is somebody else's: 4002 and 4006 of the billing group of
 * a project, a UUID. Users are named by those who want them in a project, and searches have a place like lists (13001).
 */
const TOLD_APART = new Set([
  ...["createProject billing_group", "updateProject billing_group", "addMember email", "addVolumeMember username"],
  // 9007 and 9020 of a volume, 9008 and 9005 of a job.
  ...["startImport source/volume", "startImports items[]/source/volume", "getImports import_ids[]"],
  ...["startExport destination/volume", "startExports items[]/destination/volume", "getExports export_ids[]"],
  // 10222 in the result of the job (drs-imports.test.ts).
  ...["startDrsImport items[]/project", "startDrsImport items[]/parent"],
]);

test("every text of every body is known to name a thing, or to name none", () => {
  for (const operation of world.platform.calls.served) {
    for (const path of textsOf(operation)) {
      const key = keyOf(path);
      if (WHOLE.has(operation.id) || PLAIN.has(key)) continue;
      const place = `${operation.id} ${path}`;
      assert.ok(NAMES_A_THING.has(key), `${place}: say in mentions/body-texts.ts what it is`);
      const cases = CASES[operation.id as keyof Operations] ?? {};
      assert.ok(TOLD_APART.has(place) || path in cases, `${place} has no case here`);
    }
  }
});

test("what a body mentions and the caller may not read is as if it were not there", async () => {
  for (const [id, cases] of Object.entries(CASES)) {
    for (const [path, call] of Object.entries(cases)) {
      const [theirs, none] = [
        await answer(id as keyof Operations, call, hers),
        await answer(id as keyof Operations, call, NEVER),
      ];
      assert.deepEqual(theirs, none, `${id} ${path}`);
      assert.doesNotMatch(JSON.stringify(theirs), /secret(?! name\.bam"\])/, `${id} ${path}`);
    }
  }
});

test("a file, wherever in the inputs of a task, is as if it were not there to who may not read it", async () => {
  const File = (path: string, more = {}) => ({ class: "File", path, ...more });
  const Directory = (path: string) => ({ class: "Directory", path });
  const inputs: Record<string, (t: Things) => object> = {
    "a File": ({ file }) => ({ one: File(file) }),
    "a bare id": ({ file }) => ({ one: file }),
    "an id in capitals": ({ file }) => ({ one: file.toUpperCase() }),
    "a folder for a File": ({ folder }) => ({ one: File(folder) }),
    "a file for a Directory": ({ file }) => ({ folder: Directory(file) }),
    "a Directory": ({ folder }) => ({ folder: Directory(folder) }),
    "what R calls a Folder": ({ folder }) => ({ folder: { class: "Folder", path: folder } }),
    "a bare folder": ({ folder }) => ({ folder }),
    "a list": ({ file }) => ({ many: [File(own.file), File(file)] }),
    "one where a list is": ({ file }) => ({ many: File(file) }),
    "a list of lists": ({ file }) => ({ nested: [[File(file)], [file]] }),
    "a field of a record": ({ file, folder }) => ({ record: { f: File(file), d: Directory(folder), l: [File(file)] } }),
    anything: ({ file, folder }) => ({ any: [{ deep: File(file) }, Directory(folder)] }),
    "a companion": ({ file, folder }) => ({ one: File(own.file, { secondaryFiles: [File(file), Directory(folder)] }) }),
    "a companion of a stranger": ({ file }) => ({ one: File(file, { secondaryFiles: [File(own.file)] }) }),
    "with what a reader would know": ({ file }) => ({ one: File(file, { name: "x", size: 1, metadata: { a: "b" } }) }),
  };
  const batches: Record<string, object> = {
    "no batch": {},
    "a batch by item": { batch_input: "many", batch_by: { type: "ITEM" } },
    "a batch by criteria": { batch_input: "many", batch_by: { type: "CRITERIA", criteria: ["metadata.sample_id"] } },
  };
  for (const [where, values] of Object.entries(inputs)) {
    for (const [batched, batch] of Object.entries(batches)) {
      if (batched !== "no batch" && where !== "a list") continue;
      const seen = [];
      for (const things of [hers, NEVER]) seen.push(await lifeOfDraft({ inputs: values(things), ...batch }, things));
      assert.deepEqual(seen[0], seen[1], `${where}, ${batched}`);
      assert.ok(!JSON.stringify(seen).includes("secret"), `${where}, ${batched}`);
    }
  }
});

/** Everything that is answered of a task with these contents: made, read, changed, cloned, run. */
async function lifeOfDraft(contents: { inputs: object }, things: Things): Promise<unknown[]> {
  const say = (method: string, path: string, body?: unknown) => world.send(method, "borealis/mallory", path, body);
  const made = await say("POST", "/tasks?action=run", { project: own.project, app: own.app, name: "draft", ...contents });
  const { body: empty } = await say("POST", "/tasks", { project: own.project, app: own.app, name: "draft" });
  const answers = [
    made,
    await say("GET", `/tasks/${made.body.id}`),
    await say("GET", `/tasks/${made.body.id}/inputs`),
    await say("PATCH", `/tasks/${empty.id}/inputs`, contents.inputs),
    await say("PATCH", `/tasks/${empty.id}`, contents),
    await say("POST", `/tasks/${empty.id}/actions/clone`),
    await say("POST", `/tasks/${empty.id}/actions/run`),
  ];
  return answers.map(({ status, body }) => [status, plain(body, things)]);
}

/** The whole answer but for ids and times. */
async function answer(id: keyof Operations, call: (mentioned: Things) => Call | Promise<Call>, things: Things): Promise<unknown> {
  const operation = OPERATIONS[id];
  const { params = {}, body } = await call(things);
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => params[name]!);
  let answered = await world.send(operation.method, "borealis/mallory", path, body);
  // A job says later what it found.
  while (answered.body?.state && answered.body.state !== "FINISHED")
    answered = await world.get("borealis/mallory", answered.body.href.replace(world.url, ""));
  const { status, headers, body: said } = answered;
  const names = [...headers.keys()].filter((name) => !["date", "content-length"].includes(name));
  return { status, names, body: plain(said, things) };
}

/** The text of an answer without what differs between any two calls: ids of the things, of what was made, times. */
function plain(said: unknown, things: Things): string {
  let text = JSON.stringify(said ?? null);
  for (const [kind, id] of Object.entries(things))
    if (id !== "") text = text.replaceAll(new RegExp(RegExp.escape(id), "gi"), kind);
  return text
    .replace(/thing-\d+/g, "thing")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "time")
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, "uuid")
    .replace(/[0-9a-f]{24}|\d{15,}/gi, "id");
}
