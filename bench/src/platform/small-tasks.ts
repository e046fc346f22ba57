import { type Platform, until } from "../platform.ts";

const ECHO = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  baseCommand: "echo",
  inputs: [{ id: "text", type: "string", inputBinding: { position: 1 } }],
  outputs: [{ id: "said", type: "File", outputBinding: { glob: "said.txt" } }],
  stdout: "said.txt",
};

/** Adds the app to a new project, and answers the project's id. */
export async function installEcho({ call }: Platform): Promise<string> {
  const { id } = await call("POST", "/projects", { name: "Echo" });
  await call("POST", `/apps/${id}/echo/raw`, ECHO);
  return id;
}

/** Milliseconds from `POST /tasks?action=run` to the first answer that says COMPLETED. */
export async function oneSmallTask(platform: Platform, project: string): Promise<number> {
  const started = performance.now();
  await ended(platform, await run(platform, project, { text: "hello" }), 5);
  return performance.now() - started;
}

/** How many tasks of a batch end in a second, the making of them included. */
export async function batchOfSmallTasks(platform: Platform, project: string, count: number): Promise<number> {
  const text = Array.from({ length: count }, (_, index) => `hello ${index}`);
  const batch = { batch: true, batch_input: "text", batch_by: { type: "ITEM" } };
  const started = performance.now();
  await ended(platform, await run(platform, project, { text }, batch), 50);
  return count / ((performance.now() - started) / 1000);
}

async function run({ call }: Platform, project: string, inputs: object, more: object = {}): Promise<string> {
  const { id, errors } = await call("POST", "/tasks?action=run", { project, app: `${project}/echo`, inputs, ...more });
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return id;
}

async function ended({ call }: Platform, id: string, everyMs: number): Promise<void> {
  const isOver = async () => {
    const { status, execution_status } = await call("GET", `/tasks/${id}?fields=status,execution_status`);
    if (status === "FAILED") throw new Error(execution_status.message);
    return status === "COMPLETED";
  };
  await until(300, "the end of a task", isOver, everyMs);
}
