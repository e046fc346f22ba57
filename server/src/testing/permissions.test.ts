import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DRS_OPERATIONS, WEB_OPERATIONS } from "@causeway/contract";
import { abortAll } from "../tasks/testing.ts";
import { ALL_ROWS } from "./permissions/all.ts";
import {
  operationOf,
  type PermissionRow,
  ROLES,
  type Role,
  refusalOf,
  refusedWith,
  type Scene,
  targetOf,
} from "./permissions/rows.ts";
import { createWorld, type World } from "./world.ts";

let scene: Scene;
let world: World;

before(async () => {
  world = await createWorld();
  const project = await world.project("owner");
  for (const role of ROLES) if (role !== "nobody") await world.token(role);
  for (const role of ["read", "copy", "write", "execute", "admin"]) {
    const member = { username: role, permissions: { [role]: true } };
    const { status, body } = await world.post("owner", `/projects/${project.id}/members`, member);
    assert.equal(status, 200, JSON.stringify(body));
  }
  let count = 0;
  scene = { world, project, fresh: () => `thing ${++count}` };
});

after(async () => {
  await abortAll(world, "owner");
  await world.close();
});

for (const row of ALL_ROWS) {
  test(`${row.operation}${row.of ? ` (${row.of})` : ""} answers each kind of user as it should`, async () => {
    const answers: Partial<Record<Role, number>> = {};
    const expected: Partial<Record<Role, number>> = {};
    for (const role of ROLES) {
      answers[role] = await codeFor(row, role);
      expected[role] = expectedFor(row, role);
    }
    assert.deepEqual(answers, expected);
  });
}

test("every operation that is served has its permissions tested", () => {
  // A new token ends the one that the rows come with: sessions.test.ts has it.
  const tested = new Set<string>([...ALL_ROWS.map(({ operation }) => operation), "renewOwnToken"]);
  const served = [
    ...world.platform.calls.served.map(({ id }) => id),
    ...Object.keys(WEB_OPERATIONS),
    ...Object.keys(DRS_OPERATIONS),
  ];
  const untested = served.filter((id) => !tested.has(id));
  assert.deepEqual(untested, [], "add rows in server/src/testing/permissions/");
});

/** The code of the refusal, or the status of success. */
async function codeFor(row: PermissionRow, role: Role): Promise<number> {
  const operation = operationOf(row);
  const { params = {}, query = "", body } = await row.call(scene, role);
  const path = targetOf(operation, params, world);
  if (operation.events) return codeOfStream(path, role);
  const answer = await world.send(operation.method, role === "nobody" ? null : role, path + query, body);
  return answer.status < 300 ? answer.status : refusalOf(operation, answer.body);
}

/** A stream that is opened goes on: its status is all that is wanted. */
async function codeOfStream(url: string, role: Role): Promise<number> {
  const stop = new AbortController();
  const headers = role === "nobody" ? {} : { "x-sbg-auth-token": await world.token(role) };
  const answer = await fetch(url, { headers, signal: stop.signal });
  if (!answer.ok) return ((await answer.json()) as { code: number }).code;
  stop.abort();
  return answer.status;
}

function expectedFor(row: PermissionRow, role: Role): number {
  const operation = operationOf(row);
  if (role === "nobody") return operation.anonymous ? (row.nobody ?? operation.status) : refusedWith(operation, "unauthorized");
  return row.refused[role] ?? operation.status;
}
