import assert from "node:assert/strict";
import { test } from "node:test";
import { type World, withWorld } from "../../testing/world.ts";

interface Event {
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an event.
  data: any;
}

const beside = ({ url }: World, path: string) => url.replace(/\/v2$/, "/web") + path;

/** The events of a stream as they come; it is over when the server ends it, or the reader stops. */
async function* follow(world: World, user: string, path: string, headers: Record<string, string> = {}): AsyncGenerator<Event> {
  const stop = new AbortController();
  const own = "cookie" in headers ? headers : { "x-sbg-auth-token": await world.token(user) };
  const answer = await fetch(beside(world, path), { headers: own, signal: stop.signal });
  assert.equal(answer.status, 200, path);
  assert.equal(answer.headers.get("content-type"), "text/event-stream");
  let text = "";
  try {
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const [, name, data] = /^event: (.*)\ndata: (.*)$/s.exec(text.slice(0, end)) ?? [];
        text = text.slice(end + 2);
        if (name !== undefined) yield { name, data: JSON.parse(data!) };
      }
    }
  } finally {
    stop.abort();
  }
}

async function startTask(world: World, script: string): Promise<string> {
  const project = await world.project("ana");
  const tool = {
    cwlVersion: "v1.2",
    class: "CommandLineTool",
    baseCommand: ["sh", "-c", script],
    inputs: { item: { type: "int", inputBinding: {} } },
    outputs: { item: { type: "int", outputBinding: { outputEval: "$(inputs.item)" } } },
  };
  const workflow = {
    cwlVersion: "v1.2",
    class: "Workflow",
    requirements: [{ class: "ScatterFeatureRequirement" }],
    inputs: { items: "int[]" },
    outputs: { all: { type: "int[]", outputSource: "each/item" } },
    steps: { each: { run: tool, scatter: "item", in: { item: "items" }, out: ["item"] } },
  };
  await world.post("ana", `/apps/${project.id}/flow/raw`, workflow);
  const { status, body } = await world.post("ana", "/tasks?action=run", {
    project: project.id,
    app: `${project.id}/flow`,
    inputs: { items: [1, 2, 3] },
  });
  assert.equal(status, 200, JSON.stringify(body));
  return body.id;
}

test(
  "a page that follows a task hears of every job, of the task's end, and then nothing more",
  withWorld(async (world) => {
    const task = await startTask(world, "sleep 0.2");
    const jobs = new Map<string, { status: string; step: string }>();
    const statuses: string[] = [];
    const names: string[] = [];
    for await (const { name, data } of follow(world, "ana", `/tasks/${task}/changes`)) {
      names.push(name);
      if (name === "task") statuses.push(data.status);
      if (name === "jobs") for (const job of data.jobs) jobs.set(job.name, job);
    }
    assert.deepEqual([...jobs.keys()].sort(), ["each[0]", "each[1]", "each[2]"]);
    assert.ok([...jobs.values()].every(({ status, step }) => status === "COMPLETED" && step === "each"));
    assert.equal(statuses.at(-1), "COMPLETED");
    assert.deepEqual([names.slice(0, 2).sort(), names.at(-1)], [["jobs", "task"], "end"]);

    const graph = (await world.get("ana", beside(world, `/tasks/${task}/graph`))).body;
    assert.deepEqual(graph.edges, [
      { from: "in:items", to: "each" },
      { from: "each", to: "out:all" },
    ]);
    const detail = (await world.get("ana", beside(world, `/tasks/${task}/jobs/${encodeURIComponent("each[1]")}`))).body;
    assert.match(detail.command_line, /sleep 0\.2/);
    assert.ok(detail.logs.some(({ name }: { name: string }) => name === "job.err.log"));

    const again: Event[] = [];
    for await (const event of follow(world, "ana", `/tasks/${task}/changes`)) again.push(event);
    assert.deepEqual(
      again.map(({ name }) => name),
      ["task", "jobs", "end"],
      "of a task that has ended everything comes at once",
    );
  }),
);

test(
  "a stream ends when who follows may not any more, and a user has only so many",
  withWorld(
    async (world) => {
      const task = await startTask(world, "sleep 1000");
      const project = (await world.get("ana", `/tasks/${task}`)).body.project;
      await world.token("ben");
      await world.post("ana", `/projects/${project}/members`, { username: "ben", permissions: { read: true } });
      let heard = 0;
      for await (const _event of follow(world, "ben", `/tasks/${task}/changes`)) {
        heard += 1;
        if (heard === 1) await world.delete("ana", `/projects/${project}/members/ben`);
      }
      assert.ok(heard >= 1);
      const refused = await world.get("ben", beside(world, `/tasks/${task}/changes`));
      assert.deepEqual([refused.status, refused.body.code], [403, 7001]);

      const first = follow(world, "ana", `/tasks/${task}/changes`);
      await first.next();
      const second = follow(world, "ana", `/projects/${project}/changes`);
      assert.equal((await second.next()).value.data.tasks[0].id, task);
      const third = await world.get("ana", beside(world, `/tasks/${task}/changes`));
      assert.deepEqual([third.status, third.body.code], [429, 1000]);
      assert.match(third.body.more_info, /CAUSEWAY_STREAMS/);
      await first.return(undefined);
      // The place is free once the server has seen that the page is gone.
      for (;;) {
        const stop = new AbortController();
        const headers = { "x-sbg-auth-token": await world.token("ana") };
        const { status } = await fetch(beside(world, `/tasks/${task}/changes`), { headers, signal: stop.signal });
        stop.abort();
        if (status === 200) break;
      }
      await second.return(undefined);
      await world.post("ana", `/tasks/${task}/actions/abort`);
    },
    { streams: 2 },
  ),
);
