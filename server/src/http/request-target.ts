/**
 * The path and query of a request's target. A target may be a whole address, `GET http://host/v2/user HTTP/1.1` (RFC 9112
 * §3.2.2: a server must accept that form): scheme and authority are left out then, as the `Host` header is: every address
 * that is answered comes from the public one. What is neither a path nor an address leads nowhere.
 */
export function pathOfTarget(target: string): string {
  const path = /^https?:\/\/[^/?#]*(.*)$/is.exec(target)?.[1] ?? target;
  if (path.startsWith("/")) return path;
  return path === target ? NOWHERE : `/${path}`;
}

const NOWHERE = "/*";
