import type { TSchema } from "typebox";
import calls from "./client-calls.json" with { type: "json" };
import type { ClientCall } from "./client-calls.ts";
import { detailOf, type ErrorEnvelope } from "./errors.ts";
import { parseExactly, textOfJson } from "./exact-json.ts";
import type { BodyOf, ParamsOf, QueryOf, ReplyOf } from "./operation.ts";
import type { Operations } from "./operations.ts";
import { MAX_LIMIT, type PageEnvelope, queryText } from "./paging.ts";

export interface ClientOptions {
  /** The API's base URL, ending in `/v2`. */
  readonly baseUrl: string;
  readonly token?: string;
  /** Headers of every request beside its own: a browser's session needs some. */
  readonly headers?: () => Readonly<Record<string, string>>;
  /** Default: the global `fetch`. */
  readonly fetch?: Fetch;
  /** Whether to wait for the next window when the rate limit is used up, which is minutes away at most. */
  readonly waitForRateLimit?: boolean;
  /** Told for how many milliseconds it waits, each time that it does. */
  readonly onRateLimit?: (milliseconds: number) => void;
}

/** What sends a request: the global `fetch`, or less. */
export type Fetch = (address: string, request: RequestInit) => Promise<FetchAnswer>;

/** What of a `Response` is looked at. */
export type FetchAnswer = Pick<Response, "ok" | "status" | "text"> & { readonly headers: Pick<Headers, "get"> };

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Told the headers of a successful answer. */
  readonly onHeaders?: (headers: Pick<Headers, "get">) => void;
}

/**
 * A method for every operation, named by its id: `client.getProject({ owner, project })`. Parameters of path and query
 * stand side by side, the body under `body`. Lists answer one page; `client.all.listFiles({ project })` goes on through
 * all pages, item by item.
 *
 * @throws ApiFailure when the server refuses, ConnectionFailure when it cannot be reached
 */
export type Client = ClientOf<Operations>;

/** The same for any table of operations by their ids. */
export type ClientOf<Table> = {
  readonly [Id in keyof Table]: (...args: Arguments<Table[Id]>) => Promise<Result<Table[Id]>>;
} & {
  readonly all: {
    readonly [Id in keyof Table as Table[Id] extends { list: object } ? Id : never]: (
      ...args: Arguments<Table[Id]>
    ) => AsyncGenerator<ItemOf<Table[Id]>>;
  };
};

type Narrowing<O> = O extends { reply: TSchema } ? { fields?: string | readonly string[] } : Record<never, never>;
type Paging<O> = O extends { list: { by: "token" } }
  ? { limit?: number }
  : O extends { list: object }
    ? { limit?: number; offset?: number }
    : Record<never, never>;
type Body<O> = O extends { yaml: true } ? BodyOf<O> | string : BodyOf<O>;
type Payload<O> = O extends { body: TSchema }
  ? Record<never, never> extends BodyOf<O>
    ? { body?: Body<O> }
    : { body: Body<O> }
  : Record<never, never>;

/** What a method takes; a text as the body of an app is YAML. */
export type ArgumentsOf<O> = ParamsOf<O> & QueryOf<O> & Narrowing<O> & Paging<O> & Payload<O>;

type Arguments<O> =
  Record<never, never> extends ArgumentsOf<O>
    ? [given?: ArgumentsOf<O>, options?: CallOptions]
    : [given: ArgumentsOf<O>, options?: CallOptions];

/** An item of a list: its default fields are there, the others when `fields` asks for them. */
export type ItemOf<O> = O extends { list: { fields: readonly (infer Shown)[] } }
  ? Pick<ReplyOf<O>, Shown & keyof ReplyOf<O>> & Partial<ReplyOf<O>>
  : ReplyOf<O>;

/** One page, and how many items match in all. */
export interface PageOf<Item> extends PageEnvelope<Item> {
  total: number;
}

type Result<O> = O extends { list: object } ? PageOf<ItemOf<O>> : O extends { reply: TSchema } ? ReplyOf<O> : undefined;

/** The server refused. Scripts branch on `code`; it is missing when the answer is not the API's (a proxy's, say). */
export class ApiFailure extends Error {
  readonly status: number;
  readonly code: number | undefined;
  readonly moreInfo: string | undefined;
  /** What exactly is wrong, where the server says so. */
  readonly detail: string | undefined;
  /** Names the request in the server's log. */
  readonly requestId: string | undefined;

  constructor(status: number, body: Partial<ErrorEnvelope>, requestId?: string) {
    super(body.message ?? `The server answered ${status}.`);
    this.name = "ApiFailure";
    this.status = status;
    this.code = body.code;
    this.moreInfo = body.more_info;
    this.detail = body.more_info === undefined ? undefined : detailOf(body.more_info);
    this.requestId = requestId;
  }
}

/** The server could not be reached, or broke off. */
export class ConnectionFailure extends Error {
  constructor(baseUrl: string, cause: unknown) {
    super(`${baseUrl} cannot be reached.`, { cause });
    this.name = "ConnectionFailure";
  }
}

type Given = Readonly<Record<string, unknown>>;

export function createClient(options: ClientOptions): Client {
  // Made from the table of that type.
  return clientOf<Operations>(calls.api as Record<keyof Operations, ClientCall>, options);
}

/**
 * @param calls of the operations of `Table`, by their ids
 * @param options `baseUrl`: what the paths of the operations are below
 */
export function clientOf<Table>(calls: Readonly<Record<keyof Table, ClientCall>>, options: ClientOptions): ClientOf<Table> {
  const entries: [string, ClientCall][] = Object.entries(calls);
  const methods = entries.map(([id, op]) => [id, (given?: Given, call?: CallOptions) => perform(options, op, given ?? {}, call)]);
  const lists = entries.filter(([, op]) => op.list);
  const all = lists.map(([id, op]) => [id, (given?: Given, call?: CallOptions) => walk(options, op, given ?? {}, call)]);
  // The entries above have the ids of the type.
  return { ...Object.fromEntries(methods), all: Object.fromEntries(all) } as ClientOf<Table>;
}

/**
 * All items of a list, page after page. The link `next` says whether there is more; its address is the public one, which
 * need not be the one used here, so only the token is taken from it.
 */
async function* walk(options: ClientOptions, op: ClientCall, given: Given, call?: CallOptions): AsyncGenerator<unknown> {
  const limit = Math.min(Number(given.limit ?? MAX_LIMIT), MAX_LIMIT);
  let offset = Number(given.offset ?? 0);
  let token = given.token;
  for (;;) {
    const place = op.list === "token" ? { token } : { offset };
    const page = (await perform(options, op, { ...given, limit, ...place }, call)) as PageOf<unknown>;
    yield* page.items;
    const next = page.links.find((link) => link.rel === "next");
    if (!next) return;
    offset += limit;
    token = new URL(next.href).searchParams.get("token");
  }
}

async function perform(options: ClientOptions, op: ClientCall, given: Given, call: CallOptions = {}): Promise<unknown> {
  const response = await send(options, op, addressOf(options.baseUrl, op, given), requestOf(options, op, given, call));
  const text = await textOf(response, options.baseUrl);
  if (!response.ok) throw failureOf(response, text);
  call.onHeaders?.(response.headers);
  if (response.status === 204 || text === "") return undefined;
  const reply = parseExactly(text) as object;
  return op.list ? { ...reply, total: Number(response.headers.get("x-total-matching-query")) } : reply;
}

/** The address of a call: every parameter where it belongs, lists repeated, maps dotted. */
function addressOf(baseUrl: string, op: ClientCall, given: Given): string {
  const path = op.path.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const value = String(given[name]);
    // A name of two segments keeps its slash: `division/username`.
    return op.slashed?.includes(name) ? value.split("/").map(encodeURIComponent).join("/") : encodeURIComponent(value);
  });
  const names = [...(op.query ?? []), ...(op.list ? (op.list === "token" ? ["limit"] : ["limit", "offset"]) : [])];
  const parts = names.flatMap((name) => parametersOf(name, given[name]));
  const { fields } = given;
  if (fields !== undefined) parts.push(`fields=${queryText(Array.isArray(fields) ? fields.join(",") : String(fields))}`);
  return baseUrl.replace(/\/+$/, "") + path + (parts.length > 0 ? `?${parts.join("&")}` : "");
}

function parametersOf(name: string, value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map((one) => `${queryText(name)}=${queryText(String(one))}`);
  if (typeof value === "object") return Object.entries(value).flatMap(([key, one]) => parametersOf(`${name}.${key}`, one));
  return [`${queryText(name)}=${queryText(String(value))}`];
}

function requestOf(
  { token, headers: more }: ClientOptions,
  op: ClientCall,
  { body }: Given,
  { signal }: CallOptions,
): RequestInit {
  const headers: Record<string, string> = { ...more?.(), accept: "application/json" };
  if (token !== undefined) headers["x-sbg-auth-token"] = token;
  const init: RequestInit = { method: op.method, headers, ...(signal ? { signal } : {}) };
  if (body === undefined) return init;
  const isYaml = op.yaml === true && typeof body === "string";
  headers["content-type"] = isYaml ? "application/yaml" : "application/json";
  return { ...init, body: isYaml ? (body as string) : textOfJson(body) };
}

/** Pauses before a call is sent again after its connection failed: milliseconds. */
const RETRY_PAUSES = [200, 400, 800, 1600];

/** Sends the request; once more after a failed connection where that does no harm, and after a used-up rate limit if asked. */
async function send(options: ClientOptions, op: ClientCall, address: string, request: RequestInit): Promise<FetchAnswer> {
  const fetch = options.fetch ?? globalThis.fetch;
  const isIdempotent = op.method === "GET" || op.method === "PUT" || op.method === "DELETE";
  for (let attempt = 0; ; attempt++) {
    try {
      const response = await fetch(address, request);
      if (response.status !== 429 || !options.waitForRateLimit) return response;
      // Read to its end, so that its connection can be used again.
      await response.text();
      const wait = untilReset(response);
      options.onRateLimit?.(wait);
      await pause(wait, request.signal);
    } catch (error) {
      if (request.signal?.aborted) throw error;
      const wait = isIdempotent ? RETRY_PAUSES[attempt] : undefined;
      if (wait === undefined) throw new ConnectionFailure(options.baseUrl, error);
      await pause(wait, request.signal);
    }
  }
}

/** Milliseconds until the window that the header names (Unix seconds) begins; at least a second. */
function untilReset(response: FetchAnswer): number {
  const reset = Number(response.headers.get("x-ratelimit-reset") ?? Number.NaN) * 1000;
  return Number.isNaN(reset) ? 1000 : Math.max(1000, reset - Date.now());
}

function pause(milliseconds: number, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      signal?.removeEventListener("abort", stop);
      resolve();
    }
    function stop(): void {
      clearTimeout(timer);
      reject(signal?.reason);
    }
    signal?.addEventListener("abort", stop, { once: true });
  });
}

async function textOf(response: FetchAnswer, baseUrl: string): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw new ConnectionFailure(baseUrl, error);
  }
}

function failureOf(response: FetchAnswer, text: string): ApiFailure {
  const requestId = response.headers.get("x-request-id") ?? undefined;
  return new ApiFailure(response.status, envelopeOf(text), requestId);
}

/** A proxy may have answered with a page of its own. */
function envelopeOf(text: string): Partial<ErrorEnvelope> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? body : {};
  } catch {
    return {};
  }
}
