import assert from "node:assert/strict";
import { type IncomingHttpHeaders, request } from "node:http";

/** A value of R's query: vectors become repeated parameters, TRUE stays TRUE, NULL is left out. */
type QueryValue = string | number | "TRUE" | "FALSE" | null | readonly string[];
export type Query = Readonly<Record<string, QueryValue>>;

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into answers of every shape.
  readonly body: any;
}

/** What R adds to every GET and POST, whether the call knows such parameters or not. */
const ALWAYS: Query = { limit: 50, offset: 0, fields: "_all" };

/**
 * The requests of the R package sevenbridges2, byte for byte as they arrive (reference/api/conventions.md §4, §19): the
 * same three parameters on every GET and POST, no query on PUT, PATCH and DELETE, a JSON content type always, DELETE with
 * an empty body. Every answer is looked at the way R does: only 200, 201, 202 and 204 are success, a JSON media type with
 * its charset, and a total in the headers of lists alone, since R puts it into whatever came.
 */
export class RClient {
  readonly #url: string;
  readonly #token: string;

  /** @param url of the API, ending in `/v2` */
  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  get = (path: string, query: Query = {}) => this.#send("GET", `/${path}?${encode({ ...ALWAYS, ...query })}`);
  post = (path: string, body: object = {}, query: Query = {}) =>
    this.#send("POST", `/${path}?${encode({ ...ALWAYS, ...query })}`, JSON.stringify(body));
  put = (path: string, body: unknown) => this.#send("PUT", `/${path}`, JSON.stringify(body));
  patch = (path: string, body: object) => this.#send("PATCH", `/${path}`, JSON.stringify(body));
  delete = (path: string) => this.#send("DELETE", `/${path}`, "");

  /**
   * A link of an answer, as R follows it: it takes scheme, host and path, forgets the port, and sends the decoded query
   * as it is. Here the request goes to the platform all the same, as it does when the platform serves on port 80 or 443.
   */
  follow(href: string): Promise<Reply> {
    const link = new URL(href);
    const decoded = decodeURIComponent(link.search).replaceAll(" ", "%20");
    return this.#send("GET", link.pathname.replace(/^\/v2/, "") + decoded);
  }

  /** Every page of a list, put together. */
  async all(first: Reply): Promise<Reply["body"][]> {
    const items = [...first.body.items];
    for (let page = first; ; ) {
      const next = page.body.links.find(({ rel }: { rel: string }) => rel === "next");
      if (!next) return items;
      page = await this.follow(next.href);
      items.push(...page.body.items);
    }
  }

  async #send(method: string, path: string, body?: string): Promise<Reply> {
    const reply = await send(method, this.#url + path, body, {
      "X-SBG-Auth-Token": this.#token,
      "Content-Type": "application/json",
      Accept: "application/json",
      "User-Agent": "sevenbridges2 (replayed)",
    });
    assert.ok(reply.status < 500, `R would send this again for ever: ${reply.status} ${JSON.stringify(reply.body)}`);
    if (reply.status === 204) assert.equal(reply.body, undefined);
    else looksRight(reply);
    return reply;
  }
}

/** The platform's answer to exactly these bytes. */
export async function send(
  method: string,
  url: string,
  body: string | undefined,
  headers: Record<string, string>,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
    const sent = request(url, { method, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = response.headers["content-type"]?.startsWith("application/json");
        const content = text === "" ? undefined : isJson ? JSON.parse(text) : text;
        resolve({ status: response.statusCode!, headers: response.headers, body: content });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

function looksRight({ status, headers, body }: Reply): void {
  assert.match(headers["content-type"] ?? "", /^application\/json;\s*charset=utf-8$/i);
  // The list of a volume is of another form: it has folders, too, and no total.
  const isList = Array.isArray(body.items) && Array.isArray(body.links) && !Array.isArray(body.prefixes);
  assert.equal("x-total-matching-query" in headers, isList, "the total is on lists, and on nothing else");
  if (isList) {
    assert.match(headers["x-total-matching-query"] as string, /^\d+$/);
    for (const link of body.links) assert.deepEqual(Object.keys(link).sort(), ["href", "method", "rel"]);
  }
  if (status >= 400) {
    assert.equal(typeof body.message, "string");
    assert.equal(body.status, status);
    assert.ok(Number.isInteger(body.code) && body.code > 0);
  } else {
    assert.ok([200, 201, 202].includes(status), `R takes ${status} for a failure`);
  }
}

/** R percent-encodes blanks and letters beyond ASCII, and leaves `& + # , / :` as they are. */
function encode(query: Query): string {
  return Object.entries(query)
    .flatMap(([name, value]) =>
      value === null ? [] : (Array.isArray(value) ? value : [value]).map((one) => `${name}=${encodeURI(String(one))}`),
    )
    .join("&");
}
