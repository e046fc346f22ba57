/** Whether the host of an endpoint, a host or a URL, is one of `patterns`: `s3.lab`, `s3.lab:9000` or `*.example.org`. */
export function isAllowedHost(patterns: readonly string[], endpoint: string): boolean {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`);
  if (url === null) return false;
  return patterns.some((pattern) =>
    pattern.startsWith("*.") ? url.hostname.endsWith(pattern.slice(1)) : pattern === url.hostname || pattern === url.host,
  );
}
