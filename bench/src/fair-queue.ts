import { createHash } from "node:crypto";
import { median, type Platform, startPlatform, until, verdict } from "./platform.ts";

// Another user's task of `seconds`, alone and behind what somebody else has submitted a moment before: many tasks, one
// batch, one workflow, and tasks that run for minutes. Usage: node bench/src/fair-queue.ts [seconds] [many] [rounds] [word]; of
// what it is behind, only that with the word.
const [seconds = 1, many = 300, rounds = 3] = process.argv.slice(2, 5).map(Number);
const word = process.argv[5] ?? "";

const sleep = (time: number) => ({
  class: "CommandLineTool",
  baseCommand: ["sleep", String(time)],
  inputs: [{ id: "n", type: "int?" }],
  outputs: [],
});
const APPS = {
  small: { cwlVersion: "v1.2", ...sleep(seconds) },
  short: { cwlVersion: "v1.2", ...sleep(0.2) },
  long: { cwlVersion: "v1.2", ...sleep(600) },
  scatter: {
    cwlVersion: "v1.2",
    class: "Workflow",
    requirements: [{ class: "ScatterFeatureRequirement" }],
    inputs: [{ id: "ns", type: "int[]" }],
    outputs: [],
    steps: [{ id: "wait", scatter: "n", in: [{ id: "n", source: "ns" }], out: [], run: sleep(0.2) }],
  },
};
const OTHER = "fedcba9876543210fedcba9876543210";

const platform = await startPlatform();
try {
  await addOther(platform);
  const ana = await userOf(platform, platform.headers["x-sbg-auth-token"]!);
  const ben = await userOf(platform, OTHER);
  const numbers = Array.from({ length: many }, (_, n) => n);
  const submissions: Record<string, () => Promise<string[]>> = {
    [`${many} tasks`]: () => Promise.all(numbers.map((n) => ana.run("short", { n }))),
    "a batch of 100": async () => [
      await ana.run("short", { n: numbers.slice(0, 100) }, { batch_input: "n", batch_by: { type: "ITEM" } }),
    ],
    [`a workflow of ${many} jobs`]: async () => [
      await ana.run("scatter", { ns: numbers }, { execution_settings: { max_parallel_instances: 100 } }),
    ],
    "20 tasks of ten minutes": () => Promise.all(numbers.slice(0, 20).map((n) => ana.run("long", { n }))),
  };
  await ben.timed();
  const alone: number[] = [];
  for (let round = 0; round < rounds; round++) alone.push(await ben.timed());
  console.log(`alone: ${(median(alone) / 1000).toFixed(2)} s at the median of ${rounds}`);
  for (const [what, submit] of Object.entries(submissions).filter(([name]) => name.includes(word))) {
    const started = performance.now();
    const ids = await submit();
    const submitted = performance.now();
    const behind = await ben.timed();
    const left = await ana.left();
    console.log(
      `behind ${what}: ${(behind / 1000).toFixed(2)} s; submitting took ${((submitted - started) / 1000).toFixed(1)} s`,
    );
    if (left > 0) console.log(`  ${left} of them had not ended when it had`);
    else console.log("  all of them had ended when it had: the figure says nothing");
    verdict(`  times its time alone, behind ${what}`, behind / median(alone), "", { atMost: 5 });
    if (what.startsWith(`${many} tasks`)) {
      await until(600, "the end of the tasks", async () => (await ana.left()) === 0);
      const rate = many / ((performance.now() - started) / 1000);
      console.log(`  all ${many} tasks ended: ${rate.toFixed(1)} a second`);
    }
    for (const id of ids) await ana.abort(id);
    await until(120, "the end of what was aborted", async () => (await ana.left()) === 0);
  }
} finally {
  await platform.close();
}

async function addOther({ sql }: Platform): Promise<void> {
  await sql.query(
    `with made as (insert into users (username, email) values ('ben', 'ben@localhost') returning id),
     known as (insert into tokens (hash, user_id) select $1, id from made),
     payer as (insert into billing_groups (name, owner_id) select 'ben', id from made returning id, owner_id)
     insert into billing_group_members (group_id, user_id) select id, owner_id from payer`,
    [createHash("sha256").update(OTHER).digest()],
  );
}

async function userOf({ url, sql }: Platform, token: string) {
  // biome-ignore lint/suspicious/noExplicitAny: a bench says what it expects of an answer.
  const call = async (method: string, path: string, body?: unknown): Promise<any> => {
    const response = await fetch(url + path, {
      method,
      headers: { "x-sbg-auth-token": token, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const { id: project } = await call("POST", "/projects", { name: "Queue" });
  for (const [name, document] of Object.entries(APPS)) await call("POST", `/apps/${project}/${name}/raw`, document);
  const run = async (app: string, inputs: object, more: object = {}): Promise<string> => {
    const task = await call("POST", "/tasks?action=run", { project, app: `${project}/${app}`, inputs, ...more });
    if (task.errors.length > 0) throw new Error(JSON.stringify(task.errors));
    return task.id;
  };
  return {
    run,
    /** Milliseconds from the call that submits the small task to the answer that says it has ended. */
    async timed(): Promise<number> {
      const started = performance.now();
      const id = await run("small", {});
      await until(900, "the small task's end", async () => {
        const { status, execution_status } = await call("GET", `/tasks/${id}?fields=status,execution_status`);
        if (status === "FAILED") throw new Error(execution_status.message);
        return status === "COMPLETED";
      });
      return performance.now() - started;
    },
    async left(): Promise<number> {
      const { rows } = await sql.query(
        `select count(*)::integer as count from tasks join projects on projects.id = project_id
         where owner || '/' || short_name = $1 and status in ('CREATING', 'QUEUED', 'RUNNING', 'ABORTING')`,
        [project],
      );
      return rows[0].count;
    },
    async abort(id: string): Promise<void> {
      await call("POST", `/tasks/${id}/actions/abort`).catch(() => {});
    },
  };
}
