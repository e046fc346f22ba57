import { naming } from "../jobs/job-error.ts";
import type { RunTool, ToolContext } from "../jobs/run-tool.ts";
import { named, whyNotReused } from "./explanation.ts";
import { type BoundJob, bindReusable, identifyBound, undeclaredFileIn } from "./identity.ts";
import { InputHasher } from "./input-hasher.ts";
import type { ReuseStore } from "./store.ts";

/** Why a job was not run, or why it was, or why its outputs could not be kept for later ones. */
export type ReuseDecision = { is: "reused" | "not reused" | "not kept"; name: string; why: string };

/**
 * The same way of running a tool, except that a job which the store knows does not run: its outputs are copied from
 * there. One that succeeds is recorded. `tell` learns the reason of every decision; `run` tells `observe` what it prepares.
 *
 * Never looked up nor recorded: tools that say `WorkReuse: {enableReuse: false}` (CWL v1.2 §WorkReuse), and tools that
 * change their inputs in place, which is not among their outputs. Not recorded: jobs that were staged a file which
 * neither their inputs nor the tool name, for instance by a path that an expression made up, as the key says nothing
 * about it; and jobs whose inputs changed while they ran.
 */
export function reusing(
  store: ReuseStore,
  run: RunTool<ToolContext>,
  tell: (decision: ReuseDecision) => void,
): RunTool<ToolContext> {
  const measure = new InputHasher();
  return async (tool, given, context) => {
    const { name } = context;
    const bound = await naming(name, () => bindReusable(tool, given, context));
    if ("refusal" in bound) {
      tell({ is: "not reused", name, why: bound.refusal });
      return run(tool, given, context);
    }
    const job = await naming(name, () => identifyBound(bound, context, measure));
    const found = await store.find(job.key.key, `${context.directory}/reused`);
    if (found) {
      tell({ is: "reused", name, why: `the same tool and inputs as ${named(found.job)}` });
      return found.outputs;
    }
    tell({ is: "not reused", name, why: whyNotReused(job, await store.nearest(job.key.parts)) });

    let stranger: string | undefined;
    const outputs = await run(tool, given, {
      ...context,
      observe: (prepared) => {
        stranger = undeclaredFileIn(prepared, job.files);
        context.observe?.(prepared);
      },
    });
    // The job has succeeded whatever becomes of its record.
    const problem = await keep().catch((error: Error) => error.message);
    if (problem !== undefined) tell({ is: "not kept", name, why: problem });
    return outputs;

    async function keep(): Promise<string | undefined> {
      if (stranger !== undefined) return `it was given ${stranger}, which is none of its inputs`;
      const after = await identifyBound(bound as BoundJob, context, measure);
      if (after.key.key !== job.key.key) return "its inputs changed while it ran";
      await store.record(job.key, { name, at: new Date().toISOString(), shown: job.shown }, outputs);
      return undefined;
    }
  };
}
