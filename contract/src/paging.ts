/** Offset paging (conventions.md §6). */

export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 100;

/** One page of a list. `limit` is 1…100, `offset` the index of the first item. */
export interface Page {
  readonly limit: number;
  readonly offset: number;
}

export interface PageLink {
  href: string;
  rel: "next" | "prev";
  method: "GET";
}

/** The body of every offset/limit list: all three keys are always there, also when empty. */
export interface PageEnvelope<Item> {
  href: string;
  items: Item[];
  links: PageLink[];
}

/**
 * Reads `limit` and `offset`; the first one wins where one is given twice. A limit above 100 counts as 100.
 * Answers a sentence about what is allowed when a value is no integer or out of range.
 */
export function parsePage(query: URLSearchParams): Page | { refused: string; parameter: "limit" | "offset" } {
  const limit = integerOf(query.get("limit"), DEFAULT_LIMIT);
  if (limit === undefined || limit < 1) {
    return { parameter: "limit", refused: `\`limit\` must be an integer from 1 to ${MAX_LIMIT}.` };
  }
  const offset = integerOf(query.get("offset"), 0);
  if (offset === undefined || offset < 0) {
    return { parameter: "offset", refused: "`offset` must be an integer of at least 0." };
  }
  return { limit: Math.min(limit, MAX_LIMIT), offset: Math.min(offset, Number.MAX_SAFE_INTEGER) };
}

function integerOf(text: string | null, absent: number): number | undefined {
  if (text === null) return absent;
  return /^[+-]?\d+$/.test(text.trim()) ? Number(text) : undefined;
}

/**
 * Wraps the items of one page.
 *
 * `url` is the absolute, canonical address of the list without a query (for an alias, that of the list it stands for);
 * `query` is the request's: all its parameters stay in `href` and in the links, since clients start over from
 * `href` and follow the links. `total` counts everything that matches.
 */
export function pageEnvelope<Item>(
  url: string,
  query: URLSearchParams,
  page: Page,
  items: Item[],
  total: number,
): PageEnvelope<Item> {
  const others = otherParameters(query);
  const at = (offset: number) => `${url}?offset=${offset}&limit=${page.limit}${others}`;
  const links: PageLink[] = [];
  if (page.offset + page.limit < total) {
    links.push({ href: at(page.offset + page.limit), rel: "next", method: "GET" });
  }
  if (page.offset > 0) {
    links.push({ href: at(Math.max(0, page.offset - page.limit)), rel: "prev", method: "GET" });
  }
  return { href: at(page.offset), items, links };
}

/**
 * Wraps the items of one page of a list by token; `url` and `query` are as above. `next` is the token of the next page,
 * undefined on the last.
 */
export function tokenEnvelope<Item>(
  url: string,
  query: URLSearchParams,
  limit: number,
  items: Item[],
  next: string | undefined,
): PageEnvelope<Item> {
  const others = otherParameters(query, "token");
  const at = (token: string) => `${url}?token=${queryText(token)}&limit=${limit}${others}`;
  const links: PageLink[] = next === undefined ? [] : [{ href: at(next), rel: "next", method: "GET" }];
  return { href: at(query.get("token") ?? ""), items, links };
}

function otherParameters(query: URLSearchParams, besides = "offset"): string {
  let text = "";
  for (const [name, value] of query) {
    if (name !== "limit" && name !== besides) text += `&${queryText(name)}=${queryText(value)}`;
  }
  return text;
}

/**
 * Percent-encodes for a query, leaving bare what may stand there: the R client decodes the query of a link and
 * sends it back without encoding it again, so the plainer a link the better.
 */
export function queryText(text: string): string {
  // A lone surrogate cannot be encoded; a URL can only have brought it here as U+FFFD anyway.
  return encodeURIComponent(text.toWellFormed()).replace(/%(2F|2C|3A|40|21)/g, (escaped) => decodeURIComponent(escaped));
}
