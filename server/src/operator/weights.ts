import { OPERATOR_OPERATIONS } from "@causeway/contract";
import type { StrictCalls } from "../http/strict-calls.ts";
import type { ShareWeights } from "../tasks/dispatch/weights.ts";

/** How large the shares of the machines are that billing groups, their projects, and users in projects have. */
export function operatorWeights(calls: StrictCalls, weights: ShareWeights): void {
  const { listWeights, setWeight, unsetWeight } = OPERATOR_OPERATIONS;
  calls.serve(listWeights, async () => ({ weights: await weights.list() }));
  calls.serve(setWeight, async ({ body }) => weights.set(body));
  calls.serve(unsetWeight, async ({ query: { of, name } }) => {
    await weights.unset(of, name);
    return { weights: await weights.list() };
  });
}
