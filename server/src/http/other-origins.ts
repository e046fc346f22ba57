import type { FastifyReply, FastifyRequest } from "fastify";

// Pages of any origin may call the API (conventions.md §17). A browser adds nothing by itself that the API would take for
// a login: the page has to know a token and send it. So there is nothing to keep from other origins.

const READABLE = "X-Total-Matching-Query, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id";
const DAY_SECONDS = 86_400;

/** Lets a browser show the answer to the page that asked. */
export function showToOtherOrigins(request: FastifyRequest, reply: FastifyReply): void {
  if (request.headers.origin === undefined) return;
  reply.header("access-control-allow-origin", "*").header("access-control-expose-headers", READABLE);
}

/** Answers OPTIONS: the path's methods, and to a browser that asks for a page first, that all of it is allowed. */
export function answerPreflight(request: FastifyRequest, reply: FastifyReply, allow: string): FastifyReply {
  reply.code(204).header("allow", allow);
  if (request.headers["access-control-request-method"] !== undefined) {
    reply.header("access-control-allow-methods", allow);
    // Not `*`: that would leave out `Authorization`.
    reply.header("access-control-allow-headers", request.headers["access-control-request-headers"] ?? "");
    reply.header("access-control-max-age", DAY_SECONDS);
  }
  return reply.send();
}
