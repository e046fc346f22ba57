import type { App } from "./app.ts";
import { ApiError } from "./errors.ts";
import { answerPreflight } from "./other-origins.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"] as const;

/** What a path allows, for the header `Allow`: the router answers HEAD wherever there is GET, and we OPTIONS everywhere. */
export const allowOf = (methods: ReadonlySet<string>): string =>
  [...new Set([...methods].flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])).concat("OPTIONS"))].join(", ");

/**
 * Answers the methods that the paths of `app` do not have: OPTIONS with what there is, unless the path has an OPTIONS of its
 * own, the rest with 405.
 */
export function answerOtherMethods(app: App, methodsByPath: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const [url, methods] of methodsByPath) {
    const allow = allowOf(methods);
    if (!methods.has("OPTIONS"))
      app.options(url, { config: { access: "open" } }, (request, reply) => answerPreflight(request, reply, allow));
    app.route({
      method: METHODS.filter((method) => !methods.has(method)),
      url,
      config: { access: "open" },
      handler: (_request, reply) => {
        reply.header("allow", allow);
        throw new ApiError("methodNotAllowed", `Allowed here: ${allow}.`);
      },
    });
  }
}
