import { exactNumber } from "@causeway/cwl";
import { ApiError } from "./errors.ts";

/** Decodes a request's body; `undefined` when there was none. */
export type Decode = (bytes: Buffer, mediaType: string) => unknown;

/** The media type of a `Content-Type` header in lower case, without parameters; empty when there is none. */
export const mediaTypeOf = (header: string | undefined): string => (header ?? "").split(";", 1)[0]!.trim().toLowerCase();

/**
 * JSON, as almost every call takes it (conventions.md §4.6, §4.7). A missing media type counts as JSON, an empty body as none.
 *
 * @throws ApiError `unsupportedMediaType`, `undecodable`
 */
export const decodeJson: Decode = (bytes, mediaType) => parsedJson(bytes, mediaType);

/**
 * JSON for calls that take numbers as texts, metadata and tags: a number that another number would stand for, of more
 * digits than JavaScript keeps, or written `1.50`, comes as the text that it was.
 *
 * @throws ApiError as `decodeJson`
 */
export const decodeNumbersAsWritten: Decode = (bytes, mediaType) => parsedJson(bytes, mediaType, asWritten);

/**
 * JSON for calls that take values of apps, whose type `long` has 64 bits: a whole number beyond 2^53 comes as a bigint.
 *
 * @throws ApiError as `decodeJson`
 */
export const decodeExactly: Decode = (bytes, mediaType) => parsedJson(bytes, mediaType, exactNumber);

function asWritten(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === "number" && source !== undefined && String(value) !== source ? source : value;
}

function parsedJson(bytes: Buffer, mediaType: string, revive?: (key: string, value: unknown) => unknown): unknown {
  if (bytes.length === 0) return undefined;
  if (mediaType !== "application/json" && mediaType !== "") {
    throw new ApiError("unsupportedMediaType", `The body is ${mediaType}; send application/json.`);
  }
  try {
    // A byte order mark is not JSON, yet some Windows tools write one.
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes), revive);
  } catch (cause) {
    throw new ApiError("undecodable", `The body is not JSON: ${(cause as Error).message}`, { cause });
  }
}
