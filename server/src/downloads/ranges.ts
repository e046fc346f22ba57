import { parse } from "range-parser";

/** What of a blob a request wants; bytes. */
export type WantedRange = { offset: number; length: number } | "all" | "beyond";

/** Of range-parser's codes. */
const MALFORMED = 1;

/**
 * Reads a `Range` header for a blob of `size` bytes (RFC 9110 §14). An end beyond the blob is clamped (uploads.md §7); a
 * start beyond it is `beyond`. Several ranges at once, and what is no range of bytes, are answered with all of it, as
 * the standard allows.
 */
export function readRange(header: string | undefined, size: number): WantedRange {
  if (header === undefined) return "all";
  const { code, type, ranges } = parse(size, header.trim());
  if (type !== "bytes" || (code & MALFORMED) !== 0) return "all";
  const [range, ...others] = ranges;
  if (!range) return "beyond";
  return others.length > 0 ? "all" : { offset: range.start, length: range.end - range.start + 1 };
}
