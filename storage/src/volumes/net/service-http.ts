import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { Readable, Transform } from "node:stream";
import { VolumeError } from "../volume-errors.ts";
import type { EndpointList } from "./endpoint-list.ts";
import { trusting } from "./trusted-certificates.ts";

/** Milliseconds and bytes. */
export interface HttpLimits {
  /** From the request to an open connection. */
  connectMs: number;
  /** From the request to the end of an answer that is not object bytes; for a body that is sent, from its end. */
  answerMs: number;
  /** Without a byte, while a body is sent or object bytes are read. */
  idleMs: number;
  /** Bytes of an answer that is not object bytes. A list of 1,000 keys of 1,024 bytes, all of them escaped, has less. */
  answerBytes: number;
  /** Connections at one moment. */
  sockets: number;
}

const HTTP_LIMITS: HttpLimits = {
  connectMs: 10_000,
  answerMs: 60_000,
  idleMs: 60_000,
  answerBytes: 16 * 1024 * 1024,
  sockets: 64,
};

const HEADER_BYTES = 64 * 1024;

export interface HttpCall {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body?: Readable | Buffer | string | undefined;
  /** Whether a good answer is object bytes: a stream without end to its size. All others are read whole, within the limits. */
  bytes?: boolean;
  /** In place of `answerMs`, for what takes a service long. */
  answerMs?: number;
  signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  status: number;
  /** Names in lower case; one that came several times, joined with a comma. */
  headers: Record<string, string>;
  body: Readable;
}

/**
 * HTTP as volumes use it, the client libraries too: it connects only where the endpoint list allows, follows nothing,
 * sends to the hosts it was made for and to no others, decompresses nothing, and ends within its limits. Throws
 * `VolumeError` and the signal's reason.
 */
export class ServiceHttp {
  readonly #limits: HttpLimits;
  readonly #hosts: readonly { protocol: string; host: string; port: number }[];
  readonly #endpoints: EndpointList;
  readonly #agents: { "http:": HttpAgent; "https:": HttpsAgent };

  constructor({
    hosts,
    endpoints,
    ca,
    limits,
  }: {
    /** The service's, with its port; names below them are the same service (`bucket.host`). */
    hosts: readonly URL[];
    endpoints: EndpointList;
    /** Certificates in PEM that are trusted beside the system's. */
    ca?: string | undefined;
    limits?: Partial<HttpLimits> | undefined;
  }) {
    this.#limits = { ...HTTP_LIMITS, ...limits };
    this.#endpoints = endpoints;
    this.#hosts = hosts.map((url) => ({ protocol: url.protocol, host: url.hostname, port: portOf(url) }));
    const options = { keepAlive: true, maxSockets: this.#limits.sockets, maxFreeSockets: 16, scheduling: "lifo" as const };
    this.#agents = {
      "http:": new HttpAgent(options),
      "https:": new HttpsAgent({ ...options, ...(ca === undefined ? {} : { secureContext: trusting(ca) }) }),
    };
  }

  async send(call: HttpCall): Promise<HttpAnswer> {
    const { url, signal } = call;
    signal?.throwIfAborted();
    const port = portOf(url);
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const ours = this.#hosts.some(
      (each) =>
        each.protocol === url.protocol &&
        each.port === port &&
        (each.host === url.hostname || url.hostname.endsWith(`.${each.host}`)),
    );
    if (!ours) throw new VolumeError("Redirected", { detail: "it leads to a host that is not the service's" });
    this.#endpoints.checkLiteral(host, port);

    const deadlines = new Deadlines();
    signal?.addEventListener("abort", () => deadlines.end(signal.reason), { once: true, signal: deadlines.over });
    try {
      const response = await this.#exchange(call, port, deadlines);
      const headers = joined(response);
      const status = response.statusCode!;
      if (call.bytes && status >= 200 && status < 300) {
        deadlines.watchOnly(signal, response);
        return { status, headers, body: this.#guarded(response) };
      }
      const body = await this.#collected(response, deadlines);
      deadlines.close();
      return { status, headers, body: body.length === 0 ? Readable.from([]) : Readable.from([body], { objectMode: false }) };
    } catch (error) {
      deadlines.close();
      throw deadlines.reason ?? asNetworkError(error);
    }
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  /** Sends the request and resolves with the head of its answer. */
  #exchange(call: HttpCall, port: number, deadlines: Deadlines): Promise<IncomingMessage> {
    const { connectMs, idleMs } = this.#limits;
    const answerMs = call.answerMs ?? this.#limits.answerMs;
    const { protocol } = call.url;
    const options = {
      method: call.method,
      headers: call.headers,
      agent: this.#agents[protocol as "http:" | "https:"],
      maxHeaderSize: HEADER_BYTES,
      lookup: this.#endpoints.lookupFor(port),
    };
    return new Promise((resolve, reject) => {
      let request: ClientRequest;
      try {
        request = (protocol === "https:" ? httpsRequest : httpRequest)(call.url, options as object);
      } catch {
        // Node refuses a header or path that no request may have; its text would repeat it.
        return reject(new VolumeError("BadSettings", { detail: "no request can be made of them" }));
      }
      const { body } = call;
      deadlines.destroys(request);
      request.on("error", reject);
      request.on("response", resolve);
      deadlines.after(connectMs, "a connection could not be made");
      request.on("socket", (socket) => {
        const connected = () => {
          if (body instanceof Readable) deadlines.pause();
          else deadlines.after(answerMs, "no whole answer came");
        };
        if (!socket.connecting && !("secureConnecting" in socket && socket.secureConnecting)) connected();
        else socket.once(protocol === "https:" ? "secureConnect" : "connect", connected);
      });
      if (!(body instanceof Readable)) return void request.end(body);

      request.setTimeout(idleMs, () => deadlines.end(new VolumeError("Timeout", { detail: "no byte was taken or given" })));
      request.on("finish", () => deadlines.after(answerMs, "no whole answer came"));
      deadlines.destroys(body);
      body.on("error", (error) => deadlines.end(error));
      // An answer may come before the whole body is sent, and nobody reads the rest then.
      request.on("response", () => {
        if (!body.readableEnded) body.destroy();
      });
      body.pipe(request);
    });
  }

  async #collected(response: IncomingMessage, deadlines: Deadlines): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let size = 0;
    deadlines.destroys(response);
    for await (const chunk of response) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > this.#limits.answerBytes) {
        response.destroy();
        throw new VolumeError("BadAnswer", { detail: `it has more than ${this.#limits.answerBytes} bytes` });
      }
    }
    return Buffer.concat(chunks);
  }

  /** Object bytes as they come, with faults in our words. */
  #guarded(response: IncomingMessage): Readable {
    const guarded = new Transform({
      transform: (chunk, _encoding, done) => done(null, chunk),
      destroy: (error, done) => {
        if (!response.readableEnded) response.destroy();
        done(error);
      },
    });
    response.setTimeout(this.#limits.idleMs, () =>
      guarded.destroy(new VolumeError("Timeout", { detail: "the bytes of the object stopped coming" })),
    );
    response.on("error", (error) => guarded.destroy(asNetworkError(error) as Error));
    response.pipe(guarded);
    return guarded;
  }
}

/** What ends a request before it is done: its deadlines, and the caller. */
class Deadlines {
  #timer: NodeJS.Timeout | undefined;
  #victims: { destroy(error?: Error): unknown }[] = [];
  readonly #over = new AbortController();
  reason: unknown;

  get over(): AbortSignal {
    return this.#over.signal;
  }

  destroys(victim: { destroy(error?: Error): unknown }): void {
    this.#victims.push(victim);
  }

  /** In place of the deadline before. */
  after(ms: number, what: string): void {
    this.pause();
    this.#timer = setTimeout(() => this.end(new VolumeError("Timeout", { detail: `${what} within ${ms / 1000} s` })), ms);
  }

  pause(): void {
    clearTimeout(this.#timer);
  }

  end(reason: unknown): void {
    if (this.over.aborted) return;
    this.reason ??= reason;
    this.pause();
    const error = this.reason instanceof Error ? this.reason : new Error("aborted");
    for (const victim of this.#victims) victim.destroy(error);
  }

  /** From now on only the caller's signal ends what is left: the stream. */
  watchOnly(signal: AbortSignal | undefined, stream: Readable): void {
    this.close();
    const cut = () => stream.destroy(signal!.reason instanceof Error ? signal!.reason : new Error("aborted"));
    signal?.addEventListener("abort", cut, { once: true });
    stream.once("close", () => signal?.removeEventListener("abort", cut));
  }

  close(): void {
    this.pause();
    this.#over.abort();
  }
}

function portOf(url: URL): number {
  return url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
}

function joined({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value!]),
  );
}

/** What Node says of a connection, in our words; what a body has thrown stays as it is. */
function asNetworkError(error: unknown): unknown {
  if (error instanceof VolumeError || !(error instanceof Error)) return error;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (code === "ETIMEDOUT") return new VolumeError("Timeout", { detail: "the connection timed out" });
  if (code.startsWith("HPE_")) return new VolumeError("BadAnswer", { detail: "it is not HTTP" });
  if (/CERT|TLS|SSL|ISSUER|SELF_SIGNED|ERR_SSL|EPROTO/.test(code)) {
    return new VolumeError("Unreachable", { detail: `its certificate or TLS is not accepted, ${code}` });
  }
  if (/^(E[A-Z_]+|UND_ERR.*|ERR_STREAM_PREMATURE_CLOSE)$/.test(code)) return new VolumeError("Unreachable", { detail: code });
  return error;
}
