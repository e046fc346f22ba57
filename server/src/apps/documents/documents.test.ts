import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_LOAD_LIMITS } from "@causeway/cwl";
import type { ApiError } from "../../http/errors.ts";
import { type World, withWorld } from "../../testing/world.ts";
import { DocumentStopped, DocumentThreads } from "./threads.ts";

const TOOL = { cwlVersion: "v1.2", class: "CommandLineTool", baseCommand: "true", inputs: {}, outputs: {} };
const WORKFLOW = { cwlVersion: "v1.2", class: "Workflow", inputs: {}, outputs: {} };

/** Workflows that each run the next one twice. */
const TWICE = {
  cwlVersion: "v1.2",
  $graph: [
    ...Array.from({ length: 40 }, (_, level) => ({
      ...{ ...WORKFLOW, id: level === 0 ? "main" : `w${level}` },
      requirements: [{ class: "SubworkflowFeatureRequirement" }],
      steps: Object.fromEntries(["a", "b"].map((step) => [step, { run: `#w${level + 1}`, in: {}, out: [] }])),
    })),
    { ...TOOL, id: "w40" },
  ],
};

/** The machine may have other work. */
const PATIENT = { documentSeconds: 600 };

const errorsOf = async (world: World, app: string, body: unknown, type = "application/json"): Promise<string[]> => {
  const answer = await world.send("POST", "mirela", `/apps/${app}/raw`, body, { "content-type": type });
  assert.equal(answer.status, 200, JSON.stringify(answer.body).slice(0, 500));
  return answer.body["sbg:validationErrors"];
};

test(
  "a small document that means endless work is stored with the limit for its problem, and cannot be run",
  withWorld(async (world) => {
    const { id } = await world.project("mirela");
    const [steps] = await errorsOf(world, `${id}/twice`, TWICE);
    assert.match(steps!, /it has 2,199,023,255,550 steps.*and 10,000 are allowed \(CAUSEWAY_DOCUMENT_STEPS\)/);
    const draft = await world.post("mirela", "/tasks", { name: "t", app: `${id}/twice`, project: id, inputs: {} });
    assert.equal(draft.body.errors[0].code, "INVALID_APP");
    assert.match(draft.body.errors[0].message, /CAUSEWAY_DOCUMENT_STEPS/);

    const ports = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`p${index}`, "int?"]));
    assert.match(
      (await errorsOf(world, `${id}/ports`, { ...TOOL, inputs: ports }))[0]!,
      /it has 100,000 inputs.*CAUSEWAY_DOCUMENT_PORTS/,
    );
    const flat = Object.fromEntries(Array.from({ length: 30_000 }, (_, index) => [`s${index}`, { run: TOOL, in: {}, out: [] }]));
    assert.match(
      (await errorsOf(world, `${id}/flat`, { ...WORKFLOW, steps: flat }))[0]!,
      /it has 30,000 steps.*CAUSEWAY_DOCUMENT_STEPS/,
    );

    const types = Array.from({ length: 40 }, (_, level) => ({
      name: `t${level}`,
      type: "record",
      fields: [`a`, `b`].map((name) => ({ name, type: level === 0 ? "int" : `t${level - 1}` })),
    }));
    const typed = { ...TOOL, requirements: { SchemaDefRequirement: { types } }, inputs: { x: "t39?" } };
    assert.match(
      (await errorsOf(world, `${id}/typed`, typed))[0]!,
      /with its types written out it has .* values.*CAUSEWAY_DOCUMENT_ENTRIES/,
    );
  }),
);

test(
  "a document that cannot even be stored is refused with the limit and its setting",
  withWorld(
    async (world) => {
      const { id } = await world.project("mirela");
      const refusal = async (body: string, type = "application/json") => {
        const answer = await world.send("POST", "mirela", `/apps/${id}/large/raw`, body, { "content-type": type });
        assert.deepEqual([answer.status, answer.body.code], [400, 90000], JSON.stringify(answer.body));
        return answer.body.more_info as string;
      };
      const deep = `{"class":"Workflow","x":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
      const list = "- 1\n".repeat(3000);
      for (const [body, type, setting] of [
        [deep, "application/json", "DEPTH"],
        [deep, "application/yaml", "DEPTH"],
        [JSON.stringify(deep), "application/json", "DEPTH"],
        [`x:\n${list}`, "application/yaml", "ENTRIES"],
        [`{"x":[${"1,".repeat(3000)}1]}`, "application/json", "ENTRIES"],
        [`{"doc":"${"x".repeat(60_000)}"}`, "application/json", "BYTES"],
        [`doc: ${"x".repeat(60_000)}`, "application/yaml", "BYTES"],
        [`{"doc":"${"x".repeat(200_000)}"}`, "application/json", "BYTES"],
      ] as const)
        assert.match(await refusal(body, type), new RegExp(`CAUSEWAY_DOCUMENT_${setting}`), body.slice(0, 40));
      assert.equal((await world.get("mirela", "/apps?q=large")).body.items.length, 0);
    },
    { documentEntries: 2000, documentBytes: 50_000 },
  ),
);

/** The parser of YAML takes minutes and gigabytes for this one. */
const ENDLESS = `x: ${"[".repeat(150)}${"{a: [1, {b: 2}], ".repeat(200_000)}`;

test(
  "a document that takes all its memory is ended with its thread, and others are served meanwhile",
  withWorld(
    async (world) => {
      const { id } = await world.project("mirela");
      await world.token("ben");
      const ours = await world.project("ben", "Lab");
      const answered: string[] = [];
      const noted = <T>(name: string, answer: T): T => {
        answered.push(name);
        return answer;
      };
      const slow = world
        .send("POST", "mirela", `/apps/${id}/endless/raw`, ENDLESS, { "content-type": "application/yaml" })
        .then((answer) => noted("endless", answer));
      const user = noted("user", await world.get("ben", "/user"));
      const { status, body } = await slow;
      assert.deepEqual([user.status, answered], [200, ["user", "endless"]]);
      assert.equal(status, 400);
      assert.match(
        decodeURIComponent(body.more_info),
        /loading it took more than 128 MiB of memory.*CAUSEWAY_DOCUMENT_MEMORY_MIB/,
      );
      assert.equal((await world.post("ben", `/apps/${ours.id}/nap/raw`, TOOL)).status, 200);
      assert.equal((await world.post("mirela", `/apps/${id}/nap/raw`, TOOL)).status, 200);
    },
    { ...PATIENT, documentMemoryMiB: 128 },
  ),
);

test("a document that takes all its time is ended, and users take turns", async (t) => {
  const threads = new DocumentThreads({ limits: DEFAULT_LOAD_LIMITS, seconds: 1, memoryMiB: 2048, waitingAtMost: 10 });
  t.after(() => threads.close());
  const compile = (user: string, text: string) => threads.do({ user }, { do: "compile", text, uri: "app:x" });
  const receive = (user: string) => {
    const bytes = new TextEncoder().encode(ENDLESS);
    return threads.do({ user }, { do: "receive", bytes, mediaType: "application/yaml", uri: "app:x", shortName: "x" });
  };
  const order: string[] = [];
  const heavy = Array.from({ length: 3 }, () =>
    receive("mirela").catch((error: Error) => {
      assert.ok(error instanceof DocumentStopped, String(error));
      assert.match(error.message, /it took longer than 1 s to load, and that is all it may take \(CAUSEWAY_DOCUMENT_SECONDS\)/);
      order.push("mirela");
    }),
  );
  const light = compile("ben", JSON.stringify(TOOL)).then(
    () => order.push("ben"),
    () => order.push("ben, late"),
  );
  await Promise.all([...heavy, light]);
  assert.notEqual(order.at(-1), "ben");
});

test("so many documents of one user wait and no more, whatever others have; those of tasks that run wait all the same", async () => {
  const threads = new DocumentThreads({ limits: DEFAULT_LOAD_LIMITS, seconds: 600, memoryMiB: 2048, waitingAtMost: 2 });
  const compile = (user: string, isForTask = false) =>
    threads.do({ user, isForTask }, { do: "compile", text: JSON.stringify(TOOL), uri: "app:x" });
  const bytes = new TextEncoder().encode(ENDLESS);
  const job = { do: "receive", bytes, mediaType: "application/yaml", uri: "app:x", shortName: "x" } as const;
  const heavy = threads.do({ user: "mirela" }, job);
  const waiting = [compile("mirela"), compile("mirela")];
  await assert.rejects(compile("mirela"), (error: ApiError) => {
    assert.deepEqual([error.kind, error.detail?.includes("(CAUSEWAY_DOCUMENTS_WAITING)")], ["rateLimitExceeded", true]);
    return true;
  });
  waiting.push(compile("mirela", true));
  for (const answer of [heavy, ...waiting]) answer.catch(() => {}); // they are not waited for
  for (let count = 0; count < 5; count++) await compile("ben");
  await threads.close();
  for (const answer of waiting) await assert.rejects(answer, /is being closed/);
});

test(
  "references to files beside a pushed app are errors that name each with its place and how to pack",
  withWorld(async (world) => {
    const { id } = await world.project("mirela");
    const errors = await errorsOf(world, `${id}/loose`, {
      ...WORKFLOW,
      $schemas: ["EDAM.owl", "https://example.org/EDAM.owl"],
      requirements: [{ class: "SchemaDefRequirement", types: [{ $import: "types.yml" }] }],
      inputs: {
        pair: "types.yml#pair",
        pairs: { type: { type: "array", items: "../types.yml#pair" } },
        reference: { type: "File", default: { class: "File", location: "./genome.fa", secondaryFiles: [] } },
        index: { type: "Directory", default: { class: "Directory", path: "index" } },
        known: { type: "File", default: { class: "File", path: "5772b6f1507c1752674486d0" } },
        any: { type: "Any", default: { run: "x.cwl", type: "x#y" } },
      },
      steps: [
        { id: "align", run: "align.cwl", in: [], out: [] },
        { id: "count", run: { ...TOOL, doc: { $include: "about.md" } }, in: [], out: [] },
      ],
    });
    const places = errors.map((error) => error.split(" is a file beside the document")[0]);
    assert.deepEqual(places.sort(), [
      "$schemas: `EDAM.owl`",
      "inputs.index.default.path: `index`",
      "inputs.pair: `types.yml#pair`",
      "inputs.pairs.type.items: `../types.yml#pair`",
      "inputs.reference.default.location: `./genome.fa`",
      "requirements[0].types[0].$import: `types.yml`",
      "steps.align.run: `align.cwl`",
      "steps.count.run.doc.$include: `about.md`",
    ]);
    for (const error of errors) assert.match(error, /put it into the document with `causeway app install` or sbpack/);
    for (const [name, run] of [
      ["url", "https://example.org/t.cwl"],
      ["file", "file:///etc/passwd"],
    ] as const)
      assert.match(
        (await errorsOf(world, `${id}/${name}`, { ...WORKFLOW, steps: [{ id: "s", run, in: [], out: [] }] }))[0]!,
        /an app is complete in itself/,
      );
  }),
);

test(
  "warnings of a document are shown on the app, and a copy has them, too",
  withWorld(async (world) => {
    const { id } = await world.project("mirela");
    const odd = { ...TOOL, arguments: [{ prefix: "-x" }] };
    const { body } = await world.post("mirela", `/apps/${id}/odd/raw`, odd);
    assert.deepEqual(body["sbg:validationErrors"], []);
    assert.match(body["sbg:validationWarnings"][0], /^arguments\[0\]: an argument without `valueFrom`/);
    const copy = await world.post("mirela", `/apps/${id}/odd/actions/copy`, { project: id, name: "copy" });
    assert.deepEqual(copy.body.raw["sbg:validationWarnings"], body["sbg:validationWarnings"]);
    // What was downloaded is uploaded again.
    const again = await world.post("mirela", `/apps/${id}/again/raw`, { ...copy.body.raw, arguments: [] });
    assert.ok(!("sbg:validationWarnings" in again.body));
  }),
);

test(
  "a document of megabytes comes back as it was, and `fields` narrows it",
  withWorld(async (world) => {
    const { id } = await world.project("mirela");
    const inputs = [{ id: "n", type: "long?", "sbg:note": 2 }];
    const text = `{"cwlVersion":"v1.2","class":"CommandLineTool","baseCommand":"true","inputs":${JSON.stringify(inputs)},"outputs":[],"sbg:n":9007199254740993,"doc":"${"é\\n".repeat(500_000)}"}`;
    const posted = await fetch(`${world.url}/apps/${id}/large/raw`, {
      method: "POST",
      body: text,
      headers: { "content-type": "application/json", "x-sbg-auth-token": await world.token("mirela") },
    });
    const answered = await posted.text();
    assert.match(answered, /"sbg:n":9007199254740993/);
    assert.equal(JSON.parse(answered).doc, JSON.parse(text).doc);
    const narrowed = await world.get("mirela", `/apps/${id}/large?fields=id,raw.inputs,raw.sbg:id`);
    assert.deepEqual(narrowed.body, { id: `${id}/large/0`, raw: { inputs, "sbg:id": `${id}/large/0` } });
    assert.ok(!("raw" in (await world.get("mirela", `/apps/${id}/large?fields=!raw`)).body));
    const listed = await world.get("mirela", `/apps?project=${id}&fields=_all`);
    assert.equal(listed.body.items[0].raw.doc, JSON.parse(text).doc);
  }),
);
