import { type BodyOf, halfCharacterIn, type Operation, type ParamsOf, type QueryOf, type ReplyOf } from "@causeway/contract";
import type { FastifyRequest } from "fastify";
import type { Static, TSchema } from "typebox";
import Value from "typebox/value";
import type { Actor } from "../http/actor.ts";
import type { App } from "../http/app.ts";
import { type BodyLimits, refuseLarge } from "../http/body-limits.ts";
import { ApiError } from "../http/errors.ts";
import { decodeJson, mediaTypeOf } from "../http/media.ts";
import { actorOf } from "../http/request-checks.ts";

/** One request of an operator, checked. */
export interface OperatorCall<O> {
  readonly actor: Actor;
  readonly params: ParamsOf<O>;
  readonly query: QueryOf<O>;
  readonly body: BodyOf<O>;
}

/** Where calls of the operator's API are registered. */
export interface OperatorCalls {
  serve<O extends Operation>(operation: O, handler: (call: OperatorCall<O>) => Promise<ReplyOf<O>>): void;
}

/** Binds operations to handlers in `scope`, whose prefix their paths are below. An absent body counts as `{}`. */
export function createOperatorCalls(scope: App, limits: BodyLimits): OperatorCalls {
  return {
    serve(operation, handler) {
      scope.route({
        method: operation.method,
        url: operation.path.replace(/\{([^}]+)\}/g, ":$1"),
        config: { operation },
        handler: (request) => {
          const { query, body } = operation;
          return handler({
            actor: actorOf(request),
            params: request.params as ParamsOf<typeof operation>,
            query: (query && queryOf(request, query)) as QueryOf<typeof operation>,
            body: (body && bodyOf(request, body, limits)) as BodyOf<typeof operation>,
          });
        },
      });
    },
  };
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
