import type { FastifyRequest } from "fastify";
import type { Static, TSchema } from "typebox";
import Value from "typebox/value";
import { ApiError } from "../http/errors.ts";
import { decodeJson, mediaTypeOf } from "../http/media.ts";

/**
 * The request's JSON body, if it has that shape; `absent` stands for none.
 *
 * @throws ApiError `badRequest` naming the first place that has not
 */
export function bodyOf<Schema extends TSchema>(request: FastifyRequest, schema: Schema, absent?: Static<Schema>): Static<Schema> {
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  return shaped(schema, decodeJson(bytes, mediaTypeOf(request.headers["content-type"])) ?? absent, "body");
}

/** The request's query with numbers made of digits and defaults filled in. @throws ApiError `badRequest` */
export function queryOf<Schema extends TSchema>(request: FastifyRequest, schema: Schema): Static<Schema> {
  return shaped(schema, Value.Default(schema, Value.Convert(schema, { ...(request.query as object) })), "query");
}

function shaped<Schema extends TSchema>(schema: Schema, given: unknown, where: string): Static<Schema> {
  if (Value.Check(schema, given)) return given as Static<Schema>;
  const [first] = Value.Errors(schema, given);
  throw new ApiError("badRequest", first ? `${where}${first.instancePath} ${first.message}` : `The ${where} does not fit.`);
}
