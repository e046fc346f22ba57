import { parseFileId } from "@causeway/contract";
import { ApiError } from "../http/errors.ts";

/** The last entry of a page, by what the search orders: the next page begins after it. */
export interface SearchAfter {
  /** Its value of the field that orders, as text. */
  value: string;
  id: string;
}

/** Clients know what such a token looks like decoded: `{"sa": [value, id]}`. `by` is the order it belongs to. */
export const continuationToken = ({ value, id }: SearchAfter, by: string): string =>
  Buffer.from(JSON.stringify({ sa: [value, id], by })).toString("base64url");

/** What the token says; undefined for the first page. @throws ApiError `badRequest` when it is none, or of another order */
export function readContinuation(
  token: string | undefined,
  by: string,
  fits: (value: string) => boolean,
): SearchAfter | undefined {
  if (token === undefined || token === "" || token === "start") return undefined;
  const said = parsed(Buffer.from(token, "base64url").toString());
  const [value, id] = Array.isArray(said?.sa) ? said.sa : [];
  if (typeof value !== "string" || typeof id !== "string" || parseFileId(id) === undefined || value.includes("\0"))
    throw refused();
  if (said?.by !== by) throw new ApiError("badRequest", "The token belongs to a search with another order.");
  if (!fits(value)) throw refused();
  return { value, id };
}

function parsed(text: string): { sa?: unknown; by?: unknown } | null {
  try {
    return JSON.parse(text) as { sa?: unknown; by?: unknown } | null;
  } catch {
    throw refused();
  }
}

const refused = () =>
  new ApiError("badRequest", "The token is not one of a search: leave it out, or say `start`, for the first page.");
