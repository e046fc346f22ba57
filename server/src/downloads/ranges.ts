/** What of a blob a request wants; bytes. */
export type WantedRange = { offset: number; length: number } | "all" | "beyond";

/**
 * Reads a `Range` header for a blob of `size` bytes (RFC 9110 §14). An end beyond the blob is clamped (uploads.md §7); a
 * start beyond it is `beyond`. Several ranges at once, and what is no range of bytes, are answered with all of it, as
 * the standard allows.
 */
export function readRange(header: string | undefined, size: number): WantedRange {
  const match = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return "all";
  const [, first = "", last = ""] = match;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "beyond" : { offset: size - length, length };
  }
  const offset = Number(first);
  if (last !== "" && Number(last) < offset) return "all";
  if (offset >= size) return "beyond";
  const end = last === "" ? size : Math.min(Number(last) + 1, size);
  return { offset, length: end - offset };
}
