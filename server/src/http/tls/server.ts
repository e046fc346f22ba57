import { createServer as createPlainServer, type RequestListener, type ServerOptions } from "node:http";
import { createServer, type Server } from "node:https";
import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { errorEnvelope } from "@causeway/contract";
import type { Logger } from "pino";
import { type CertificateFiles, readCertificate } from "./certificates.ts";
import type { KeyedCertificate } from "./self-signed.ts";

/** What a server that speaks TLS itself is made with. */
export interface Tls {
  createServer(listener: RequestListener, options: ServerOptions): Server;
  /** Ends what keeps the servers open beside their requests. */
  close(): void;
}

const LOOK_EVERY_MS = 2000;
/** A connection on which nothing comes is given up. */
const SILENCE_MS = 60_000;
/** The first byte of a TLS connection: a record with a handshake (RFC 8446 §5.1). */
const HANDSHAKE = 22;

/**
 * Servers with the certificate of `files`; a new one there is used for new connections within seconds, without a restart.
 * While the files are no pair (one of them is new, or half written) the old certificate goes on. Whoever speaks plain
 * HTTP is told so, with an error of the API: a redirect would turn the writes of some clients into reads
 * (conventions.md §1).
 *
 * @throws Error of `readCertificate`
 */
export async function openTls(files: CertificateFiles, baseUrl: () => string, log: Logger): Promise<Tls> {
  let current = await readCertificate(files);
  const servers: Server[] = [];
  const unsorted = new Set<Socket>();
  const stopping = new AbortController();
  void followChanges();

  async function followChanges(): Promise<void> {
    let refused = "";
    for (;;) {
      try {
        await pause(LOOK_EVERY_MS, undefined, { signal: stopping.signal, ref: false });
      } catch {
        return;
      }
      try {
        const found = await readCertificate(files);
        refused = "";
        if (found.cert !== current.cert || found.key !== current.key) use(found);
      } catch (error) {
        const { message } = error as Error;
        if (message !== refused) log.warn({ err: error }, "the certificate on the disk cannot be used; the old one goes on");
        refused = message;
      }
    }
  }

  function use(found: KeyedCertificate): void {
    current = found;
    for (const server of servers) server.setSecureContext(found);
    log.info("a new certificate is used");
  }

  const tellPlain: RequestListener = (_request, response) => {
    const envelope = errorEnvelope("badRequest", baseUrl(), `This port speaks https: the address is ${baseUrl()}.`);
    response.writeHead(envelope.status, { "content-type": "application/json;charset=UTF-8", connection: "close" });
    response.end(JSON.stringify(envelope));
  };

  return {
    createServer(listener, options) {
      const server = createServer({ ...options, ...current }, listener);
      const plain = createPlainServer(tellPlain);
      const [secure] = server.listeners("connection") as ((this: Server, socket: Socket) => void)[];
      server.removeAllListeners("connection");
      server.on("connection", (socket: Socket) => {
        unsorted.add(socket);
        socket.on("error", () => socket.destroy());
        socket.setTimeout(SILENCE_MS, () => socket.destroy());
        socket.once("close", () => unsorted.delete(socket));
        socket.once("readable", () => {
          unsorted.delete(socket);
          socket.setTimeout(0);
          const first: Buffer | null = socket.read(1);
          if (first === null) return void socket.destroy();
          socket.unshift(first);
          if (first[0] === HANDSHAKE) secure!.call(server, socket);
          else plain.emit("connection", socket);
        });
      });
      servers.push(server);
      return server;
    },
    close() {
      stopping.abort();
      for (const socket of unsorted) socket.destroy();
    },
  };
}
