import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { text } from "node:stream/consumers";
import type { Fetch } from "@causeway/contract/client";

/** A connection on which nothing moves for so long is given up. */
const SILENCE_MS = 300_000;

/**
 * Sends requests by Node's own HTTP client, on connections that are kept. For commands that make thousands of calls: the
 * global `fetch` takes three times the processor time.
 */
export function createPlainFetch(): Fetch {
  const agents = { "http:": new HttpAgent({ keepAlive: true }), "https:": new HttpsAgent({ keepAlive: true }) };
  return (address, { method = "GET", headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const url = new URL(address);
      const isSecure = url.protocol === "https:";
      const content = typeof body === "string" ? { "content-length": String(Buffer.byteLength(body)) } : {};
      const sent = (isSecure ? httpsRequest : httpRequest)(
        url,
        {
          method,
          timeout: SILENCE_MS,
          agent: isSecure ? agents["https:"] : agents["http:"],
          headers: { ...(headers as Record<string, string>), ...content },
          ...(signal ? { signal } : {}),
        },
        (response) => {
          const status = response.statusCode ?? 0;
          resolve({
            status,
            ok: status >= 200 && status < 300,
            headers: { get: (name) => [response.headers[name.toLowerCase()] ?? []].flat()[0] ?? null },
            text: () => text(response),
          });
        },
      );
      sent.once("timeout", () => sent.destroy(Object.assign(new Error("nothing came for five minutes"), { code: "ETIMEDOUT" })));
      // As `fetch` fails: the reason is the cause.
      sent.on("error", (cause) => reject(new TypeError("fetch failed", { cause })));
      sent.end(typeof body === "string" ? body : undefined);
    });
}
