import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readdir, statfs, truncate } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { type RawBuilder, sql } from "kysely";
import type { World } from "../../testing/world.ts";

// The points of a task's life at which an abort can come, for the tests of aborts: how a task gets there and stays there.

/** Longer than an abort may take anywhere, on a machine that has much other work. */
const GENEROUS_MS = 60_000;

/** Whose tasks are aborted. */
export interface Place {
  world: World;
  user: string;
  project: string;
  /** The project's root folder. */
  root: string;
}

/** A task that is begun and comes to the point by itself. */
export interface AbortPoint {
  at: string;
  tool: object;
  /** What the request says besides app and project. */
  request?: (place: Place) => Promise<object>;
  /** Resolves when the task is there. */
  reached(world: World, id: string): Promise<unknown>;
}

export async function until(what: string, ask: () => Promise<unknown>): Promise<void> {
  for (const end = Date.now() + GENEROUS_MS; Date.now() < end; await wait(20)) if (await ask()) return;
  throw new Error(`waited in vain for ${what}`);
}

export const tool = (script: string, more: object = {}) => ({
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  requirements: [{ class: "InlineJavascriptRequirement" }],
  baseCommand: ["bash", "-c", script],
  inputs: [{ id: "word", type: "string?" }],
  outputs: [{ id: "out", type: "File?", outputBinding: { glob: "out" } }],
  ...more,
});
/**
 * Stands on the command lines of the tools' processes: how long they sleep, in seconds, unlike those of another run of these
 * tests. Longer than any abort may take, and not for ever: a run that is killed leaves its jobs behind, as a platform does.
 */
export const MARK = `180.${String(Math.random()).slice(2, 10)}`;
export const SLEEP = tool(`sleep ${MARK}`);
const LOOP = "${ while (true) {} }";

/** Bytes that no disk holds: half a minute of reading at least, and holes alone. Less than jobs may write here. */
const { bavail, bsize } = await statfs("/tmp");
const HUGE = Math.min(60_000_000_000, Math.floor((bavail * bsize) / 2));

const rowsOf = async (world: World, query: RawBuilder<unknown>) => (await query.execute(world.platform.db)).rows;
export const findsRow = (world: World, what: string, query: RawBuilder<unknown>) =>
  until(what, async () => (await rowsOf(world, query)).length > 0);

export const isRunning = (world: World, id: string) =>
  findsRow(world, "a running job", sql`select from jobs where task_id = ${id} and status = 'RUNNING'`);
const isDriven = (world: World, id: string) =>
  findsRow(world, "a driven task", sql`select from tasks where id = ${id} and status = 'RUNNING'`);
export const isWaiting = (reason: string) => (world: World, id: string) =>
  findsRow(world, `a job that waits: ${reason}`, sql`select from jobs where task_id = ${id} and waiting like ${`${reason}%`}`);

/** The command has ended, and what it left is being looked at or stored. */
const hasEnded = (world: World, id: string) =>
  until("the end of its command", async () => {
    const [row] = (await rowsOf(world, sql`select executor_id from jobs where task_id = ${id}`)) as { executor_id: string }[];
    return row && existsSync(`${world.directory}/jobs/executor/${row.executor_id}/result.json`);
  });
/** What the command left has been found, and is being stored. */
const isStoring = (world: World, id: string) =>
  findsRow(world, "a job whose outputs are known", sql`select from jobs where task_id = ${id} and outputs is not null`);

/** The name of something below a task's directory. */
const hasFile = (name: string) => (world: World, id: string) =>
  until(`a file ${name}`, async () => {
    const names = await readdir(`${world.directory}/jobs/tasks/${id}`, { recursive: true }).catch(() => []);
    return names.some((path) => path.endsWith(`/${name}`)) || (await rowsOf(world, RUNNING(id))).length > 0;
  });
const RUNNING = (id: string) => sql`select from jobs where task_id = ${id} and status = 'RUNNING'`;

/**
 * An input file of so many bytes, all of them holes. `sha256` is what the database knows of them: null as of a file that came
 * in parts.
 */
async function sparseInput({ world, user, project }: Place, size: number, sha256: string | null): Promise<object> {
  const { id } = await world.file(user, project, `big${Math.random()}`, "x");
  const { db, store } = world.platform;
  const { blob_key: key } = await db.selectFrom("files").select("blob_key").where("id", "=", id).executeTakeFirstOrThrow();
  await truncate(await store.localPath!(key!), size);
  await sql`update blobs set size = ${size}, sha256 = ${sha256} where key = ${key}`.execute(db);
  await sql`update files set size = ${size} where id = ${id}`.execute(db);
  return { inputs: { file: { class: "File", path: id } } };
}
const WITH_FILE = { inputs: [{ id: "file", type: "File" }] };

/** What each task comes to by itself, in the order of a task's life. Several users' come to them at the same time. */
export const POINTS: AbortPoint[] = [
  {
    at: "its input, which came in parts, is hashed",
    tool: tool("true", WITH_FILE),
    request: (place) => sparseInput(place, HUGE, null),
    reached: isDriven,
  },
  {
    at: "its input is read to see that it is as it was stored",
    tool: tool("true", WITH_FILE),
    request: (place) => sparseInput(place, HUGE, "0".repeat(64)),
    reached: isDriven,
  },
  {
    at: "an expression of its inputs runs for ever",
    tool: tool("true", { arguments: [LOOP] }),
    reached: isDriven,
  },
  {
    // Sixty copies of a gibibyte; where the file system clones files they are made at once, and its command runs.
    at: "its inputs are staged",
    tool: tool(`sleep ${MARK}`, {
      ...WITH_FILE,
      requirements: [
        { class: "InlineJavascriptRequirement" },
        {
          class: "InitialWorkDirRequirement",
          listing:
            "${ var all = []; for (var i = 0; i < 60; i++) all.push({entry: inputs.file, entryname: 'copy' + i, writable: true}); return all; }",
        },
      ],
    }),
    request: (place) => sparseInput(place, 2 ** 30, null),
    reached: hasFile("copy0"),
  },
  {
    at: "it waits for an instance",
    tool: {
      ...tool(""),
      class: "Workflow",
      baseCommand: undefined,
      requirements: [{ class: "ScatterFeatureRequirement" }],
      outputs: [],
      steps: [
        {
          id: "s",
          scatter: "word",
          in: [{ id: "word", default: ["a", "b", "c"] }],
          out: [],
          run: { ...SLEEP, outputs: [] },
        },
      ],
    },
    request: async () => ({ execution_settings: { instance_type: "c5.large", max_parallel_instances: 1 } }),
    reached: async (world, id) => {
      await isWaiting("all instances that the task may have are busy")(world, id);
      await isRunning(world, id);
    },
  },
  {
    at: "its command ignores SIGTERM",
    tool: tool(`trap '' TERM INT HUP; for i in $(seq 180); do sleep 1; done; : ${MARK}`),
    reached: isRunning,
  },
  {
    at: "its command makes more and more processes",
    tool: tool(`for i in $(seq 200); do (sleep ${MARK} & sleep ${MARK}) & sleep 0.2; done; sleep ${MARK}`),
    reached: isRunning,
  },
  { at: "its command is stopped", tool: tool(`(sleep ${MARK}; kill -KILL $$) & kill -STOP $$`), reached: isRunning },
  {
    at: "the log of its running command is copied",
    tool: tool(`truncate -s ${HUGE} err; sleep ${MARK}`, { stderr: "err" }),
    reached: hasFile("job.err.log.so-far"),
  },
  { at: "a huge output is hashed", tool: tool(`truncate -s ${HUGE} out`), reached: hasEnded },
  {
    at: "an expression of its outputs runs for ever",
    tool: tool("true", { outputs: [{ id: "out", type: "Any", outputBinding: { glob: ".", outputEval: LOOP } }] }),
    reached: hasEnded,
  },
  {
    at: "a huge output is stored",
    tool: tool(`mkdir out; truncate -s ${HUGE} out/huge`, {
      outputs: [{ id: "out", type: "Directory", outputBinding: { glob: "out" } }],
    }),
    reached: isStoring,
  },
  {
    at: "the log of its failed command is stored",
    tool: tool(`truncate -s ${HUGE} err; exit 1`, { stderr: "err" }),
    reached: hasEnded,
  },
];

/** A tool that no other job of the machine leaves a core to. */
export const ALL_CORES = {
  ...SLEEP,
  hints: [{ class: "ResourceRequirement", coresMin: availableParallelism() }],
};

/** Sees that nothing is left of tasks that were aborted: no process, no directory, no instance, no job under way. */
export async function leavesNothing(
  world: World,
  at: string,
  ids: readonly string[],
  marks: readonly string[] = [],
): Promise<void> {
  const of = sql`${[...ids]}::uuid[]`;
  const held = sql`select from instances where task_id = any(${of}) and released_at is null`;
  const open = sql`select from jobs where task_id = any(${of}) and status in ('QUEUED', 'RUNNING')`;
  await until(`the end of all that belongs to a task that was aborted while ${at}`, async () => {
    for (const query of [held, open]) if ((await rowsOf(world, query)).length > 0) return false;
    if (ids.some((id) => existsSync(`${world.directory}/jobs/tasks/${id}`))) return false;
    if (!hasProcess([...ids, ...marks])) return true;
    await wait(200); // every process of the machine was looked at
  });
}

/** Whether a process of this machine has one of the texts on its command line. */
function hasProcess(texts: readonly string[]): boolean {
  return readdirSync("/proc").some((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, "latin1");
      return texts.some((text) => line.includes(text));
    } catch {
      return false; // it has ended meanwhile
    }
  });
}
