import { median, startPlatform } from "./platform.ts";

// A workflow whose jobs have all run before against its first run, over HTTP from `POST /tasks?action=run` to COMPLETED.
// Usage: node bench/src/reuse.ts [jobs] [rounds]
const jobs = Number(process.argv[2] ?? 50);
const rounds = Number(process.argv[3] ?? 5);
const WORKFLOW = {
  cwlVersion: "v1.2",
  class: "Workflow",
  requirements: [{ class: "ScatterFeatureRequirement" }],
  inputs: [{ id: "words", type: "string[]" }],
  // Finding names for outputs costs both runs the same, and is not what is measured.
  outputs: [],
  steps: [
    {
      id: "say",
      scatter: "word",
      in: [{ id: "word", source: "words" }],
      out: ["said"],
      run: {
        class: "CommandLineTool",
        baseCommand: "echo",
        inputs: [{ id: "word", type: "string", inputBinding: {} }],
        outputs: [{ id: "said", type: "stdout" }],
      },
    },
  ],
};

const platform = await startPlatform();
try {
  const project = await platform.call("POST", "/projects", { name: "Bench", settings: { use_memoization: true } });
  await platform.call("POST", `/apps/${project.id}/say/raw`, WORKFLOW);
  const first: number[] = [];
  const second: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const words = Array.from({ length: jobs }, (_, index) => `word ${index} of round ${round}`);
    first.push(await run(words, false));
    second.push(await run(words, true));
  }
  console.log(`${jobs} jobs, first run: ${median(first).toFixed(0)} ms at the median of ${rounds}`);
  console.log(`${jobs} jobs taken over: ${median(second).toFixed(0)} ms`);
  console.log(`ratio: ${(median(second) / median(first)).toFixed(2)} of the first run; these jobs themselves take a few ms each`);

  async function run(words: string[], isKnown: boolean): Promise<number> {
    const start = performance.now();
    const { id } = await platform.call("POST", "/tasks?action=run", {
      project: project.id,
      app: `${project.id}/say`,
      inputs: { words },
    });
    for (;;) {
      const { status, execution_status } = await platform.call("GET", `/tasks/${id}?fields=status,execution_status`);
      if (status === "FAILED") throw new Error(execution_status.message);
      if (status === "COMPLETED") break;
      await new Promise((wake) => setTimeout(wake, 5));
    }
    const took = performance.now() - start;
    const details = await platform.call("GET", `/tasks/${id}/execution_details`);
    const ran = details.jobs.filter(({ instance }: { instance: unknown }) => instance !== null).length;
    if (ran !== (isKnown ? 0 : jobs)) throw new Error(`${ran} jobs ran`);
    return took;
  }
} finally {
  await platform.close();
}
