import { randomUUID } from "node:crypto";
import type { RequestListener } from "node:http";
import type { Operation } from "@causeway/contract";
import { type ErrorKind, errorEnvelope } from "@causeway/contract";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from "fastify";
import type { Logger } from "pino";
import type { Actor } from "./actor.ts";
import { answerBroken } from "./broken-requests.ts";
import { ApiError } from "./errors.ts";
import type { Links } from "./links.ts";
import { showToOtherOrigins } from "./other-origins.ts";
import { isOutage, UNAVAILABLE } from "./outages.ts";
import type { Allowance, RateLimit } from "./rate-limit.ts";
import type { Tls } from "./tls/server.ts";

declare module "fastify" {
  interface FastifyRequest {
    actor: Actor | null;
    allowance: Allowance | null;
    /** The error that the call was answered with. */
    refusal: ErrorKind | null;
  }
  interface FastifyContextConfig {
    operation?: Operation;
    /** Of a route beside the API: the service it belongs to. */
    tag?: Operation["tag"];
  }
}

/** Who has a token, and what is closed: asked on every request, answered by the features. */
export interface Gates {
  authenticate(token: string): Promise<Actor | undefined>;
  /** The error of a closed platform or service, `undefined` when the call may go on. */
  closed(tag: Operation["tag"] | undefined): ErrorKind | undefined;
  readonly rateLimit: RateLimit;
}

export type App = FastifyInstance;

/** Clients hold connections open between calls for as long as they like to. */
const KEEP_ALIVE_MS = 75_000;
const LARGEST_BODY = 64 * 1024 * 1024;
const API = "/v2";

/**
 * The HTTP server without its calls.
 *
 * The order of checks is the API's (conventions.md §8): maintenance, route, method, token, rate limit, and then,
 * call by call, media type, body, ids, existence, rights, values, state.
 */
export function createApp(links: Links, gates: Gates, logger: Logger, tls?: Tls): App {
  const app = Fastify({
    ...(tls && {
      serverFactory: (listener: RequestListener) =>
        tls.createServer(listener, { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }),
    }),
    loggerInstance: logger.child({}, { level: logger.level }),
    // A line a request costs a third of the throughput; failures are logged by name below.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: LARGEST_BODY,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1000 },
    keepAliveTimeout: KEEP_ALIVE_MS,
    // A part of 5 GiB on a slow line takes hours.
    requestTimeout: 0,
    forceCloseConnections: true,
    // A path that cannot be decoded, or one longer than any name of ours: no hook sees it.
    frameworkErrors: (error, request, reply) => {
      reply.header("x-request-id", request.id);
      const closed = gates.closed(undefined);
      refuse(closed ? new ApiError(closed) : error, request, reply, links.baseUrl);
    },
    clientErrorHandler: (error, socket) => answerBroken(error, socket, links.baseUrl),
  }) as unknown as App;

  if (tls) app.addHook("preClose", async () => tls.close());
  app.decorateRequest("actor", null);
  app.decorateRequest("allowance", null);
  app.decorateRequest("refusal", null);
  // Each call decodes its own body: what arrives is not always what its media type says.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));

  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
    if (!isApi(request)) return;
    showToOtherOrigins(request, reply);
    // The body of a DELETE means nothing, whatever it says it is (conventions.md §4.1).
    if (request.method === "DELETE") delete request.headers["content-type"];
    await passGates(request, reply, gates);
  });
  app.setErrorHandler((error, request, reply) => refuse(error, request, reply, links.baseUrl));
  app.setNotFoundHandler((request, reply) => refuse(new ApiError("notFound"), request, reply, links.baseUrl));
  return app;
}

const isApi = (request: FastifyRequest) =>
  request.url === API || request.url.startsWith(`${API}/`) || request.url.startsWith(`${API}?`);

async function passGates(request: FastifyRequest, reply: FastifyReply, gates: Gates): Promise<void> {
  const platformClosed = gates.closed(undefined);
  if (platformClosed) throw new ApiError(platformClosed);
  const { operation } = request.routeOptions.config;
  // An unknown path or method is told so before anybody asks for a token.
  if (!operation || operation.anonymous) return;
  const actor = await authenticate(request, gates);
  if (!actor) throw new ApiError("unauthorized");
  request.actor = actor;
  await count(request, reply, actor, operation, gates.rateLimit);
  const serviceClosed = gates.closed(operation.tag);
  if (serviceClosed) throw new ApiError(serviceClosed);
}

async function authenticate(request: FastifyRequest, gates: Gates): Promise<Actor | undefined> {
  const token = request.headers["x-sbg-auth-token"] ?? request.headers.authorization?.replace(/^bearer +/i, "");
  return typeof token === "string" && token !== "" ? gates.authenticate(token) : undefined;
}

async function count(
  request: FastifyRequest,
  reply: FastifyReply,
  actor: Actor,
  operation: Operation,
  rateLimit: RateLimit,
): Promise<void> {
  const allowance =
    operation.counted === false ? { ...(await rateLimit.look(actor.id)), allowed: true } : await rateLimit.take(actor.id);
  request.allowance = allowance;
  // R reads the reset as plain seconds and waits until then. No Retry-After: Python's HTTP layer would wait silently.
  reply.header("x-ratelimit-limit", allowance.limit);
  reply.header("x-ratelimit-remaining", allowance.remaining);
  reply.header("x-ratelimit-reset", allowance.resetAt);
  if (!allowance.allowed) throw new ApiError("rateLimitExceeded");
}

/**
 * The one place where errors become HTTP. While the database or the store is away the call's service is unavailable; what
 * we did not name is `unexpected`. The texts of both stay in the log.
 */
function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply, baseUrl: string): FastifyReply {
  const { operation, tag = operation?.tag ?? "general" } = request.routeOptions.config;
  const known = nameOf(error, tag);
  request.refusal = known.kind;
  if (isOurs(known)) request.log.error({ err: error, operation: operation?.id }, known.kind);
  const envelope = errorEnvelope(known.kind, baseUrl, known.detail);
  return reply.code(envelope.status).header("content-type", JSON_UTF8).send(JSON.stringify(envelope));
}

function nameOf(error: unknown, tag: Operation["tag"]): ApiError {
  if (error instanceof ApiError) return error;
  // What Fastify itself refuses: a body over the limit, a length that does not match, a URL that does not decode.
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  if (status === 415) return new ApiError("unsupportedMediaType", "The `Content-Type` is no media type.", { cause: error });
  if (UNSTORABLE.has((error as { code?: string }).code ?? "")) {
    return new ApiError("badRequest", "Texts have no NUL character.", { cause: error });
  }
  if (status >= 400 && status < 500) return new ApiError("badRequest", (error as Error).message, { cause: error });
  if (isOutage(error)) return new ApiError(UNAVAILABLE[tag], undefined, { cause: error });
  return new ApiError("unexpected", undefined, { cause: error });
}

/** Not the caller's doing, and no closed service either. */
const isOurs = ({ kind, cause }: ApiError) => kind === "unexpected" || (cause !== undefined && isOutage(cause));

/** PostgreSQL's codes for a text that it cannot keep, in a column or in JSON: that is the caller's mistake. */
const UNSTORABLE = new Set(["22021", "22P05"]);

export const JSON_UTF8 = "application/json;charset=UTF-8";
