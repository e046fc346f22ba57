import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ApiError } from "./errors.ts";
import type { Links } from "./links.ts";

/**
 * What a browser's session may call. The cookie is sent to these paths alone: not with the bytes of files, which lie on
 * the same origin below `/storage`.
 */
const PATHS = ["/v2", "/web", "/operator"];

/** Browsers keep one set of cookies for all ports of a host, and several platforms may run on one. */
const nameOf = ({ baseUrl }: Links): string => {
  const { port } = new URL(baseUrl);
  return port === "" ? "causeway_session" : `causeway_session_${port}`;
};

/** The secret in the request's cookie; a page of another site or origin never gets here with one. */
export function sessionSecretOf(request: FastifyRequest, links: Links): string | undefined {
  if (isOfOtherPage(request, links)) return undefined;
  const name = `${nameOf(links)}=`;
  const cookie = request.headers.cookie?.split(/; */).find((pair) => pair.startsWith(name));
  return cookie?.slice(name.length) || undefined;
}

/** @throws ApiError `forbidden` for a page of another origin, which would sign its visitor in as somebody else */
export function requireOwnPage(request: FastifyRequest, links: Links): void {
  if (isOfOtherPage(request, links))
    throw new ApiError("forbidden", "Only pages of this platform sign in (its address is CAUSEWAY_PUBLIC_URL).");
}

/**
 * Whether a browser says that a page of another origin asks: by `Sec-Fetch-Site` over https and on localhost, elsewhere by
 * `Origin`. Ours is the public address or, where people use another name of the host, the one that they called (`Host`).
 */
function isOfOtherPage({ headers }: FastifyRequest, links: Links): boolean {
  const { "sec-fetch-site": site, origin, host } = headers;
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  if (origin === undefined || origin === new URL(links.baseUrl).origin) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

/**
 * What a page has to send back with every call that changes something (`X-CSRF-Token`). It follows from the secret, which
 * no script can read, and only pages of this origin are told it.
 */
export const csrfTokenOf = (secret: string): string => createHash("sha256").update(`csrf ${secret}`).digest("hex");

/** @throws ApiError `forbidden` for a call that would change something and was not made by a page of ours */
export function requireCsrfToken(request: FastifyRequest, secret: string): void {
  if (request.method === "GET" || request.method === "HEAD") return;
  const given = Buffer.from(String(request.headers["x-csrf-token"] ?? ""));
  const wanted = Buffer.from(csrfTokenOf(secret));
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
    throw new ApiError("forbidden", "A call of a browser's session that changes something has the header X-CSRF-Token.");
}

/** Gives the browser the session, for as long as it is open or `seconds`. */
export function setSessionCookie(reply: FastifyReply, links: Links, secret: string, seconds: number): void {
  const secure = links.baseUrl.startsWith("https:") ? "; Secure" : "";
  for (const path of PATHS)
    reply.header(
      "set-cookie",
      `${nameOf(links)}=${secret}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`,
    );
}

export const clearSessionCookie = (reply: FastifyReply, links: Links): void => setSessionCookie(reply, links, "", 0);
