import type { FastifyReply } from "fastify";
import { ApiError } from "./errors.ts";

/** Server-sent events to one page (WHATWG HTML §9.2). */
export interface EventStream {
  send(event: string, data: unknown): void;
  /** Aborted when the page is gone. */
  readonly gone: AbortSignal;
  end(): void;
}

/** A page that takes nothing must not make us keep everything. */
const UNSENT_BYTES = 32 * 2 ** 20;
/** Between two signs of life: proxies end what is silent for a minute. */
const BEAT_MS = 15_000;

/** Opens the answer of a request as a stream; what was set on the reply is sent with it. */
export function openEventStream(reply: FastifyReply): EventStream {
  const gone = new AbortController();
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  raw.flushHeaders();
  const beat = setInterval(() => write(":\n\n"), BEAT_MS);
  const onClose = () => {
    clearInterval(beat);
    gone.abort();
  };
  // A page may have gone before its answer began: it does not go again.
  if (raw.destroyed) onClose();
  else raw.once("close", onClose);
  const write = (text: string) => {
    if (raw.destroyed) return;
    raw.write(text);
    if (raw.writableLength > UNSENT_BYTES) raw.destroy();
  };
  return {
    send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    gone: gone.signal,
    end: () => void raw.end(),
  };
}

/** Counts the streams that each user has open. */
export function countStreams(atMost: number) {
  const open = new Map<string, number>();
  return {
    /** @throws ApiError `rateLimitExceeded` when the user has too many */
    take(userId: string): { release(): void } {
      const count = open.get(userId) ?? 0;
      if (count >= atMost)
        throw new ApiError(
          "rateLimitExceeded",
          `A user has at most ${atMost} pages open that follow something (CAUSEWAY_STREAMS).`,
        );
      open.set(userId, count + 1);
      return {
        release() {
          const left = open.get(userId)! - 1;
          if (left === 0) open.delete(userId);
          else open.set(userId, left);
        },
      };
    },
  };
}

export type OpenStreams = ReturnType<typeof countStreams>;
