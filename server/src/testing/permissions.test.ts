import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { OPERATIONS } from "@causeway/contract";
import { abortAll } from "../tasks/testing.ts";
import { ALL_ROWS } from "./permissions/all.ts";
import { type PermissionRow, ROLES, type Role, type Scene } from "./permissions/rows.ts";
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
  const tested = new Set<string>(ALL_ROWS.map(({ operation }) => operation));
  const untested = world.platform.calls.served.map(({ id }) => id).filter((id) => !tested.has(id));
  assert.deepEqual(untested, [], "add rows in server/src/testing/permissions/");
});

/** The code of the refusal, or the status of success. */
async function codeFor(row: PermissionRow, role: Role): Promise<number> {
  const operation = OPERATIONS[row.operation];
  const { params = {}, query = "", body } = await row.call(scene, role);
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => params[name]!);
  const answer = await world.send(operation.method, role === "nobody" ? null : role, path + query, body);
  return answer.status < 300 ? answer.status : answer.body.code;
}

function expectedFor(row: PermissionRow, role: Role): number {
  const operation: { status: number; anonymous?: true } = OPERATIONS[row.operation];
  if (role === "nobody") return operation.anonymous ? operation.status : 90001;
  return row.refused[role] ?? operation.status;
}
