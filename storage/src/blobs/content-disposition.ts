/**
 * A `Content-Disposition` (RFC 6266) that has a browser save, never show, what it is given: users' files must not run on
 * our origin. The name is told twice, in ASCII for old clients and in UTF-8 (RFC 5987) for all others.
 */
export function contentDisposition(filename?: string): string {
  if (filename === undefined) return "attachment";
  const ascii = filename.replace(/[^ -~]|["\\%]/g, "_");
  const utf8 = encodeURIComponent(filename.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${utf8}`;
}
