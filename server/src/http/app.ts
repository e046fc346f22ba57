import { randomUUID } from "node:crypto";
import type { RequestListener } from "node:http";
import type { Operation } from "@causeway/contract";
import { API_ERRORS, type ErrorKind, errorEnvelope, ga4ghError } from "@causeway/contract";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from "fastify";
import type { Logger } from "pino";
import type { Actor } from "./actor.ts";
import { tooManyBytes } from "./body-limits.ts";
import { BodyMemory } from "./body-memory.ts";
import { bodyReader, releaseBody } from "./body-reading.ts";
import { answerBroken } from "./broken-requests.ts";
import { ApiError } from "./errors.ts";
import { refuseOddHost } from "./host-header.ts";
import type { Links } from "./links.ts";
import { showToOtherOrigins } from "./other-origins.ts";
import { isOutage, UNAVAILABLE } from "./outages.ts";
import type { Allowance } from "./rate-limit.ts";
import { type Access, type GuardedRoute, guardRoutes, type RequestChecks } from "./request-checks.ts";
import { pathOfTarget } from "./request-target.ts";
import type { Tls } from "./tls/server.ts";

declare module "fastify" {
  interface FastifyRequest {
    actor: Actor | null;
    allowance: Allowance | null;
    /** The error that the call was answered with. */
    refusal: ErrorKind | null;
  }
  interface FastifyInstance {
    /** Of a scope: who may call its routes, unless they say it themselves. */
    access?: Access;
    /** Every route, and who may call it. */
    readonly guarded: readonly GuardedRoute[];
  }
  interface FastifyContextConfig {
    /** Every route says it: one that does not cannot be registered. */
    access?: Access;
    operation?: Operation;
    /** Of a route beside the API: the service it belongs to. */
    tag?: Operation["tag"];
    /** The setting of its `bodyLimit`, where that is not `CAUSEWAY_BODY_BYTES`. */
    bodyLimitVariable?: string;
  }
}

export type App = FastifyInstance;

/** Clients hold connections open between calls for as long as they like to. */
const KEEP_ALIVE_MS = 75_000;
const API = "/v2";
/** Where the APIs of GA4GH are, whose errors have another shape. */
const GA4GH = "/ga4gh";
const TAKE_BODIES = ["POST", "PUT", "PATCH", "OPTIONS"];

export interface AppDeps {
  links: Links;
  checks: RequestChecks;
  logger: Logger;
  bodies: { /** Of one. */ bytes: number /** Of all together. */; mib: number };
  tls?: Tls;
}

/**
 * The HTTP server without its calls.
 *
 * The order of checks is the API's (conventions.md §8): maintenance, route, method, token, rate limit, closed services
 * (`guardRoutes`), and then, call by call, media type, body, ids, existence, rights, values, state.
 */
export function createApp({ links, checks, logger, bodies, tls }: AppDeps): App {
  const app = Fastify({
    // Node's own refusal of a request without a host has no envelope: see `refuseOddHost`.
    http: { requireHostHeader: false },
    ...(tls && {
      serverFactory: (listener: RequestListener) =>
        tls.createServer(listener, { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0, requireHostHeader: false }),
    }),
    loggerInstance: logger.child({}, { level: logger.level }),
    // A line a request costs a third of the throughput; failures are logged by name below.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    rewriteUrl: ({ url }) => pathOfTarget(url!),
    bodyLimit: bodies.bytes,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1000 },
    keepAliveTimeout: KEEP_ALIVE_MS,
    // A part of 5 GiB on a slow line takes hours.
    requestTimeout: 0,
    forceCloseConnections: true,
    // A path that cannot be decoded, or one longer than any name of ours: no hook sees it.
    frameworkErrors: (error, request, reply) => {
      reply.header("x-request-id", request.id);
      const closed = checks.closed();
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
  app.addContentTypeParser("*", bodyReader(new BodyMemory(bodies.mib * 2 ** 20)));
  app.addHook("onRoute", (route) => {
    if ([route.method].flat().some((method) => TAKE_BODIES.includes(method)))
      route.onResponse = [releaseBody, ...[route.onResponse ?? []].flat()];
  });

  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
    refuseOddHost(request.raw, reply);
  });
  guardRoutes(app, checks);
  app.setErrorHandler((error, request, reply) => refuse(error, request, reply, links.baseUrl));
  app.setNotFoundHandler((request, reply) => {
    if (!isBelow(API, request.url) && !isBelow(GA4GH, request.url))
      return refuse(new ApiError("notFound"), request, reply, links.baseUrl);
    showToOtherOrigins(request, reply);
    return refuse(new ApiError(checks.closed() ?? "notFound"), request, reply, links.baseUrl);
  });
  return app;
}

/** Whether a path is `top` or below it: no more than which error to answer hangs on it. */
function isBelow(top: string, url: string): boolean {
  const path = decoded(url.split("?", 1)[0]!);
  return path === top || path.startsWith(`${top}/`);
}

function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    // It leads nowhere then; what it begins with can still be told.
    return path;
  }
}

/**
 * The one place where errors become HTTP. While the database or the store is away the call's service is unavailable; what
 * we did not name is `unexpected`. The texts of both stay in the log.
 */
function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply, baseUrl: string): FastifyReply {
  const { operation, tag = operation?.tag ?? "general", bodyLimitVariable } = request.routeOptions.config;
  const known = isTooLong(error) ? tooManyBytes(request.routeOptions.bodyLimit, bodyLimitVariable) : nameOf(error, tag);
  request.refusal = known.kind;
  if (isOurs(known)) request.log.error({ err: error, operation: operation?.id }, known.kind);
  const body = isBelow(GA4GH, request.url)
    ? ga4ghError(known.kind, known.detail)
    : errorEnvelope(known.kind, baseUrl, known.detail);
  return reply.code(API_ERRORS[known.kind].status).header("content-type", JSON_UTF8).send(JSON.stringify(body));
}

function nameOf(error: unknown, tag: Operation["tag"]): ApiError {
  if (error instanceof ApiError) return error;
  // What Fastify itself refuses: a body over the limit, a length that does not match, a URL that does not decode.
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  if (status === 415) return new ApiError("unsupportedMediaType", "The `Content-Type` is no media type.", { cause: error });
  if (isUnstorable(error as { code?: string; detail?: string })) {
    return new ApiError("badRequest", "Texts have no NUL character and no half of a surrogate pair.", { cause: error });
  }
  if (status >= 400 && status < 500) return new ApiError("badRequest", (error as Error).message, { cause: error });
  if (isOutage(error)) return new ApiError(UNAVAILABLE[tag], undefined, { cause: error });
  return new ApiError("unexpected", undefined, { cause: error });
}

const isTooLong = (error: unknown) => (error as { code?: string }).code === "FST_ERR_CTP_BODY_TOO_LARGE";

/** Not the caller's doing, and no closed service either. */
const isOurs = ({ kind, cause }: ApiError) => kind === "unexpected" || (cause !== undefined && isOutage(cause));

/**
 * Whether PostgreSQL cannot keep a text of the caller, in a column or in JSON. Half of a surrogate pair has the code of any
 * wrong JSON there; only the detail names it.
 */
const isUnstorable = ({ code = "", detail = "" }: { code?: string; detail?: string }) =>
  code === "22021" || code === "22P05" || (code === "22P02" && /surrogate/.test(detail));

export const JSON_UTF8 = "application/json;charset=UTF-8";
