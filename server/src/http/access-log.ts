import { once } from "node:events";
import { API_ERRORS } from "@causeway/contract";
import pino from "pino";
import type { App } from "./app.ts";

export interface AccessLog {
  /** Writes what is still held back, and closes the file. */
  close(): Promise<void>;
}

/**
 * Appends one JSON line to the file at `path` for every call of an operation that was answered: when, what, by whom, with
 * which client, how it ended (`code` is that of the error) and how long it took. Queries and bodies are not kept: they may
 * hold what is nobody's business. Several processes may share a file, and it may be truncated while it is written.
 *
 * A line a call costs throughput, so it is written only when it is asked for.
 */
export function writeAccessLog(app: App, path: string): AccessLog {
  const file = pino.destination({ dest: path, append: true, mkdir: true, sync: false });
  app.addHook("onResponse", async (request, reply) => {
    const { operation } = request.routeOptions.config;
    if (!operation) return;
    const line = {
      time: new Date().toISOString(),
      request: request.id,
      operation: operation.id,
      method: request.method,
      path: request.url.split("?", 1)[0],
      status: reply.statusCode,
      ...(request.refusal === null ? {} : { code: API_ERRORS[request.refusal].code }),
      milliseconds: Math.round(reply.elapsedTime * 10) / 10,
      user: request.actor?.username ?? null,
      address: request.ip,
      client: request.headers["user-agent"] ?? null,
    };
    file.write(`${JSON.stringify(line)}\n`);
  });
  return {
    async close() {
      file.end();
      await once(file, "close");
    },
  };
}
