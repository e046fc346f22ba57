import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { compileErrors, validate } from "@readme/openapi-parser";
import { Check, Errors } from "typebox/value";
import { API_ERRORS } from "../errors.ts";
import type { Operation } from "../operation.ts";
import { OPERATIONS } from "../operations.ts";
import { openApi, VERSION } from "./document.ts";
import { EXAMPLES } from "./examples.ts";
import { SHAPES } from "./shapes.ts";

const everything: readonly Operation[] = Object.values(OPERATIONS);
const document = openApi(everything, "https://causeway.example.org/v2");

interface Described {
  operationId: string;
  parameters?: { name: string; in: string }[];
  security?: unknown[];
  requestBody?: { required: boolean; content: Record<string, unknown> };
  responses: Record<string, { headers: Record<string, unknown>; content?: Record<string, { examples?: object }> }>;
}
const described = (path: string, method: string) => document.paths[path]?.[method] as Described;

test("the document is valid OpenAPI 3.1", async () => {
  const result = await validate(structuredClone(document) as never);
  assert.ok(result.valid, result.valid ? "" : compileErrors(result));
});

test("the version that answers tell is that of the packages", () => {
  for (const name of ["", "contract/", "server/", "cli/"]) {
    const { version } = JSON.parse(readFileSync(new URL(`../../../${name}package.json`, import.meta.url), "utf8"));
    assert.equal(version, VERSION, `${name}package.json`);
  }
});

test("it is plain JSON, without our own keywords", () => {
  const text = JSON.stringify(document);
  assert.deepEqual(JSON.parse(text), document);
  assert.doesNotMatch(text, /"x-[a-z-]+":/);
});

test("every operation is there under its id, its path and its parameters", () => {
  for (const op of everything) {
    const entry = described(op.path, op.method.toLowerCase());
    assert.equal(entry.operationId, op.id);
    const inPath = (entry.parameters ?? []).filter((parameter) => parameter.in === "path").map((parameter) => parameter.name);
    assert.deepEqual(inPath, Object.keys(op.params?.properties ?? {}), op.id);
  }
});

test("a document describes only the operations it is given", () => {
  const two = openApi([OPERATIONS.getRoot, OPERATIONS.getMe], "https://causeway.example.org/v2");
  assert.deepEqual(Object.keys(two.paths), ["/", "/user"]);
  assert.ok(!("Project" in (two.components.schemas ?? {})));
});

test("lists have paging parameters and the header of the total, and nothing else has", () => {
  for (const op of everything) {
    const entry = described(op.path, op.method.toLowerCase());
    const names = (entry.parameters ?? []).map((parameter) => parameter.name);
    const success = entry.responses[op.status];
    assert.equal(names.includes("offset"), op.list !== undefined && op.list.by !== "token", op.id);
    assert.equal("X-Total-Matching-Query" in (success?.headers ?? {}), op.list !== undefined, op.id);
  }
});

test("every error of a call stands under its status, with an example", () => {
  for (const op of everything) {
    const { responses } = described(op.path, op.method.toLowerCase());
    for (const kind of op.errors) {
      const examples = responses[API_ERRORS[kind].status]?.content?.["application/json"]?.examples;
      assert.ok(examples && kind in examples, `${op.id}: ${kind}`);
    }
  }
});

test("only the root needs no token", () => {
  const anonymous = everything.filter((op) => described(op.path, op.method.toLowerCase()).security).map((op) => op.id);
  assert.deepEqual(anonymous, ["getRoot"]);
});

test("CWL documents come as JSON or YAML", () => {
  const { requestBody } = described("/apps/{owner}/{project}/{name}/raw", "post");
  assert.deepEqual(Object.keys(requestBody?.content ?? {}), ["application/json", "application/yaml"]);
  assert.equal(requestBody?.required, true);
});

for (const [name, example] of Object.entries(EXAMPLES)) {
  test(`the example of ${name} fits its shape`, () => {
    const shape = SHAPES[name];
    assert.ok(shape, "no such shape");
    assert.ok(Check(shape, example), JSON.stringify(Errors(shape, example)));
  });
}
