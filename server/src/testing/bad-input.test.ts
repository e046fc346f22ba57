import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Operation } from "@causeway/contract";
import { abortAll } from "../tasks/testing.ts";
import { ALL_ROWS } from "./permissions/all.ts";
import { operationOf, type PermissionRow, refusalOf, refusedWith, type Scene, targetOf } from "./permissions/rows.ts";
import { type Answer, createWorld, type World } from "./world.ts";

// Every served operation, called by somebody who may, with input that nobody should send. It answers with an error of
// the table (the world checks that), never with one of ours, and a request that cannot be read changes nothing.
let world: World;
let scene: Scene;

before(async () => {
  world = await createWorld();
  const project = await world.project("owner");
  let count = 0;
  scene = { world, project, fresh: () => `thing ${++count}` };
});
after(async () => {
  await abortAll(world, "owner");
  await world.close();
});

/** One row an operation is enough here. */
const ROWS = [...new Map(ALL_ROWS.map((row) => [row.operation, row])).values()];
const WRONG_VALUES = [{ a: { b: 1 } }, [[1]], "", " ", -1, 1.5, true, "\u0000", "x".repeat(3000), null];

for (const row of ROWS) {
  const operation = operationOf(row);
  const takesBody = ["POST", "PUT", "PATCH", "OPTIONS"].includes(operation.method) && operation.body !== undefined;

  test(`${row.operation} refuses ids that are none`, async () => {
    const { params = {}, query = "", body } = await row.call(scene, "owner");
    for (const name of Object.keys(params)) {
      for (const wrong of ["%00", "%F0%9F%90%9F", "a%20b%3Bc", "0".repeat(600)]) {
        const answer = await send(operation, { ...params, [name]: wrong }, query, body);
        assert.ok(
          [200, 204, 202].includes(answer.status) || (answer.status >= 400 && answer.status < 500),
          `${name}=${wrong}: ${answer.status}`,
        );
      }
    }
  });

  if (!takesBody) continue;
  test(`${row.operation} refuses a body that cannot be read, in the same way everywhere`, async () => {
    const { params = {}, query = "" } = await row.call(scene, "owner");
    const code = async (body: string, type: string) =>
      refusalOf(operation, (await send(operation, params, query, body, { "content-type": type })).body);
    assert.equal(await code('{"torn":', "application/json"), refusedWith(operation, "undecodable"));
    assert.equal(await code("\u00ff\u00fe{}", "application/octet-stream"), refusedWith(operation, "unsupportedMediaType"));
  });

  test(`${row.operation} refuses half a character in each of its texts, as it does what is no text`, async () => {
    for (const field of textsIn(operation.body!)) {
      const codes = [];
      for (const wrong of ["half \ud83e", { a: 1 }]) {
        const { params = {}, query = "", body } = await row.call(scene, "owner");
        const answer = await send(operation, params, query, withValue(body, field, wrong));
        codes.push(answer.body?.code ?? answer.body?.status_code ?? answer.body?.items?.[0]?.error?.code);
        notOurs(answer, { [field.join("/")]: wrong });
      }
      const [half, noText] = codes;
      assert.equal(half, noText, field.join("/"));
    }
  });

  test(`${row.operation} answers values of every wrong kind with an error of the table, or reads them as meant`, async () => {
    const { params = {}, query = "", body } = await row.call(scene, "owner");
    for (const wrong of WRONG_VALUES) {
      notOurs(await send(operation, params, query, wrong), wrong);
      if (typeof body !== "object" || body === null || Array.isArray(body)) continue;
      for (const key of Object.keys(body)) {
        const { params: again = {}, body: right } = await row.call(scene, "owner");
        notOurs(await send(operation, again, query, { ...(right as object), [key]: wrong, unknown: wrong }), { [key]: wrong });
      }
    }
  });
}

/** Where a text of the body is: its keys, `0` for the elements of a list. */
type Field = readonly string[];

interface Shape {
  type?: string;
  properties?: Record<string, Shape>;
  additionalProperties?: boolean | Shape;
  items?: Shape;
  anyOf?: Shape[];
}

/** Every text that the contract names in a body. */
function textsIn(schema: object): Field[] {
  const { type, properties = {}, additionalProperties, items, anyOf = [] } = schema as Shape;
  const below = [
    ...Object.entries(properties),
    ...(typeof additionalProperties === "object" ? [["key", additionalProperties] as const] : []),
    ...(items ? [["0", items] as const] : []),
  ];
  const fields = [
    ...(type === "string" ? [[]] : []),
    ...anyOf.flatMap(textsIn),
    ...below.flatMap(([key, inner]) => textsIn(inner).map((field) => [key, ...field])),
  ];
  return [...new Map(fields.map((field) => [field.join("/"), field])).values()];
}

/** A copy of the body that has `value` there; what is on the way is made. */
function withValue(body: unknown, [step, ...rest]: Field, value: unknown): unknown {
  if (step === undefined) return value;
  const given = typeof body === "object" && body !== null ? body : {};
  if (step === "0") return [withValue((given as unknown[])[0], rest, value), ...(Array.isArray(given) ? given.slice(1) : [])];
  return { ...given, [step]: withValue((given as Record<string, unknown>)[step], rest, value) };
}

function notOurs(answer: Answer, sent: unknown): void {
  assert.ok(
    answer.status < 500,
    `${JSON.stringify(sent)?.slice(0, 200)} was answered ${answer.status} ${JSON.stringify(answer.body)}`,
  );
}

async function send(
  operation: Operation,
  params: NonNullable<Awaited<ReturnType<PermissionRow["call"]>>["params"]>,
  query: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const path = targetOf(operation, params, world);
  const text = typeof body === "string" && headers["content-type"] === undefined ? JSON.stringify(body) : body;
  return world.send(operation.method, "owner", path + query, text, headers);
}
