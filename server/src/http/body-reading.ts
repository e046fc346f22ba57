import { errorCodes, type FastifyReply, type FastifyRequest } from "fastify";
import type { BodyMemory, BodyShare } from "./body-memory.ts";

/** What is sent to a route that takes no body, or to a path that there is not, is not kept. */
const takesBody = ({ method, actor, routeOptions: { config } }: FastifyRequest): boolean =>
  method !== "DELETE" && (actor !== null || config.operation !== undefined);

/** A parser for any media type: the whole body of a call as bytes, within its limit and the memory that there is for all. */
export function bodyReader(memory: BodyMemory) {
  return (request: FastifyRequest, payload: NodeJS.ReadableStream): Promise<Buffer | undefined> => {
    // Node drops what is not read when the answer has gone.
    if (!takesBody(request)) return Promise.resolve(undefined);
    return readBody(request, payload, memory);
  };
}

/** Every body that was read holds its memory until the request has been answered. */
const SHARES = new WeakMap<FastifyRequest, BodyShare>();

/** Gives back what the body of an answered request took. */
export async function releaseBody(request: FastifyRequest, _reply: FastifyReply): Promise<void> {
  SHARES.get(request)?.release();
}

function readBody(request: FastifyRequest, payload: NodeJS.ReadableStream, memory: BodyMemory): Promise<Buffer> {
  const limit = request.routeOptions.bodyLimit;
  const { "content-length": header } = request.headers;
  const announced = header === undefined ? undefined : Number(header);
  if (announced !== undefined && announced > limit) return Promise.reject(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());

  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const share = memory.open(request.actor?.id ?? request.ip, fail);
  SHARES.set(request, share);
  // One piece of memory, which grows: a body that comes byte by byte has no more than its bytes.
  let bytes = Buffer.alloc(0);
  let length = 0;
  payload.on("data", onData).on("end", onEnd).on("error", fail);
  request.raw.once("close", onClose);
  return promise;

  function onData(chunk: Buffer): void {
    const needed = length + chunk.length;
    try {
      if (needed > limit) throw new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE();
      if (needed > bytes.length) growTo(Math.min(Math.max(needed, bytes.length * 2), announced ?? limit));
      chunk.copy(bytes, length);
      length = needed;
    } catch (error) {
      fail(error as Error);
    }
  }

  function growTo(size: number): void {
    share.grow(size - bytes.length);
    const grown = Buffer.allocUnsafe(size);
    bytes.copy(grown, 0, 0, length);
    bytes = grown;
  }

  function onEnd(): void {
    leave();
    share.read();
    resolve(bytes.subarray(0, length));
  }

  /** Also for a client that has gone: there is nobody to answer, and nobody would give the memory back. */
  function onClose(): void {
    if (!request.raw.complete) fail(Object.assign(new Error("The body ended early."), { statusCode: 400 }));
  }

  function fail(error: Error): void {
    leave();
    bytes = Buffer.alloc(0);
    share.release();
    reject(Object.assign(error, "statusCode" in error ? {} : { statusCode: 400 }));
  }

  function leave(): void {
    payload.off("data", onData).off("end", onEnd).off("error", fail);
    request.raw.off("close", onClose);
  }
}
