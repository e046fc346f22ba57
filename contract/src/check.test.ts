import assert from "node:assert/strict";
import { test } from "node:test";
import { Type } from "typebox";
import { checkBody, checkBodyKeys, checkParams, checkQuery } from "./check.ts";
import { FileId, MapOf, OneOf, Texts, TimeFilter } from "./forms.ts";
import type { Json } from "./lenience.ts";
import { type Operation, operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";

const { createProject, updateProject, addMember, changeMemberPermissions, replaceMemberPermissions, getBillingGroup } =
  OPERATIONS;

function refusal(checked: object): { kind: string; detail: string; pointer: string } {
  assert.ok("kind" in checked, JSON.stringify(checked));
  return checked as { kind: string; detail: string; pointer: string };
}

const body = (op: Operation, json: unknown) => checkBody(op, json);

test("unknown and read-only keys are dropped, also below the top", () => {
  const json = { name: "Reef", id: "x/y", settings: { locked: true, colour: "red" } };
  assert.deepEqual(body(createProject, json), { value: { name: "Reef", settings: { locked: true } } });
});

test("some keys of a body can be checked before the others", () => {
  const json = { project: "mirela/reef", app: "", inputs: [] };
  assert.deepEqual(checkBodyKeys(OPERATIONS.createTask, json, ["project"]), { value: { project: "mirela/reef" } });
  assert.equal(refusal(checkBodyKeys(OPERATIONS.createTask, json, ["app"])).kind, "taskAppIdEmpty");
  assert.equal(refusal(checkBodyKeys(OPERATIONS.createTask, [], ["project"])).kind, "badRequest");
});

test("an explicit null for an optional key counts as absent when something is created", () => {
  const json = { name: "Reef", tags: null, billing_group: null, settings: { location: null, locked: null } };
  assert.deepEqual(body(createProject, json), { value: { name: "Reef", settings: {} } });
});

test("in a PATCH a null clears what can be cleared, and is refused elsewhere", () => {
  assert.deepEqual(body(updateProject, { description: null }), { value: { description: null } });
  assert.equal(refusal(body(updateProject, { name: null })).kind, "projectNameEmpty");
  assert.equal(refusal(body(updateProject, { tags: null })).kind, "badRequest");
});

test("booleans come as texts, too", () => {
  const json = { name: "Reef", settings: { use_memoization: "TRUE", locked: "yes", controlled: "false" } };
  assert.deepEqual(body(createProject, json), {
    value: { name: "Reef", settings: { use_memoization: true, locked: true, controlled: false } },
  });
});

test("a text is a list of one where a list of texts is wanted", () => {
  assert.deepEqual(body(createProject, { name: "Reef", tags: "wgs" }), { value: { name: "Reef", tags: ["wgs"] } });
});

test("words are taken in any case", () => {
  const checked = body(addMember, { username: "ben", type: "team", permissions: { copy: true } });
  assert.deepEqual(checked, { value: { username: "ben", type: "TEAM", permissions: { copy: true } } });
});

test("a key may come under its other name", () => {
  assert.deepEqual(body(addMember, { id: "ben", permissions: { read: true } }), {
    value: { username: "ben", permissions: { read: true } },
  });
});

test("what a client has nothing to say for may be null or left out", () => {
  const { completeUpload, replaceFileMetadata, replaceFileTags } = OPERATIONS;
  for (const nothing of [undefined, null, {}, { parts: null }]) assert.deepEqual(body(completeUpload, nothing), { value: {} });
  assert.deepEqual(body(replaceFileMetadata, undefined), { value: {} });
  assert.deepEqual(body(replaceFileTags, {}), { value: [] });
  assert.deepEqual(body(replaceFileTags, { tags: ["a", 7] }), { value: ["a", "7"] });
});

test("metadata values become text, and a null stays for its key to be removed", () => {
  const json = { sample_id: "S1", lane: 4, paired: true, old: null, "line\nbreak": 1 };
  assert.deepEqual(body(OPERATIONS.updateFileMetadata, json), {
    value: { sample_id: "S1", lane: "4", paired: "true", old: null, "line\nbreak": "1" },
  });
});

test("a draft is read as Python and R send it", () => {
  const json = {
    name: null,
    project: "mirela/rna",
    app: "mirela/rna/count/2",
    description: null,
    batch_input: "reads",
    batch_by: { type: "criteria", criteria: "metadata.sample_id" },
    use_interruptible_instances: "False",
    execution_settings: { use_memoization: null, max_parallel_instances: "many", instance_type: "AUTO" },
    inputs: { reads: [{ class: "File", path: "66b1" }], depth: null },
  };
  assert.deepEqual(body(OPERATIONS.createTask, json), {
    value: {
      project: "mirela/rna",
      app: "mirela/rna/count/2",
      inputs: { reads: [{ class: "File", path: "66b1" }], depth: null },
      execution_settings: { instance_type: "AUTO", max_parallel_instances: "many" },
      use_interruptible_instances: false,
      batch_input: "reads",
      batch_by: { type: "CRITERIA", criteria: ["metadata.sample_id"] },
    },
  });
});

test("in a task's PATCH a null name is no change, and null settings are", () => {
  assert.deepEqual(body(OPERATIONS.updateTask, { name: "x", description: null, execution_settings: null, batch_by: null }), {
    value: { name: "x", execution_settings: null, batch_by: null },
  });
});

const task = { project: "a/b", app: "a/b/c" };
const job = (items: unknown) => ({ items });
const report = (part: unknown) => ({ parts: [part] });
const { createFolder, createTask, moveFile, startUpload, completeUpload, updateFileMetadata, copyApp } = OPERATIONS;
const { startCopy, startMove, getFiles, editFiles, createTeam, copyFiles } = OPERATIONS;

const refusedBodies: [string, Operation, unknown, string, string][] = [
  ["a project without a name", createProject, {}, "projectNameEmpty", "body/name"],
  ["a project with a null name", createProject, { name: null }, "projectNameEmpty", "body/name"],
  ["a project with a blank name", createProject, { name: "  " }, "projectNameEmpty", "body/name"],
  ["an empty billing group", createProject, { name: "a", billing_group: "" }, "projectBillingGroupEmpty", "body/billing_group"],
  [
    "a billing group that is no UUID",
    createProject,
    { name: "a", billing_group: "x" },
    "billingGroupIdInvalid",
    "body/billing_group",
  ],
  ["an empty type", createProject, { name: "a", type: "" }, "projectTypeEmpty", "body/type"],
  ["a legacy type", createProject, { name: "a", type: "v1" }, "projectTypeInvalid", "body/type"],
  ["tags that are no texts", createProject, { name: "a", tags: [1] }, "badRequest", "body/tags/0"],
  ["a body that is no object", createProject, [], "badRequest", "body"],
  ["a null where keys are required", createProject, null, "badRequest", "body"],
  ["no body where keys are required", createProject, undefined, "projectNameEmpty", "body/name"],
  ["members without permissions", addMember, { username: "ben" }, "permissionsEmpty", "body/permissions"],
  ["members with empty permissions", addMember, { username: "b", permissions: {} }, "permissionsEmpty", "body/permissions"],
  [
    "a permission that is no boolean",
    addMember,
    { username: "b", permissions: { read: 1 } },
    "badRequest",
    "body/permissions/read",
  ],
  ["a change of no permission", changeMemberPermissions, { colour: true }, "permissionsEmpty", "body"],
  ["a folder without a type", createFolder, { name: "a" }, "folderTypeInvalid", "body/type"],
  ["a folder without a name", createFolder, { type: "FOLDER", name: "" }, "fileNameInvalid", "body/name"],
  ["a move to nowhere", moveFile, { parent: null }, "destinationMissing", "body/parent"],
  ["a move to what is no id", moveFile, { parent: "x" }, "destinationFolderNotFound", "body/parent"],
  ["metadata that is no object", updateFileMetadata, [], "metadataInvalid", "body"],
  ["a metadata value that is a list", updateFileMetadata, { a: ["b"] }, "metadataInvalid", "body/a"],
  ["a metadata value under a key with a line break", updateFileMetadata, { "a\nb": {} }, "metadataInvalid", "body/a\nb"],
  ["an upload without a name", startUpload, { project: "a/b" }, "uploadInitInvalid", "body/name"],
  ["an upload of a path", startUpload, { name: "a/b" }, "uploadInitInvalid", "body/name"],
  ["an upload to a malformed project", startUpload, { name: "a", project: "b" }, "uploadProjectMalformedId", "body/project"],
  ["an upload of half a byte", startUpload, { name: "a", size: 0.5 }, "uploadInitInvalid", "body/size"],
  ["parts that are no list", completeUpload, { parts: {} }, "uploadPartListInvalid", "body/parts"],
  ["a completion that is a list", completeUpload, [], "uploadPartListInvalid", "body"],
  ["a part that is a number", completeUpload, report(1), "uploadPartReportInvalid", "body/parts/0"],
  [
    "a part without a number",
    completeUpload,
    report({ response: { headers: {} } }),
    "uploadPartNumberInvalid",
    "body/parts/0/part_number",
  ],
  ["a part without a response", completeUpload, report({ part_number: 1 }), "uploadPartReportInvalid", "body/parts/0/response"],
  ["an app copied to nowhere", copyApp, {}, "appSourceProjectEmpty", "body/project"],
  ["an app copied to a malformed project", copyApp, { project: "x" }, "projectMalformedId", "body/project"],
  ["a task without a project", createTask, { app: "a/b/c" }, "projectIdEmpty", "body/project"],
  ["a task of a malformed project", createTask, { ...task, project: "x" }, "projectMalformedId", "body/project"],
  ["a task without an app", createTask, { project: "a/b", app: "" }, "taskAppIdEmpty", "body/app"],
  ["inputs that are a list", createTask, { ...task, inputs: [] }, "badRequest", "body/inputs"],
  ["an empty batch input", createTask, { ...task, batch_input: "" }, "batchInputEmpty", "body/batch_input"],
  ["an unknown way to batch", createTask, { ...task, batch_by: { type: "size" } }, "batchTypeInvalid", "body/batch_by/type"],
  ["a job without items", startCopy, {}, "asyncItemsMissing", "body/items"],
  ["a job of no items", startCopy, job([]), "asyncItemsMissing", "body/items"],
  ["a copy of a text", startCopy, job(["x", 1]), "asyncCopyItemsInvalid", "body/items/0"],
  ["a move of a text", startMove, job(["x", 1]), "asyncItemsInvalid", "body/items/0"],
  ["a job without a file", startMove, job([{ file: null }]), "asyncFileMissing", "body/items/0/file"],
  ["a job on a blank file", startMove, job([{ file: "" }]), "asyncFileBlank", "body/items/0/file"],
  ["more files than one call takes", getFiles, { file_ids: Array(101).fill("a") }, "badRequest", "body/file_ids"],
  ["a copy of no files", copyFiles, { project: "a/b" }, "fileRequestInvalid", "body/file_ids"],
  ["a team outside of divisions", createTeam, { name: "x" }, "divisionMissing", "body/division"],
  [
    "an incomplete set",
    replaceMemberPermissions,
    { write: true, read: true, copy: true },
    "permissionsIncomplete",
    "body/execute",
  ],
];
for (const [title, op, json, kind, pointer] of refusedBodies) {
  test(`${title} is refused as ${kind}`, () => {
    const refused = refusal(body(op, json));
    assert.deepEqual([refused.kind, refused.pointer], [kind, pointer]);
  });
}

test("a detail names the place and what is allowed there", () => {
  const hours = { settings: { intermediate_files: { duration: 500 } } };
  const far = refusal(body(updateProject, hours));
  assert.equal(far.detail, "`settings.intermediate_files.duration` must be an integer from 1 to 120.");
  assert.equal(refusal(body(createProject, {})).detail, "`name` is missing: it must be a text that is not blank.");
  assert.equal(refusal(body(createProject, [])).detail, "The body must be an object.");
});

test("ids of the path are lower-cased, and an empty one has its own error", () => {
  const id = "5D0C7A1E-8B34-4F6A-9C21-70AB3E55D902";
  assert.deepEqual(checkParams(getBillingGroup, { billing_group: id }), { value: { billing_group: id.toLowerCase() } });
  assert.equal(refusal(checkParams(getBillingGroup, { billing_group: "x" })).kind, "billingGroupIdInvalid");
  assert.equal(refusal(checkParams(getBillingGroup, { billing_group: "" })).kind, "billingGroupIdEmpty");
});

test("the items of a bulk change come under either id, with nulls for what is not meant", () => {
  const items = [
    { id: "1", name: null, tags: null, metadata: { a: null, b: 2 } },
    { file_id: "2", tags: {} },
  ];
  const [first, second] = [
    { id: "1", metadata: { a: null, b: "2" } },
    { id: "2", tags: [] },
  ];
  assert.deepEqual(body(editFiles, { items }), {
    value: {
      items: [
        { given: first, value: first },
        { given: second, value: second },
      ],
    },
  });
});

test("an element of an array apart is refused by itself, at its own place", () => {
  const checked = checkBody(editFiles, { items: [{ id: "1", name: 5 }, { id: "2" }] });
  assert.ok("value" in checked);
  const [first, second] = checked.value.items;
  assert.deepEqual(first, {
    given: { id: "1", name: 5 },
    kind: "fileNameInvalid",
    detail: "`items.0.name` must be a text.",
    pointer: "body/items/0/name",
  });
  assert.deepEqual(second, { given: { id: "2" }, value: { id: "2" } });
  assert.equal(refusal(body(editFiles, { items: [] })).kind, "badRequest");
  assert.deepEqual(body(getFiles, { file_ids: "one" }), { value: { file_ids: [{ given: "one", value: "one" }] } });
});

const search = operation({
  id: "search",
  method: "GET",
  path: "/search",
  tag: "files",
  summary: "Search",
  query: Type.Object({
    all: Type.Optional(Type.Boolean()),
    depth: Type.Optional(Type.Integer({ minimum: 0 })),
    kind: Type.Optional(OneOf(["FILE", "FOLDER"], "What.")),
    tags: Type.Optional(Texts("Tags.")),
    name: Type.Optional(Texts("Names.", { "x-whole": true })),
    metadata: Type.Optional(MapOf(Type.Array(Type.String()), { "x-dotted": true })),
    parent: Type.Optional(FileId("Where.")),
    since: Type.Optional(TimeFilter("From when.")),
  }),
  status: 200,
  errors: [],
});
const query = (text: string) => checkQuery(search, new URLSearchParams(text));

const queries: [string, object][] = [
  ["all=True", { all: true }],
  ["all=FALSE&all=true", { all: false }],
  ["depth=3&limit=50&offset=0&fields=_all", { depth: 3 }],
  ["kind=file", { kind: "FILE" }],
  ["tags=a,b&tags=deep+sea&tags=x%20y,", { tags: ["a", "b", "deep sea", "x y"] }],
  ["tags=", {}],
  ["name=a,b&name=c", { name: ["a,b", "c"] }],
  ["name=", { name: [""] }],
  ["metadata.sample_id=S1&metadata.sample_id=S2,3&metadata.a.b=x", { metadata: { sample_id: ["S1", "S2,3"], "a.b": ["x"] } }],
  ["parent=66B1F0C2A9D4E83B7C5F0112", { parent: "66b1f0c2a9d4e83b7c5f0112" }],
  ["since=2026-03-02T00:00:00 02:00", { since: "2026-03-02T00:00:00 02:00" }],
];
for (const [text, expected] of queries) {
  test(`the query ${text} is read`, () => assert.deepEqual(query(text), { value: expected }));
}

for (const text of ["all=1", "depth=x", "depth=-1", "depth=1.5", "kind=link", "parent=7", "since=now"]) {
  test(`the query ${text} is refused with a sentence about what is allowed`, () => {
    const refused = refusal(query(text));
    assert.equal(refused.pointer, `query/${text.split("=")[0]}`);
    assert.match(refused.detail, /^`\w+` must be .+\.$/);
  });
}

test("a refusal inside a list is found by any index", () => {
  const op: Operation = {
    ...createProject,
    body: Type.Object({ items: Type.Array(Type.Object({ file: Type.String({ minLength: 1 }) })) }),
    refusals: {
      "body/items": "asyncItemsInvalid",
      "body/items/[]/file#missing": "asyncFileMissing",
      "body/items/[]/file": "asyncFileBlank",
    },
  };
  assert.equal(refusal(body(op, { items: [{ file: "a" }, {}] })).kind, "asyncFileMissing");
  assert.equal(refusal(body(op, { items: [{ file: "" }] })).kind, "asyncFileBlank");
  assert.equal(refusal(body(op, { items: ["x"] })).kind, "asyncItemsInvalid");
});

test("a key named __proto__ sets no prototype", () => {
  const checked = body(
    createProject,
    JSON.parse('{"name":"a","__proto__":{"tags":["x"]},"settings":{"__proto__":{"locked":true}}}'),
  );
  assert.equal(JSON.stringify(checked), '{"value":{"name":"a","settings":{}}}');
});

test("of a list that is too long nothing is looked at beyond the first element too many, in every call", () => {
  const bounded = (Object.values(OPERATIONS) as Operation[]).flatMap((op) =>
    Object.entries((op.body as Json | undefined)?.properties ?? {}).flatMap(([key, { maxItems }]) =>
      maxItems === undefined ? [] : [{ op, key, maxItems }],
    ),
  );
  assert.ok(bounded.length >= 5);
  for (const { op, key, maxItems } of bounded) {
    const list = Array(maxItems + 1000).fill("x");
    for (let index = maxItems + 1; index < list.length; index++) {
      Object.defineProperty(list, index, { get: () => assert.fail(`${op.id}: element ${index} was read`) });
    }
    // Where the whole list is checked at once, an element that is none of the call's comes before the length.
    const { pointer } = refusal(checkBody(op, { [key]: list }));
    assert.ok([`body/${key}`, `body/${key}/0`].includes(pointer), `${op.id}: ${pointer}`);
  }
});
