import type { Static, TObject, TSchema } from "typebox";
import type { ErrorKind } from "./errors.ts";

/**
 * One call of the public API, as data: the route, its OpenAPI entry and the client's method come from it.
 *
 * Requests are checked late and leniently (conventions.md §4): a service first asks whether the thing is
 * there and whether the actor may, then has the body checked against `body`. Unknown keys are dropped and
 * an explicit `null` of an optional key counts as absent, unless the schema allows null.
 */
export interface Operation<
  Params extends TObject = TObject,
  Query extends TObject = TObject,
  Body extends TSchema = TSchema,
  Reply extends TSchema = TSchema,
> {
  /** The OpenAPI operationId and the client's method name, e.g. `getProject`. */
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
  /** Below `/v2`, with `{name}` parameters; a parameter in `slashed` may hold one slash. */
  readonly path: string;
  /** Other paths that serve the same call (documented aliases). */
  readonly aliases?: readonly string[];
  /** Paths that lack the last parameters: they answer with the errors of missing ones, where a bare 404 would not. */
  readonly short?: readonly string[];
  /** Path parameters that may be one or two segments (usernames of divisions). */
  readonly slashed?: readonly string[];
  readonly tag:
    | "general"
    | "users"
    | "billing"
    | "projects"
    | "files"
    | "uploads"
    | "apps"
    | "tasks"
    | "bulk"
    | "async"
    | "divisions"
    | "teams"
    | "search"
    | "markers"
    | "volumes"
    | "drs"
    | "operator"
    | "web";
  readonly summary: string;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** Whether the body may also be YAML. */
  readonly yaml?: true;
  /** Whether a call without a body is refused. Default: an absent body is checked as `{}`. */
  readonly bodyRequired?: boolean;
  /**
   * The array of the body whose elements stand for themselves (files.md §4): one that does not fit is refused alone, by an
   * answer of its own, and the others go on.
   */
  readonly perItem?: string;
  /** Status of success; 204 has no body and no `reply`. */
  readonly status: 200 | 202 | 204;
  /** The answer's shape; for a list, the shape of one item. */
  readonly reply?: Reply;
  /**
   * Present on lists in pages: which fields an item has by default (`all`: every one). Pages are told by `offset` and
   * `limit`, or `by` a token: then the link `next` carries the token of the next page.
   */
  readonly list?: { readonly fields: readonly string[] | "all"; readonly by?: "token" };
  /**
   * What `fields` narrows where that is not the answer itself: each `resource` of an answer of many results, or `nothing`
   * of a map whose keys are no names of fields.
   */
  readonly narrows?: "resources" | "nothing";
  /** The answer is a stream of server-sent events: `data` of each is JSON, of its event's shape. */
  readonly events?: Readonly<Record<string, TSchema>>;
  /** Absent: a token is needed. */
  readonly anonymous?: true;
  /** False: not counted by the rate limit. */
  readonly counted?: false;
  /**
   * The error of a value that does not fit, by JSON pointer below the request: `"body/name"`, `"query/visibility"`,
   * `"params/task"`, `"body/items/[]/file"`. The longest prefix wins; without one, `badRequest`. `#missing` and `#empty`
   * at the end keep an entry to values that are not there, or blank: `"body/type#empty"`.
   */
  readonly refusals?: Readonly<Record<string, ErrorKind>>;
  /** The shape of the errors that it answers, where it is not the API's: GA4GH's `{msg, status_code}`. */
  readonly errorBody?: "ga4gh";
  /** The errors the documentation of this call names, beside those every call can answer. */
  readonly errors: readonly ErrorKind[];
}

/** Keeps the literal types of an operation: its shapes, and whether it is a list. */
export function operation<const O extends Operation>(op: O): O {
  return op;
}

export type ParamsOf<O> = O extends { readonly params: infer P extends TObject } ? Static<P> : Record<never, never>;
export type QueryOf<O> = O extends { readonly query: infer Q extends TObject } ? Static<Q> : Record<never, never>;
export type BodyOf<O> = O extends { readonly body: infer B extends TSchema } ? Static<B> : undefined;
/** One element of an array `perItem`: its value, or why it is refused; as far as it could be read it is `given`. */
export type Element<T> = { readonly given: unknown } & Checked<T>;
/** The body as it is handed on when it has been checked: of an array `perItem`, each element for itself. */
export type CheckedBodyOf<O> = O extends { readonly perItem: infer Key extends string }
  ? { [K in keyof BodyOf<O>]: K extends Key ? Element<ElementOf<BodyOf<O>[K]>>[] : BodyOf<O>[K] }
  : BodyOf<O>;
type ElementOf<List> = List extends readonly (infer T)[] ? T : never;

/** A checked part of a request, or why it is refused. */
export type Checked<T> = { value: T } | Refusal;

export interface Refusal {
  readonly kind: ErrorKind;
  /** One sentence for the caller: the place, and what is allowed there. */
  readonly detail: string;
  /** The place below the request: `body/settings/intermediate_files/duration`. */
  readonly pointer: string;
}

/** What the call answers; of a list, one item. */
export type ReplyOf<O> = O extends { readonly reply: infer R extends TSchema } ? Static<R> : undefined;
