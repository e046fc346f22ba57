import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outputs, Step, StepInput, Value, Workflow } from "../model.ts";
import { gatherOutputs, type Progress, plan, type StepWork, scatterItemInputs } from "./index.ts";

const input = (id: string, ...sources: string[]): StepInput => ({
  id,
  sourceIsList: sources.length > 1,
  source: sources.map((text) => {
    const [step, port] = text.split("/") as [string, string | undefined];
    return port === undefined ? { port: step } : { step, port };
  }),
});

function step(id: string, ins: StepInput[], more: Partial<Step> = {}): Step {
  const run: Step["run"] = { class: "Operation", id, cwlVersion: "v1.2", inputs: [], outputs: [], requirements: {}, hints: {} };
  return { id, in: ins, out: ["out"], run, scatter: [], requirements: {}, hints: {}, ...more };
}

function workflow(steps: Step[], ...outputs: StepInput[]): Workflow {
  return {
    class: "Workflow",
    id: "wf",
    cwlVersion: "v1.2",
    inputs: [],
    outputs: outputs.map(({ source, ...rest }) => ({ ...rest, type: "Any", outputSource: source })),
    steps,
    requirements: {},
    hints: {},
  };
}

function progress(inputs: Record<string, Value>, done: Record<string, Outputs> = {}): Progress {
  const steps = Object.fromEntries(Object.entries(done).map(([id, outputs]) => [id, { is: "done" as const, outputs }]));
  return { inputs, steps, doneSteps: Object.keys(done).length };
}

/** The inputs of a workflow's only step, or why there are none. */
function startedWith(only: Step, inputs: Record<string, Value>): StepWork | string {
  const [decision] = plan(workflow([only]), progress(inputs));
  if (decision?.do === "start") return decision.work;
  return decision?.do === "fail" ? decision.why : "nothing";
}

test("steps start when what they read is known, and the workflow completes when all are done", () => {
  const wf = workflow(
    [step("a", [input("x", "n")]), step("b", [input("x", "a/out"), input("y", "n")])],
    input("result", "b/out"),
  );
  const began = progress({ n: 1 });
  assert.deepEqual(plan(wf, began), [{ do: "start", step: "a", work: { inputs: { x: 1 }, count: 1 } }]);

  const running: Progress = { ...began, steps: { a: { is: "started" } } };
  assert.deepEqual(plan(wf, running), []);

  const halfway = progress({ n: 1 }, { a: { out: 2 } });
  assert.deepEqual(plan(wf, halfway, ["a"]), [{ do: "start", step: "b", work: { inputs: { x: 2, y: 1 }, count: 1 } }]);

  const over = progress({ n: 1 }, { a: { out: 2 }, b: { out: 3 } });
  assert.deepEqual(plan(wf, over, ["b"]), [{ do: "complete", outputs: { result: 3 } }]);
});

test("after a crash the plan goes on from what was written down", () => {
  const wf = workflow([step("a", []), step("b", [input("x", "a/out")]), step("c", [input("x", "b/out")])]);
  const stored = JSON.parse(JSON.stringify(progress({}, { a: { out: [1] } }))) as Progress;
  assert.deepEqual(plan(wf, stored), [{ do: "start", step: "b", work: { inputs: { x: [1] }, count: 1 } }]);
});

test("a default stands in for a missing source and for null", () => {
  const of = (given: Record<string, Value>) => startedWith(step("a", [{ ...input("x", "n"), default: 7 }]), given) as StepWork;
  assert.equal(of({ n: null }).inputs.x, 7);
  assert.equal(of({ n: 0 }).inputs.x, 0);
  assert.equal(of({ n: false }).inputs.x, false);
  assert.deepEqual(startedWith(step("a", [{ ...input("x"), default: [1] }]), {}), { inputs: { x: [1] }, count: 1 });
});

test("several sources are nested or flattened, one only when asked", () => {
  const of = (sink: StepInput) => (startedWith(step("a", [sink]), { p: [1, 2], q: 3, r: null }) as StepWork).inputs.x;
  assert.deepEqual(of(input("x", "p", "q")), [[1, 2], 3]);
  assert.deepEqual(of({ ...input("x", "p", "q"), linkMerge: "merge_flattened" }), [1, 2, 3]);
  assert.deepEqual(of(input("x", "q")), 3);
  assert.deepEqual(of({ ...input("x", "q"), linkMerge: "merge_nested" }), [3]);
});

test("pickValue picks after merging", () => {
  const of = (pickValue: StepInput["pickValue"], ...sources: string[]) => {
    const work = startedWith(step("a", [{ ...input("x", ...sources), pickValue }]), { a: null, b: 1, c: 2, list: [null, 5] });
    return typeof work === "string" ? work : work.inputs.x;
  };
  assert.equal(of("first_non_null", "a", "b", "c"), 1);
  assert.equal(of("the_only_non_null", "a", "b"), 1);
  assert.deepEqual(of("all_non_null", "a", "b", "c"), [1, 2]);
  assert.deepEqual(of("all_non_null", "list"), [5]);
  assert.match(of("the_only_non_null", "b", "c") as string, /`x` \(from b, c\): 2 values are not null/);
  assert.match(of("first_non_null", "a", "a") as string, /all values are null/);
});

test("a dot product takes the arrays side by side", () => {
  const only = step("a", [input("x", "p"), input("y", "q"), input("z", "r")], {
    scatter: ["x", "y"],
    scatterMethod: "dotproduct",
  });
  const work = startedWith(only, { p: [1, 2], q: ["a", "b"], r: [0] }) as StepWork;
  assert.equal(work.count, 2);
  assert.deepEqual(scatterItemInputs(work, 1), { x: 2, y: "b", z: [0] });
  assert.deepEqual(gatherOutputs(only, work, [{ out: "1a" }, null]), { out: ["1a", null] });
  assert.match(startedWith(only, { p: [1, 2], q: ["a"], r: 0 }) as string, /x has 2, y has 1/);
  assert.match(startedWith(only, { p: 5, q: ["a"], r: 0 }) as string, /cannot scatter over `x`: its value is no array but 5/);
});

test("a cross product takes every combination, its last array fastest", () => {
  const crossed = (scatterMethod: Step["scatterMethod"], p: Value, q: Value) => {
    const only = step("a", [input("x", "p"), input("y", "q")], { scatter: ["x", "y"], scatterMethod });
    const work = startedWith(only, { p, q }) as StepWork;
    const items = Array.from({ length: work.count }, (_, at) => scatterItemInputs(work, at));
    return gatherOutputs(
      only,
      work,
      items.map(({ x, y }) => ({ out: `${x}${y}` })),
    ).out;
  };
  assert.deepEqual(crossed("flat_crossproduct", [1, 2], ["a", "b", "c"]), ["1a", "1b", "1c", "2a", "2b", "2c"]);
  assert.deepEqual(crossed("nested_crossproduct", [1, 2], ["a", "b", "c"]), [
    ["1a", "1b", "1c"],
    ["2a", "2b", "2c"],
  ]);
  assert.deepEqual(crossed("nested_crossproduct", [1, 2], []), [[], []]);
  assert.deepEqual(crossed("nested_crossproduct", [], ["a"]), []);
  assert.deepEqual(crossed("flat_crossproduct", [1, 2], []), []);
});

test("a scatter over nothing has no scatter items and gives empty arrays", () => {
  const only = step("a", [input("x", "p")], { scatter: ["x"] });
  const work = startedWith(only, { p: [] }) as StepWork;
  assert.equal(work.count, 0);
  assert.deepEqual(gatherOutputs(only, work, []), { out: [] });
});

test("a step that cannot be given its inputs fails the workflow, and nothing else starts", () => {
  const wf = workflow([step("a", []), step("b", [input("x", "p")], { scatter: ["x"] })]);
  const decisions = plan(wf, progress({ p: 1 }));
  assert.deepEqual(
    decisions.map((decision) => decision.do),
    ["fail"],
  );
});

test("the plan looks only at what follows the changed steps", () => {
  let looks = 0;
  const steps = Array.from({ length: 2000 }, (_, at) => step(`s${at}`, [input("x", at === 0 ? "n" : `s${at - 1}/out`)]));
  for (const each of steps) {
    const { in: ins } = each;
    Object.defineProperty(each, "in", {
      get() {
        looks++;
        return ins;
      },
    });
  }
  const wf = workflow(steps);
  const done: Progress = { inputs: { n: 1 }, steps: { s0: { is: "done", outputs: { out: 1 } } }, doneSteps: 1 };
  plan(wf, done, ["s0"]);
  looks = 0;
  const [decision] = plan(wf, done, ["s0"]);
  assert.equal(decision?.do, "start");
  assert.ok(looks < 10, `${looks} steps were looked at`);
});
