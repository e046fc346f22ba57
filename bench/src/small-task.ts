import { spawn } from "node:child_process";
import { once } from "node:events";
import { median, startPlatform, verdict } from "./platform.ts";

// One small task over HTTP, from `POST /tasks?action=run` to the first answer that says COMPLETED, against starting the
// same command by hand, in one run. Usage: node bench/src/small-task.ts [rounds]
const rounds = Number(process.argv[2] ?? 30);
const ECHO = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  baseCommand: "echo",
  inputs: [{ id: "text", type: "string", inputBinding: { position: 1 } }],
  outputs: [{ id: "said", type: "File", outputBinding: { glob: "said.txt" } }],
  stdout: "said.txt",
};

const platform = await startPlatform();
try {
  const project = await platform.call("POST", "/projects", { name: "Bench" });
  await platform.call("POST", `/apps/${project.id}/echo/raw`, ECHO);
  const body = { project: project.id, app: `${project.id}/echo`, inputs: { text: "hello" } };

  const ours: number[] = [];
  const floor: number[] = [];
  for (let round = 0; round < rounds; round++) {
    floor.push(await timed(async () => void (await once(spawn("echo", ["hello"], { stdio: "ignore" }), "exit"))));
    ours.push(
      await timed(async () => {
        const { id } = await platform.call("POST", "/tasks?action=run", body);
        for (;;) {
          const { status, execution_status } = await platform.call("GET", `/tasks/${id}?fields=status,execution_status`);
          if (status === "COMPLETED") return;
          if (status === "FAILED") throw new Error(execution_status.message);
          await new Promise((wake) => setTimeout(wake, 5));
        }
      }),
    );
  }
  console.log(`echo started by hand: ${median(floor).toFixed(1)} ms at the median of ${rounds}`);
  console.log(`ratio: ${(median(ours) / median(floor)).toFixed(1)} times the bare process`);
  verdict("one small task over HTTP, median", median(ours), " ms", { atMost: 300 });
} finally {
  await platform.close();
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
