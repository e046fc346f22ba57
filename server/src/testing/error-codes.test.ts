import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { API_ERRORS } from "@causeway/contract";
import { ended } from "../tasks/testing.ts";
import { APPS } from "./error-codes/apps.ts";
import { BILLING } from "./error-codes/billing.ts";
import { BROKEN_WORLDS, withoutDatabase, withoutStore } from "./error-codes/broken-worlds.ts";
import type { ErrorCase, Scene } from "./error-codes/error-case.ts";
import { EVERY_CALL } from "./error-codes/every-call.ts";
import { FILES } from "./error-codes/files.ts";
import { PROJECTS } from "./error-codes/projects.ts";
import { SEARCH, SEARCHES } from "./error-codes/searches.ts";
import { TASKS } from "./error-codes/tasks.ts";
import { UPLOADS } from "./error-codes/uploads.ts";
import { USERS } from "./error-codes/users.ts";
import { VOLUME_JOBS } from "./error-codes/volume-jobs.ts";
import { VOLUMES } from "./error-codes/volumes.ts";
import { type Answer, createWorld, type World } from "./world.ts";

// Every code of the published table is raised by a real condition, over HTTP.
interface Row {
  code: number;
  status: number;
  message: string;
}

const TABLE = readFileSync(new URL("../../../contract/testdata/error-codes.tsv", import.meta.url), "utf8");
const ROWS: readonly Row[] = TABLE.trimEnd()
  .split("\n")
  .slice(1)
  .map((line) => line.split("\t"))
  .map(([code, status, , message]) => ({ code: Number(code), status: Number(status), message: message! }));

/** Codes that newer documents add to the table. */
const FURTHER: readonly Row[] = Object.values(API_ERRORS).filter(({ code }) => ROWS.every((row) => row.code !== code));

const CASES: readonly ErrorCase[] = [
  ...EVERY_CALL,
  ...USERS,
  ...PROJECTS,
  ...BILLING,
  ...FILES,
  ...APPS,
  ...TASKS,
  ...UPLOADS,
  ...SEARCHES,
  ...VOLUMES,
  ...VOLUME_JOBS,
  ...BROKEN_WORLDS,
];

let world: World;
let scene: Scene;

before(async () => {
  world = await createWorld();
  const project: string = (await world.project("ana", "Reef")).id;
  await world.token("carla");
  await world.post("ana", `/projects/${project}/members`, { username: "carla", permissions: { read: true } });
  const { id: file } = await world.file("ana", project, "reads.txt");
  const app = `${project}/nap`;
  const seconds = { type: "int?", inputBinding: { position: 1 } };
  const nap = { cwlVersion: "v1.2", class: "CommandLineTool", baseCommand: "true", inputs: { seconds }, outputs: [] };
  assert.equal((await world.post("ana", `/apps/${app}/raw`, nap)).status, 200);
  const { body: draft } = await world.post("ana", "/tasks", { project, app });
  const { body: run } = await world.post("ana", "/tasks?action=run", { project, app });
  const completed = await ended(world, "ana", run.id);
  assert.equal(completed.status, "COMPLETED");
  scene = { world, project, file, app, draft: draft.id, completed: completed.id };
});

after(() => world.close());

for (const { code, begins = "", when, raise } of CASES) {
  test(`${code} is answered when ${when}`, async () => isAnswer(await raise(scene), rowOf(code, begins)));
}

test("every code of the table has a case", () => {
  const raised = new Set(CASES.map(({ code, begins = "" }) => rowOf(code, begins)));
  assert.deepEqual(
    ROWS.filter((row) => !raised.has(row)),
    [],
  );
});

test("while the database is away every service says that it is unavailable, and nothing of the reason", async () => {
  const calls: Record<number, string> = {
    2000: "/users/ana",
    3000: "/projects",
    4000: "/billing/groups",
    5000: "/files?project=ana/reef",
    6000: "/apps",
    7000: "/tasks",
    8000: "/upload/multipart",
  };
  await withoutDatabase(
    (damaged) => damaged.project("ana", "Reef"),
    async (damaged) => {
      for (const [code, path] of Object.entries(calls)) isAnswer(await damaged.get("ana", path), rowOf(Number(code)));
      isAnswer(await damaged.post("ana", "/files/search", SEARCH), rowOf(13000));
    },
  );
});

test("while the blob store is away bytes neither come in nor go out, and then they do again", async () => {
  const start = (name: string) => world.post("ana", "/upload/multipart", { project: scene.project, name });
  const { body: link } = await world.get("ana", `/files/${scene.file}/download_info`);
  const { body: open } = await start("half.txt");
  const { body: part } = await world.get("ana", `/upload/multipart/${open.upload_id}/part/1`);

  isAnswer(await withoutStore(world, () => start("whole.txt")), rowOf(8000));
  isAnswer(await withoutStore(world, () => world.send("PUT", null, part.url, "bytes")), rowOf(8000));
  isAnswer(await withoutStore(world, () => world.get(null, link.url)), rowOf(5000));

  // A disk that is not mounted leaves an empty directory: no file is taken for lost.
  isAnswer(await withoutStore(world, () => world.get(null, link.url), "empty"), rowOf(5000));

  assert.equal((await start("whole.txt")).status, 200);
  assert.equal((await world.get(null, link.url)).body, "bytes of reads.txt");
});

function rowOf(code: number, begins = ""): Row {
  const row = [...ROWS, ...FURTHER].find((each) => each.code === code && each.message.startsWith(begins));
  assert.ok(row, `the table has no code ${code}`);
  return row;
}

function isAnswer({ status, body }: Answer, row: Row): void {
  const { more_info: moreInfo, ...others } = body;
  assert.deepEqual({ http: status, ...others }, { http: row.status, ...row });
  const { protocol, hash } = new URL(moreInfo);
  assert.match(protocol, /^https?:$/);
  assert.equal(hash, `#${row.code}`);
}
