import {
  type BodyOf,
  checkParams,
  halfCharacterIn,
  type Operation,
  type ParamsOf,
  type QueryOf,
  type ReplyOf,
} from "@causeway/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Static, TSchema } from "typebox";
import Value from "typebox/value";
import type { Actor } from "./actor.ts";
import type { App } from "./app.ts";
import { type BodyLimits, refuseLarge } from "./body-limits.ts";
import { ApiError } from "./errors.ts";
import { decodeJson, mediaTypeOf } from "./media.ts";
import { actorOf } from "./request-checks.ts";

/** One request of a call beside the public API, checked. */
export interface StrictCall<O> {
  /** Only operations that are declared to be anonymous come without an actor. */
  readonly actor: O extends { anonymous: true } ? null : Actor;
  readonly params: ParamsOf<O>;
  readonly query: QueryOf<O>;
  readonly body: BodyOf<O>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Where calls beside the public API are registered. What does not fit their shapes is refused, also keys that they do not allow. */
export interface StrictCalls {
  serve<O extends Operation>(
    operation: O,
    /** Of a stream of events it opens the answer itself. */
    handler: (call: StrictCall<O>) => Promise<ReplyOf<O> extends undefined ? void : ReplyOf<O>>,
  ): void;
  /** The operations served, in order. */
  readonly served: readonly Operation[];
}

/**
 * Binds operations to handlers in `scope`, whose prefix their paths are below. An absent body counts as `{}`. `anonymous`
 * says whether what takes no token is open while the platform is closed (`page`) or not (`open`).
 */
export function createStrictCalls(scope: App, limits: BodyLimits, anonymous: "page" | "open" = "page"): StrictCalls {
  const served: Operation[] = [];
  return {
    served,
    serve(operation, handler) {
      served.push(operation);
      scope.route({
        method: operation.method,
        url: operation.path.replace(/\{([^}]+)\}/g, ":$1"),
        config: { operation, ...(operation.anonymous && { access: anonymous }) },
        handler: async (request, reply) => {
          const { query, body } = operation;
          const result = await handler({
            actor: (operation.anonymous ? null : actorOf(request)) as StrictCall<typeof operation>["actor"],
            params: paramsOf(operation, request),
            query: (query && queryOf(request, query)) as QueryOf<typeof operation>,
            body: (body && bodyOf(request, body, limits)) as BodyOf<typeof operation>,
            request,
            reply,
          });
          if (operation.events) return;
          return operation.status === 204 ? reply.code(204).send() : reply.code(operation.status).send(result);
        },
      });
    },
  };
}

/** @throws ApiError of the operation for an id that is none */
function paramsOf<O extends Operation>(operation: O, request: FastifyRequest): ParamsOf<O> {
  const checked = checkParams(operation, request.params as Record<string, string>);
  if ("value" in checked) return checked.value;
  throw new ApiError(checked.kind, checked.detail);
}

/** @throws ApiError `badRequest` naming the first place that does not fit, or the limit */
function bodyOf<Schema extends TSchema>(request: FastifyRequest, schema: Schema, limits: BodyLimits): Static<Schema> {
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  refuseLarge(bytes, limits);
  return shaped(schema, decodeJson(bytes, mediaTypeOf(request.headers["content-type"])) ?? {}, "body");
}

/** The query with numbers made of digits and defaults filled in. @throws ApiError `badRequest` */
function queryOf<Schema extends TSchema>(request: FastifyRequest, schema: Schema): Static<Schema> {
  return shaped(schema, Value.Default(schema, Value.Convert(schema, { ...(request.query as object) })), "query");
}

function shaped<Schema extends TSchema>(schema: Schema, given: unknown, where: string): Static<Schema> {
  const halved = halfCharacterIn(given);
  if (halved !== undefined) throw new ApiError("badRequest", `${where}${halved} has half of a surrogate pair.`);
  if (Value.Check(schema, given)) return given as Static<Schema>;
  const [first] = Value.Errors(schema, given);
  throw new ApiError("badRequest", first ? `${where}${first.instancePath} ${first.message}` : `The ${where} does not fit.`);
}
