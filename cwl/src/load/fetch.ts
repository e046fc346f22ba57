import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Reads the text at an absolute URI. Throws when it cannot or may not: the message is shown to the user. */
export type FetchText = (uri: string) => Promise<string>;

/** Reads `file:` URIs; `http:` and `https:` only with `allowHttp`. */
export function fetchFrom(options: { allowHttp?: boolean } = {}): FetchText {
  return async (uri) => {
    if (uri.startsWith("file:")) return readFile(fileURLToPath(uri), "utf8");
    if (!/^https?:/.test(uri)) throw new Error(`cannot read ${uri}: only files and http(s) URLs can be read`);
    if (!options.allowHttp) throw new Error(`cannot read ${uri}: documents are not read from the network here`);
    const response = await fetch(uri);
    if (!response.ok) throw new Error(`cannot read ${uri}: the server answered ${response.status}`);
    return response.text();
  };
}

/** The absolute URI of a path or URL, relative to the current directory or to `base`. The fragment is kept. */
export function resolveUri(reference: string, base?: string): string {
  if (isAbsolute(reference)) return reference;
  if (base !== undefined) return resolveRelative(reference, base);
  const { document, fragment } = splitFragment(reference);
  return pathToFileURL(resolve(document)).href + (fragment === undefined ? "" : `#${fragment}`);
}

/** RFC 3986 resolution, except that a path may hold characters that a URL would need escaped (blanks, `?`, `:`). */
function resolveRelative(reference: string, base: string): string {
  const { document, fragment } = splitFragment(reference);
  const suffix = fragment === undefined ? "" : `#${fragment}`;
  const baseDocument = splitFragment(base).document;
  if (document === "") return baseDocument + suffix;
  const escaped = escapeReference(document, baseDocument.startsWith("file:"));
  // "./" keeps `a:b.cwl` from reading as a scheme.
  const relative = escaped.startsWith("/") ? escaped : `./${escaped}`;
  // Nothing is beside a document that stands at no path (`app:lab/rna/align`).
  return URL.canParse(relative, baseDocument) ? new URL(relative, baseDocument).href + suffix : reference;
}

/** A name with a scheme. One letter before the colon is a Windows drive, not a scheme. */
export function isAbsolute(reference: string): boolean {
  return /^[a-zA-Z][a-zA-Z0-9+.-]+:\/\//.test(reference) || reference.startsWith("file:/");
}

export function splitFragment(uri: string): { document: string; fragment: string | undefined } {
  const hash = uri.indexOf("#");
  return hash === -1 ? { document: uri, fragment: undefined } : { document: uri.slice(0, hash), fragment: uri.slice(hash + 1) };
}

/** A URI as people know it: the path of a file, else itself. */
export function displayName(uri: string): string {
  if (!uri.startsWith("file:")) return uri;
  const path = fileURLToPath(uri);
  const here = `${process.cwd()}/`;
  return path.startsWith(here) ? path.slice(here.length) : path;
}

/** Escapes what a URI may not hold; escapes that are there stay. In the name of a file, `?` starts no query. */
function escapeReference(reference: string, isFile: boolean): string {
  const escaped = reference
    .replace(/%(?![0-9A-Fa-f]{2})/g, "%25")
    .replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%?[\]]/gu, (character) => encodeURIComponent(character));
  return isFile ? escaped.replaceAll("?", "%3F") : escaped;
}
