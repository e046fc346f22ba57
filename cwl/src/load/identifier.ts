import { isAbsolute, resolveUri, splitFragment } from "./fetch.ts";

/**
 * The IRI of something that is named `written` inside `scope` (schema-salad §Identifiers): `#x` is in the document of
 * `base`, a bare `x` within the scope.
 */
export function identify(written: string, scope: string, base: string): string {
  if (isAbsolute(written)) return written;
  if (written.includes("#")) return resolveUri(written, base);
  return within(scopeIn(base, scope), written);
}

/** `file#main` + `reads` → `file#main/reads`; `file` + `main` → `file#main`. */
export function within(scope: string, name: string): string {
  return scope + (splitFragment(scope).fragment ? "/" : scope.endsWith("#") ? "" : "#") + name;
}

/**
 * The IRIs that a reference may mean, nearest first (schema-salad §Link resolution): with `#` the one it says, a bare name
 * in the scope and then in every scope around it.
 */
export function candidates(reference: string, scope: string, base: string): string[] {
  if (isAbsolute(reference)) return [reference];
  if (reference.includes("#")) return [resolveUri(reference, base)];
  const nearest = scopeIn(base, scope);
  const found = [within(nearest, reference)];
  const { document, fragment } = splitFragment(nearest);
  const parts = fragment?.split("/") ?? [];
  while (parts.length > 0) {
    parts.pop();
    found.push(within(parts.length === 0 ? document : `${document}#${parts.join("/")}`, reference));
  }
  return found;
}

/** What is imported from another file is named within that file. */
function scopeIn(base: string, scope: string): string {
  return splitFragment(scope).document === splitFragment(base).document ? scope : base;
}
