import type { Operation } from "@causeway/contract";

/**
 * Every route path an operation is served at, below `/v2`:
 *
 * - its own and its aliases, `{name}` written as `:name`;
 * - with a `slashed` parameter, once more with two segments (`division/username` comes unescaped);
 * - with each parameter left empty in turn (`/tasks//inputs`), so that an empty id gets its own error and no bare 404;
 * - its short ones, which have errors of their own, too.
 */
export function pathsOf(operation: Operation): string[] {
  const written = [operation.path, ...(operation.aliases ?? [])];
  const whole = written.flatMap((path) => [path, ...withTwoSegments(path, operation.slashed ?? [])]);
  const paths = whole.flatMap((path) => [path, ...withEmptySegments(path)]);
  return [...new Set([...paths, ...(operation.short ?? [])].map(routeOf))];
}

const routeOf = (path: string): string => `/v2${path.replace(/\{([^}]+)\}/g, ":$1")}`;

/** The path's parameters by name: two segments are joined again, and an empty one is `""`; those a short path lacks are left out. */
export function paramsOf(
  operation: Operation,
  request: { params: unknown; routeOptions: { url?: string | undefined } },
): Record<string, string> {
  const arrived = request.params as Record<string, string>;
  const isShort = operation.short?.some((path) => routeOf(path) === request.routeOptions.url);
  const params: Record<string, string> = {};
  for (const [, name] of operation.path.matchAll(/\{([^}]+)\}/g)) {
    if (isShort && arrived[name!] === undefined) continue;
    const rest = arrived[secondSegment(name!)];
    params[name!] = (arrived[name!] ?? "") + (rest === undefined ? "" : `/${rest}`);
  }
  return params;
}

const secondSegment = (name: string) => `${name}__rest`;

const withTwoSegments = (path: string, slashed: readonly string[]) =>
  slashed
    .filter((name) => path.includes(`{${name}}`))
    .map((name) => path.replace(`{${name}}`, `{${name}}/{${secondSegment(name)}}`));

function withEmptySegments(path: string): string[] {
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([whole]) => whole);
  // A path that ends in a slash is the path without it, so an empty last segment needs a second one.
  return names.map((name) => path.replace(name, "")).map((empty) => (empty.endsWith("/") ? `${empty}/` : empty));
}
