import type { FastifyReply, FastifyRequest } from "fastify";

// Pages of any origin may call the API (conventions.md §17) with a token that they know and send. The cookie of a session is
// taken from pages of this origin alone (`session-cookie.ts`), and an answer that is shown to every origin (`*`) is not shown
// to a page that asked with cookies. So there is nothing to keep from other origins.

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
