import {
  type BodyOf,
  type Checked,
  type CheckedBodyOf,
  checkBody,
  checkBodyKeys,
  checkParams,
  checkQuery,
  compileFields,
  type FieldSelector,
  type Operation,
  type Page,
  type ParamsOf,
  pageEnvelope,
  parsePage,
  type QueryOf,
  type ReplyOf,
  tokenEnvelope,
} from "@causeway/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Actor } from "./actor.ts";
import { type App, JSON_UTF8 } from "./app.ts";
import { type BodyLimits, refuseLarge } from "./body-limits.ts";
import { ApiError } from "./errors.ts";
import { inTurns } from "./in-turns.ts";
import type { Links } from "./links.ts";
import { type Decode, decodeJson, mediaTypeOf } from "./media.ts";
import { answerOtherMethods } from "./other-methods.ts";
import { paramsOf, pathsOf } from "./paths.ts";
import { actorOf } from "./request-checks.ts";

/**
 * One request of an operation, as its handler sees it. The ids of the path are well-formed. `body`, `query` and `page`
 * are checked when they are called for and throw then, so that a service can first say whether the thing is there and
 * whether the actor may (the order of conventions.md §8): pass them on as functions.
 */
export interface Call<O> {
  readonly actor: ActorFor<O>;
  readonly params: ParamsOf<O>;
  readonly query: () => QueryOf<O>;
  readonly body: CheckedBody<O>;
  readonly page: () => Page;
  readonly fields: FieldSelector;
  /** The values of `fields`, as given. */
  readonly givenFields: readonly string[];
  /** What the call's own `receive` made of the body. */
  readonly received: unknown;
  readonly request: FastifyRequest;
  /** Adds a header to the answer. */
  readonly header: (name: string, value: string) => void;
}

/** Only operations that are declared to be anonymous come without an actor. */
type ActorFor<O> = O extends { anonymous: true } ? null : Actor;

/** An answer that is JSON text already, narrowed to the fields asked for. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The body, checked when it is called for. */
export interface CheckedBody<O> {
  (): CheckedBodyOf<O>;
  /** Only some of its keys, where the documented order has other checks between those of the keys. */
  part<K extends keyof BodyOf<O> & string>(...keys: K[]): Pick<BodyOf<O>, K>;
}

/** A page of a list: its items, and how many match in all. */
export interface Listed<Item> {
  readonly items: readonly Item[];
  readonly total: number;
  /** Of a list by token, unless this page is the last: the token of the next. */
  readonly next?: string;
}

/** A page whose items are JSON text already, narrowed to the fields asked for: for lists that the database builds. */
export interface ListedText {
  /** An array. */
  readonly itemsText: string;
  readonly total: number;
  readonly next?: string;
}

type ListReply<O> = Listed<ReplyOf<O>> | ListedText;
type Handler<O> = (
  call: Call<O>,
) => Promise<O extends { list: object } ? ListReply<O> : ReplyOf<O> extends undefined ? void : ReplyOf<O> | JsonText>;

export interface CallOptions {
  /** How the body is read; JSON unless the operation takes something else. */
  readonly decode?: Decode;
  /** Takes a body that is too large to be decoded here, in the place of `decode`. */
  readonly receive?: (body: ReceivedBody) => Promise<unknown>;
  /** Bytes that the body of the call may have, and the setting that says so, where it is not what every call's may. */
  readonly body?: { readonly bytes: number; readonly variable: string };
  /** Of an alias: the list it stands for, which `href` and links name. Default: the request's own path. */
  readonly canonical?: (params: Readonly<Record<string, string>>) => { path: string; query: Readonly<Record<string, string>> };
  /** The answer is a bare map whose keys may hold dots: `fields` takes them whole. */
  readonly flatFields?: true;
}

export interface ReceivedBody {
  readonly actor: Actor;
  readonly bytes: Buffer;
  readonly mediaType: string;
  /** Of the path, as they arrived. */
  readonly params: Readonly<Record<string, string>>;
}

/** Where calls are registered; it builds the public links, too. */
export interface Calls {
  /** Serves an operation at all its paths. */
  serve<O extends Operation>(operation: O, handler: Handler<O>, options?: CallOptions): void;
  /**
   * Answers the other methods of every path served so far: OPTIONS with what there is, the rest with 405. Called once,
   * after the last `serve`.
   */
  answerOtherMethods(): void;
  /** The operations served, in order. */
  readonly served: readonly Operation[];
}

/** Binds operations of the contract to handlers below `/v2` of `app`. */
export function createCalls(app: App, links: Links, limits: BodyLimits): Calls {
  const methodsByPath = new Map<string, Set<string>>();
  const served: Operation[] = [];
  return {
    served,
    serve(operation, handler, options = {}) {
      served.push(operation);
      for (const url of pathsOf(operation)) {
        const methods = methodsByPath.get(url) ?? new Set();
        methodsByPath.set(url, methods.add(operation.method));
        app.route({
          method: operation.method,
          url,
          config: {
            operation,
            access: operation.anonymous ? "open" : "token",
            ...(options.body && { bodyLimitVariable: options.body.variable }),
          },
          ...(hasBody(operation) && { bodyLimit: options.body?.bytes ?? limits.bytes }),
          handler: (request, reply) =>
            answer(operation, handler as Handler<Operation>, options, { links, limits }, request, reply),
        });
      }
    },
    answerOtherMethods: () => answerOtherMethods(app, methodsByPath),
  };
}

async function answer(
  operation: Operation,
  handler: Handler<Operation>,
  options: CallOptions,
  { links, limits }: { links: Links; limits: BodyLimits },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const bytes = hasBody(operation) ? bytesOf(request) : undefined;
  const mediaType = mediaTypeOf(request.headers["content-type"]);
  const { receive, decode = decodeJson } = options;
  const params = paramsOf(operation, request);
  const received = bytes && receive && (await receive({ actor: actorOf(request), bytes, mediaType, params }));
  if (bytes && !receive) refuseLarge(bytes, limits);
  const json = bytes && !receive ? decode(bytes, mediaType) : undefined;
  const query = queryOf(request);
  const givenFields = query.getAll("fields");
  const fields = compileFields(givenFields, operation.list?.fields ?? "all", { flat: options.flatFields === true });
  const page = () => pageOf(operation, query);
  const result = await handler({
    actor: operation.anonymous ? (null as never) : actorOf(request),
    params: accepted(checkParams(operation, params)),
    query: () => accepted(checkQuery(operation, query)),
    body: Object.assign(() => accepted(checkBody(operation, json)), {
      part: (...keys: never[]) => accepted(checkBodyKeys(operation, json, keys)),
    }),
    page,
    fields,
    givenFields,
    received,
    request,
    header: (name, value) => void reply.header(name, value),
  });
  if (operation.status === 204) return reply.code(204).send();
  reply.code(operation.status).header("content-type", JSON_UTF8);
  if ((result as unknown) instanceof JsonText) return reply.send((result as unknown as JsonText).text);
  if (!operation.list) return reply.send(await textOf(selectFields(operation, fields, result)));

  const listed = result as unknown as Listed<object> | ListedText;
  const path = decodeURI(request.url.split("?", 1)[0]!).replace(/^\/v2|\/$/g, "");
  const list = options.canonical?.(params) ?? { path, query: {} };
  const canonicalQuery = new URLSearchParams([...Object.entries(list.query), ...query]);
  // Only lists have this header: R copies it into every answer it finds it on.
  reply.header("x-total-matching-query", listed.total);
  const itemsText = "items" in listed ? await textOfItems(listed.items, (item) => fields.apply(item)) : listed.itemsText;
  const url = links.to(list.path);
  const envelope =
    operation.list.by === "token"
      ? tokenEnvelope(url, canonicalQuery, page().limit, [], listed.next)
      : pageEnvelope(url, canonicalQuery, page(), [], listed.total);
  return reply.send(withItems(envelope, itemsText));
}

/** The JSON text of an answer: of the results of many things one after the other, with turns for others between them. */
async function textOf(answer: unknown): Promise<string> {
  const { items, ...others } = (answer ?? {}) as { items?: unknown };
  const isOfMany = Array.isArray(items) && Object.keys(others).length === 0;
  return isOfMany ? `{"items":${await textOfItems(items, (item) => item)}}` : JSON.stringify(answer);
}

async function textOfItems<Item>(items: readonly Item[], shown: (item: Item) => unknown): Promise<string> {
  return `[${(await inTurns(items, (item) => JSON.stringify(shown(item)))).join(",")}]`;
}

/** The envelope with items that are JSON text already. */
function withItems({ href, links }: ReturnType<typeof pageEnvelope>, itemsText: string): string {
  return `{"href":${JSON.stringify(href)},"items":${itemsText},"links":${JSON.stringify(links)}}`;
}

const hasBody = ({ method }: Operation) => method === "POST" || method === "PUT" || method === "PATCH";

const bytesOf = (request: FastifyRequest) => (Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));

/** The query as sent: a `+` is a blank, repeated names stay. */
function queryOf(request: FastifyRequest): URLSearchParams {
  const mark = request.url.indexOf("?");
  return new URLSearchParams(mark < 0 ? "" : request.url.slice(mark + 1));
}

function pageOf({ list }: Operation, query: URLSearchParams): Page {
  if (list?.by === "token" && query.has("offset")) throw new ApiError("badRequest", "A list by token has no `offset`.");
  const page = parsePage(query);
  if ("refused" in page) throw new ApiError("badRequest", page.refused);
  return page;
}

/** `fields` narrows what the operation says; a bare list stays. */
function selectFields({ narrows }: Operation, fields: FieldSelector, result: unknown): unknown {
  if (narrows === "nothing" || Array.isArray(result) || typeof result !== "object" || result === null) return result;
  if (narrows !== "resources") return fields.apply(result);
  const { items } = result as { items: readonly { resource?: object }[] };
  return { items: items.map((item) => (item.resource ? { ...item, resource: fields.apply(item.resource) } : item)) };
}

function accepted<T>(checked: Checked<T>): T {
  if ("value" in checked) return checked.value;
  throw new ApiError(checked.kind, checked.detail);
}
