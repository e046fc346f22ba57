import assert from "node:assert/strict";
import { glob } from "node:fs/promises";
import { test } from "node:test";
import { Compile } from "typebox/compile";
import { DRS_OPERATIONS } from "./drs/operations.ts";
import type { Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { OPERATOR_OPERATIONS } from "./operator/operations.ts";
import { WEB_OPERATIONS } from "./web/operations.ts";

/** Each API's table, and the files that declare its operations, where they are not declared in the table itself. */
const TABLES: { table: Readonly<Record<string, Operation>>; files?: string; except?: RegExp }[] = [
  { table: OPERATIONS, files: "**/{operations,listing}.ts", except: /^(operations\.ts|drs\/|operator\/|web\/)/ },
  { table: OPERATOR_OPERATIONS },
  { table: DRS_OPERATIONS },
  { table: WEB_OPERATIONS, files: "web/*-operations.ts" },
];
const everything = TABLES.flatMap(({ table }) => Object.entries(table));

test("an operation is found under its own id", () => {
  for (const [id, op] of everything) assert.equal(op.id, id);
});

test("no operation of any folder is forgotten", async () => {
  for (const { table, files, except } of TABLES) {
    if (files === undefined) continue;
    const declared = new Set<string>();
    for await (const file of glob(files, { cwd: import.meta.dirname })) {
      if (except?.test(file)) continue;
      const exported = Object.values((await import(`./${file}`)) as Record<string, unknown>);
      for (const each of exported) if (isOperation(each)) declared.add(each.id);
    }
    assert.deepEqual([...declared].sort(), Object.keys(table).sort(), files);
  }
});

function isOperation(value: unknown): value is Operation {
  return typeof value === "object" && value !== null && "id" in value && "method" in value && "path" in value;
}

test("no two operations share a method and a path", () => {
  const calls = everything.flatMap(([, op]) =>
    [op.path, ...(op.aliases ?? [])].map(
      (path) => `${["operator", "web", "drs"].includes(op.tag) ? op.tag : ""} ${op.method} ${path}`,
    ),
  );
  assert.deepEqual(
    calls.filter((call, index) => calls.indexOf(call) !== index),
    [],
  );
});

test("the parameters of a path are exactly those described", () => {
  for (const [id, op] of everything) {
    const named = [...op.path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]!);
    assert.deepEqual(named.sort(), Object.keys(op.params?.properties ?? {}).sort(), id);
  }
});

test("an answer without content has no shape, every other has one, or shapes of its events", () => {
  for (const [id, op] of everything) assert.equal(op.reply === undefined && op.events === undefined, op.status === 204, id);
});

test("what a list shows by default are fields of its items", () => {
  for (const [id, op] of everything) {
    if (!op.list || op.list.fields === "all") continue;
    const { properties = {} } = op.reply as { properties?: object };
    for (const field of op.list.fields) assert.ok(field in properties, `${id}: ${field}`);
  }
});

test("a refusal names a place that is checked, and an error the call documents", () => {
  for (const [id, op] of everything) {
    for (const [place, kind] of Object.entries(op.refusals ?? {})) {
      const [part = "", first] = place.replace(/#.*/, "").split("/");
      const shape = op[part as "params" | "query" | "body"] as { properties?: object } | undefined;
      assert.ok(shape, `${id} has no ${part}`);
      if (first !== undefined && shape.properties) assert.ok(first in shape.properties, `${id}: ${place}`);
      // Names in a path cannot be blank once a route has matched them, so those need no mention; what an element apart is
      // refused with is told within the answer.
      if (part !== "params" && (op.perItem === undefined || first !== op.perItem))
        assert.ok(op.errors.includes(kind), `${id} does not list ${kind}`);
    }
  }
});

test("every shape of an operation can be compiled", () => {
  for (const [, op] of everything) {
    for (const shape of [op.params, op.query, op.body, op.reply]) if (shape) Compile(shape);
  }
});

interface Schema {
  type?: string;
  const?: unknown;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  additionalProperties?: Schema | boolean;
}

/** The keys without a description, at any depth; objects speak by their own keys, and a constant for itself. */
function undescribed(schema: Schema, at: string): string[] {
  const keys = Object.entries(schema.properties ?? {}).flatMap(([key, below]) => {
    const speaks = below.description !== undefined || below.const !== undefined || below.type === "object";
    return [...(speaks ? [] : [`${at}.${key}`]), ...undescribed(below, `${at}.${key}`)];
  });
  const { items, anyOf = [], additionalProperties: others } = schema;
  const inside = [...anyOf, ...(items ? [items] : []), ...(typeof others === "object" ? [others] : [])];
  return [...keys, ...inside.flatMap((below) => undescribed(below, at))];
}

test("every key of the public API says what it is, and a number its unit", () => {
  const bare = Object.entries<Operation>(OPERATIONS).flatMap(([id, op]) =>
    [op.params, op.query, op.body, op.reply].flatMap((shape) => (shape ? undescribed(shape as Schema, id) : [])),
  );
  assert.deepEqual(bare, []);
});

test("PATCH merges one level deep: of an object in its body each key can be given alone", () => {
  // How a batch is made is one of two forms, whose parts the error 7023 holds together.
  const whole = new Set(["updateTask batch_by"]);
  const demanding = everything
    .filter(([, op]) => op.method === "PATCH" && op.body)
    .flatMap(([id, op]) => objectsIn(op.body as Schema, id))
    .filter(({ at, required }) => required.length > 0 && !whole.has(at));
  assert.deepEqual(demanding, []);
});

/** The objects that are values of a body's keys, with the keys that they ask for. */
function objectsIn(body: Schema, id: string): { at: string; required: readonly string[] }[] {
  return Object.entries(body.properties ?? {}).flatMap(([key, value]) =>
    [value, ...(value.anyOf ?? [])].flatMap(({ properties, required = [] }) =>
      properties ? [{ at: `${id} ${key}`, required }] : [],
    ),
  );
}
