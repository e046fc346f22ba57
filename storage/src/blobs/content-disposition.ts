import { create } from "content-disposition";

/**
 * A `Content-Disposition` (RFC 6266) that has a browser save, never show, what it is given: users' files must not run on
 * our origin. The name is told twice, in ASCII for old clients and in UTF-8 (RFC 8187) for all others.
 */
export function contentDisposition(filename?: string): string {
  const name = filename?.toWellFormed();
  // `?` is no character of a name on Windows, and old clients do not know `\"`.
  const fallback = name?.replace(/[^ -~]|["\\%]/g, "_");
  return create(name, { type: "attachment", ...(fallback !== undefined && { fallback }) });
}
