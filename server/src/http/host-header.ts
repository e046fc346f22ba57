import type { IncomingMessage } from "node:http";
import type { FastifyReply } from "fastify";
import { ApiError } from "./errors.ts";

/** A host and maybe a port (RFC 3986 §3.2.2 and §3.2.3); empty for a target without an authority. */
const HOST = /^(\[[0-9a-f:.%]+\]|[\w.~!$&'()*+,;=%-]*)(:\d*)?$/i;

/**
 * Refuses a request that does not say which host it is for, or says so twice: a proxy before us may have taken another one
 * of them (RFC 9112 §3.2).
 *
 * @throws ApiError `badRequest`
 */
export function refuseOddHost({ rawHeaders, httpVersion }: IncomingMessage, reply: FastifyReply): void {
  const refuse = (detail: string): never => {
    // What else comes on this connection may be a part of something that others take for one request.
    reply.header("connection", "close");
    throw new ApiError("badRequest", detail);
  };
  let host: string | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length !== 4 || name.toLowerCase() !== "host") continue;
    if (host !== undefined) refuse("The request has more than one `Host`.");
    host = rawHeaders[at + 1]!;
  }
  if (host === undefined && httpVersion === "1.1") refuse("The request has no `Host`.");
  if (host !== undefined && !HOST.test(host)) refuse("`Host` is no host.");
}
