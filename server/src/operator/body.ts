import type { FastifyRequest } from "fastify";
import type { Static, TSchema } from "typebox";
import Value from "typebox/value";
import { ApiError } from "../http/errors.ts";
import { decodeJson, mediaTypeOf } from "../http/media.ts";

/** The request's JSON body, if it has that shape. @throws ApiError `badRequest` naming the first place that has not */
export function bodyOf<Schema extends TSchema>(request: FastifyRequest, schema: Schema): Static<Schema> {
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const body = decodeJson(bytes, mediaTypeOf(request.headers["content-type"]));
  if (Value.Check(schema, body)) return body as Static<Schema>;
  const [first] = Value.Errors(schema, body);
  throw new ApiError("badRequest", first ? `body${first.instancePath} ${first.message}` : "The body does not fit.");
}
