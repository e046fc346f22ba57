import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { errorEnvelope } from "@causeway/contract";

/**
 * Answers what is no HTTP request, or not one that Node takes, and ends the connection. Clients read every error as JSON
 * (conventions.md §8), so this one has the envelope as well.
 */
export function answerBroken(error: Error & { code?: string }, socket: Duplex, baseUrl: string): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const body = JSON.stringify(errorEnvelope("badRequest", baseUrl, WHY[error.code ?? ""] ?? "This is no HTTP request."));
  const head = [
    "HTTP/1.1 400 Bad Request",
    "Content-Type: application/json;charset=UTF-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${randomUUID()}`,
    "Connection: close",
  ];
  if (socket.writable) socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
  socket.destroy(error);
}

const WHY: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "The address and the headers of a request have 16 KiB at most.",
  ERR_HTTP_REQUEST_TIMEOUT: "The request did not arrive in time.",
};
