import { ApiError } from "../http/errors.ts";
import { hasAtMost } from "./names/name-rules.ts";
import type { Metadata } from "./tables.ts";

const MOST_PAIRS = 1000;
const LONGEST_KEY = 100;
const LONGEST_VALUE = 300;
const LONGEST_TAG = 255;
const MOST_TAGS = 1000;

/** Metadata as a request gives it: null removes a key. */
export type MetadataGiven = Readonly<Record<string, string | null>>;

/**
 * `current` with what is given laid over it; `{}` as `current` replaces everything.
 *
 * @throws ApiError `metadataKeyEmpty`, `metadataInvalid` beyond the limits of files.md §3.9
 */
export function withMetadata(current: Metadata, given: MetadataGiven): Metadata {
  const pairs = new Map<string, string>(Object.entries(current));
  for (const [key, value] of Object.entries(given)) {
    if (key === "") throw new ApiError("metadataKeyEmpty");
    if (Buffer.byteLength(key) > LONGEST_KEY)
      throw new ApiError("metadataInvalid", `A key has more than ${LONGEST_KEY} bytes: ${key}`);
    if (value === null) {
      pairs.delete(key);
      continue;
    }
    if (Buffer.byteLength(value) > LONGEST_VALUE) {
      throw new ApiError("metadataInvalid", `The value of ${key} has more than ${LONGEST_VALUE} bytes.`);
    }
    if (!isStorable(key) || !isStorable(value))
      throw new ApiError("metadataInvalid", "Keys and values have no NUL and are valid Unicode.");
    pairs.set(key, value);
  }
  if (pairs.size > MOST_PAIRS) throw new ApiError("metadataInvalid", `A file has at most ${MOST_PAIRS} pairs.`);
  return Object.fromEntries(pairs);
}

/** The tags to keep: each once, in order, none empty. @throws ApiError `badRequest` beyond the limits of files.md §3.10 */
export function cleanTags(given: readonly string[]): string[] {
  const tags = [...new Set(given)].filter((tag) => tag !== "");
  if (tags.length > MOST_TAGS) throw new ApiError("badRequest", `A file has at most ${MOST_TAGS} tags.`);
  for (const tag of tags) {
    if (!hasAtMost(LONGEST_TAG, tag)) throw new ApiError("badRequest", `A tag has at most ${LONGEST_TAG} characters.`);
    if (!isStorable(tag)) throw new ApiError("badRequest", "Tags have no NUL and are valid Unicode.");
  }
  return tags;
}

/** PostgreSQL keeps neither NUL nor half of a surrogate pair. */
const isStorable = (text: string) => !text.includes("\0") && text.isWellFormed();
