import type { TSchema } from "typebox";
import { API_ERRORS } from "./errors.ts";
import type { Operation } from "./operation.ts";
import { validatorOf } from "./validators.ts";

/**
 * Says in one sentence where an answer differs from what its operation promises, or nothing when it does not. For the
 * tests of a server: every answer it gives can be passed through here.
 *
 * `text` is the body. With `narrowed` (the request had `fields`, or a list shows its default fields) keys may be missing,
 * but what is there must fit.
 */
export function checkReply(op: Operation, status: number, text: string, narrowed: boolean): string | undefined {
  if (status >= 400) return op.errorBody === "ga4gh" ? checkGa4ghError(status, text) : checkError(status, text);
  if (status !== op.status) return `the status should be ${op.status}`;
  if (status === 204) return text === "" ? undefined : "a 204 has no body";
  if (!op.reply) return "the operation describes no reply";
  const body: unknown = JSON.parse(text);
  const schema = narrowed ? withoutRequired(op.reply) : op.reply;
  if (!op.list) return problemOf(schema, body, "");

  const { href, items, links, ...others } = body as { href?: unknown; items?: unknown; links?: unknown };
  if (typeof href !== "string" || !Array.isArray(items) || !Array.isArray(links)) return "a list has href, items and links";
  if (Object.keys(others).length > 0) return `a list has no ${Object.keys(others).join(", ")}`;
  for (const [index, item] of items.entries()) {
    const problem = problemOf(schema, item, `/items/${index}`);
    if (problem) return problem;
  }
  return undefined;
}

function checkError(status: number, text: string): string | undefined {
  const body = JSON.parse(text) as Record<string, unknown>;
  if (Object.keys(body).join() !== "status,code,message,more_info") return "an error has status, code, message and more_info";
  const known = Object.values(API_ERRORS).some(
    (entry) => entry.code === body.code && entry.status === status && entry.message === body.message,
  );
  return known && body.status === status ? undefined : `no error of the table is ${text}`;
}

function checkGa4ghError(status: number, text: string): string | undefined {
  const body = JSON.parse(text) as { msg: string; status_code: number };
  if (Object.keys(body).join() !== "msg,status_code") return "an error has msg and status_code";
  const known = Object.values(API_ERRORS).some((entry) => entry.status === status && body.msg.startsWith(entry.message));
  return known && body.status_code === status ? undefined : `no error of the table is ${text}`;
}

function problemOf(schema: TSchema, value: unknown, at: string): string | undefined {
  const validator = validatorOf(schema);
  if (validator.Check(value)) return undefined;
  const [first] = validator.Errors(value);
  return `${at}${first?.instancePath ?? ""} ${first?.message ?? "does not fit"}`;
}

const loose = new WeakMap<TSchema, TSchema>();

/** The same schema with no key required, at any depth. */
function withoutRequired(schema: TSchema): TSchema {
  let known = loose.get(schema);
  if (!known) {
    known = JSON.parse(JSON.stringify(schema, (key, value: unknown) => (key === "required" ? undefined : value))) as TSchema;
    loose.set(schema, known);
  }
  return known;
}
