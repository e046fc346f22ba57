import { Type } from "typebox";
import type { App } from "../http/app.ts";
import { type ShareWeights, WEIGHTED } from "../tasks/dispatch/weights.ts";
import { bodyOf, queryOf } from "./body.ts";

const Of = {
  of: Type.Enum([...WEIGHTED]),
  // A billing group's id, a project's `owner/project`, a username.
  name: Type.String({ minLength: 1, pattern: "^[^\\u0000]+$" }),
};
const Setting = Type.Object({ ...Of, weight: Type.Number({ minimum: 0.01, maximum: 100 }) }, { additionalProperties: false });
const Named = Type.Object(Of);

/** How large the shares of the machines are that billing groups, their projects, and users in projects have. */
export function operatorWeights(scope: App, weights: ShareWeights): void {
  scope.get("/weights", async () => ({ weights: await weights.list() }));
  scope.put("/weights", async (request) => weights.set(bodyOf(request, Setting)));
  scope.delete("/weights", async (request) => {
    const { of, name } = queryOf(request, Named);
    await weights.unset(of, name);
    return { weights: await weights.list() };
  });
}
