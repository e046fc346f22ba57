import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { type World, withWorld } from "../../testing/world.ts";
import { ended } from "../testing.ts";

const TOOL = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  requirements: [{ class: "InlineJavascriptRequirement" }],
  baseCommand: ["echo", "-n"],
  inputs: [
    { id: "n", type: "long", inputBinding: { position: 1 } },
    { id: "many", type: { type: "array", items: "long" }, inputBinding: { position: 2, itemSeparator: "," } },
    { id: "limit", type: "long", default: 9223372036854775807n, inputBinding: { position: 3 } },
  ],
  outputs: [
    { id: "text", type: "string", outputBinding: { glob: "out.txt", loadContents: true, outputEval: "$(self[0].contents)" } },
    { id: "again", type: "long", outputBinding: { outputEval: "$(inputs.n)" } },
  ],
  stdout: "out.txt",
};

/** The answer as it is sent: the tests' own client reads numbers as doubles. */
async function textOf(world: World, path: string): Promise<string> {
  const answer = await fetch(world.url + path, { headers: { "x-sbg-auth-token": await world.token("mira") } });
  return answer.text();
}
const N = 9007199254740993n;

async function run(world: World, document: object, inputs: object) {
  const project = await world.project("mira", `P${Math.random()}`);
  const app = `${project.id}/app`;
  assert.equal((await world.post("mira", `/apps/${app}/raw`, document)).status, 200);
  const made = await world.post("mira", "/tasks?action=run", { project: project.id, app, inputs });
  return { project: project.id, app, task: await ended(world, "mira", made.body.id) };
}

test(
  "a long keeps its digits from the request to the command line, the outputs and the answer",
  withWorld(async (world) => {
    const { project, app, task } = await run(world, TOOL, { n: N, many: [-N, 3] });
    assert.equal(task.status, "COMPLETED", task.execution_status.message);
    assert.equal(task.outputs.text, `${N} -${N},3 9223372036854775807`);
    const stored = await sql<{
      text: string;
    }>`select (inputs::text || outputs::text) as text from tasks where id = ${task.id}`.execute(world.platform.db);
    assert.match(stored.rows[0]!.text, /"n": ?9007199254740993.*"again": ?9007199254740993/);
    const shown = await textOf(world, `/tasks/${task.id}`);
    assert.match(shown, /"n":9007199254740993[,}]/);
    assert.match(shown, /"many":\[-9007199254740993,3\]/);
    assert.match(shown, /"again":9007199254740993[,}]/);
    const draft = await world.post("mira", "/tasks", { project, app, inputs: { n: 2n ** 63n, many: [] } });
    assert.match(JSON.stringify(draft.body.errors), /long is needed/);
  }),
);

test(
  "a script that strict mode refuses runs, and its task says so",
  withWorld(async (world) => {
    const { baseCommand: _, stdout: __, ...rest } = TOOL;
    const { task } = await run(
      world,
      {
        ...rest,
        class: "ExpressionTool",
        inputs: [],
        outputs: [{ id: "out", type: "string" }],
        expression: "${ content = ['a', 'b']; return {out: content.join(',')}; }",
      },
      {},
    );
    assert.deepEqual([task.status, task.outputs.out], ["COMPLETED", "a,b"], task.execution_status.message);
    assert.match(JSON.stringify(task.warnings), /"SCRIPT".*'content' is not defined, in strict mode; it is run without/);
  }),
);
