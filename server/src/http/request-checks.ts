import type { ErrorKind, Operation } from "@causeway/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Actor } from "./actor.ts";
import { ApiError } from "./errors.ts";
import type { Links } from "./links.ts";
import { showToOtherOrigins } from "./other-origins.ts";
import type { RateLimit } from "./rate-limit.ts";
import { requireCsrfToken, sessionSecretOf } from "./session-cookie.ts";

/**
 * Who may call a route:
 *
 * - `token`: a user of the API; what is closed and the rate limit count;
 * - `open`: anybody, unless the platform is closed: what the API answers without a token;
 * - `administrator`: an operator of the platform, also while it is closed;
 * - `link`: whoever has a signed address, which the route's handler checks;
 * - `page`: anybody: documentation and health.
 */
export type Access = "token" | "open" | "administrator" | "link" | "page";

/** A route as it was registered. */
export interface GuardedRoute {
  readonly method: string;
  /** With `:name` for parameters. */
  readonly url: string;
  readonly access: Access;
}

/** Who has a token, and what is closed: asked on every request, answered by the features. */
export interface RequestChecks {
  authenticate(token: string): Promise<Actor | undefined>;
  /** Whose session a browser's cookie is. */
  readonly sessions: { authenticate(secret: string): Promise<Actor | undefined>; readonly links: Links };
  /**
   * The error of what is closed: without an operation the platform, with one what the call stands on. `undefined` when the
   * call may go on.
   */
  closed(operation?: Operation): ErrorKind | undefined;
  readonly rateLimit: RateLimit;
}

/**
 * Hangs the gate of its `access` on every route that is registered from here on, before everything else that the route
 * does. A gate does not look at the address: however a client writes the target, what the router finds has its gate. A
 * route that does not say who may call it, nor the scope that it is registered in, cannot be registered.
 */
export function guardRoutes(app: FastifyInstance, checks: RequestChecks): void {
  const guarded: GuardedRoute[] = [];
  app.decorate("guarded", guarded);
  app.addHook("onRoute", function (this: FastifyInstance, route) {
    const access = route.config?.access ?? this.access;
    if (access === undefined) throw new Error(`${String(route.method)} ${route.url} does not say who may call it.`);
    for (const method of [route.method].flat()) guarded.push({ method, url: route.url, access });
    route.onRequest = [gateOf(access, checks), ...[route.onRequest ?? []].flat()];
  });
}

/** The user whom the gate of the route let pass. @throws ApiError `unauthorized` when there is none: nothing is done for nobody */
export function actorOf(request: FastifyRequest): Actor {
  if (!request.actor) throw new ApiError("unauthorized");
  return request.actor;
}

type Gate = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

function gateOf(access: Access, checks: RequestChecks): Gate {
  switch (access) {
    case "token":
      return async (request, reply) => {
        enterApi(request, reply, checks);
        const actor = await authenticate(request, checks);
        const { operation } = request.routeOptions.config;
        request.actor = actor;
        await count(request, reply, actor, operation, checks.rateLimit);
        const closed = operation && checks.closed(operation);
        if (closed) throw new ApiError(closed);
      };
    case "open":
      return async (request, reply) => enterApi(request, reply, checks);
    case "administrator":
      return async (request) => {
        const actor = await authenticate(request, checks);
        if (!actor.isAdmin) throw new ApiError("forbidden", ADMINISTRATOR_NEEDED(actor));
        request.actor = actor;
      };
    case "link":
    case "page":
      return async () => {};
  }
}

const ADMINISTRATOR_NEEDED = ({ username }: Actor): string =>
  `This needs the token of a platform administrator, and the one sent is that of ${username}, who is none. The first ` +
  "administrator's token is in the file admin.token of the data directory.";

function enterApi(request: FastifyRequest, reply: FastifyReply, checks: RequestChecks): void {
  showToOtherOrigins(request, reply);
  // The body of a DELETE means nothing, whatever it says it is (conventions.md §4.1).
  if (request.method === "DELETE") delete request.headers["content-type"];
  const closed = checks.closed();
  if (closed) throw new ApiError(closed);
}

/** Whoever the request's token or session is of at this moment. @throws ApiError `unauthorized` */
export async function authenticate(request: FastifyRequest, checks: RequestChecks): Promise<Actor> {
  const token = request.headers["x-sbg-auth-token"] ?? request.headers.authorization?.replace(/^bearer +/i, "");
  if (token === undefined) return authenticateSession(request, checks);
  const actor = typeof token === "string" && token !== "" ? await checks.authenticate(token) : undefined;
  if (!actor) throw new ApiError("unauthorized");
  return actor;
}

/** Of a browser that signed in. @throws ApiError `unauthorized`, `forbidden` */
async function authenticateSession(request: FastifyRequest, { sessions }: RequestChecks): Promise<Actor> {
  const secret = sessionSecretOf(request, sessions.links);
  const actor = secret === undefined ? undefined : await sessions.authenticate(secret);
  if (secret === undefined || !actor) throw new ApiError("unauthorized");
  requireCsrfToken(request, secret);
  return actor;
}

async function count(
  request: FastifyRequest,
  reply: FastifyReply,
  actor: Actor,
  operation: Operation | undefined,
  rateLimit: RateLimit,
): Promise<void> {
  const allowance =
    operation?.counted === false ? { ...(await rateLimit.look(actor.id)), allowed: true } : await rateLimit.take(actor.id);
  request.allowance = allowance;
  // R reads the reset as plain seconds and waits until then. No Retry-After: Python's HTTP layer would wait silently.
  reply.header("x-ratelimit-limit", allowance.limit);
  reply.header("x-ratelimit-remaining", allowance.remaining);
  reply.header("x-ratelimit-reset", allowance.resetAt);
  if (!allowance.allowed) throw new ApiError("rateLimitExceeded");
}
