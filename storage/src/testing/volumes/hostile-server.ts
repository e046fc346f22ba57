import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

/** What a server does with one connection, once the first bytes of a request are there. */
export type Conduct = (socket: Socket, request: string) => void;

export interface HostileServer {
  /** `http://127.0.0.1:<port>`, or `https:` */
  endpoint: string;
  /** How many connections there were. */
  seen(): number;
  stop(): Promise<void>;
}

/** A server that speaks to sockets, not in HTTP: it can say what no HTTP library would. With a certificate, over TLS. */
export async function startHostile(conduct: Conduct, tls?: { cert: string; key: string }): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  const serve = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    socket.once("data", (bytes) => conduct(socket, bytes.toString("latin1")));
  };
  const server = tls ? createTlsServer(tls, serve) : createServer(serve);
  let seen = 0;
  server.on("connection", () => {
    seen += 1;
  });
  const endpoint = (await listening(server)).replace("http:", tls ? "https:" : "http:");
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { endpoint, seen: () => seen, stop };
}

/** An ordinary server of HTTP. */
export async function startHttp(listener: RequestListener): Promise<HostileServer> {
  const server = createHttpServer(listener);
  let seen = 0;
  server.on("connection", () => {
    seen += 1;
  });
  const endpoint = await listening(server);
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { endpoint, seen: () => seen, stop };
}

async function listening(server: Server | ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Writes `text` again and again, every few milliseconds, until the other side has gone. */
export function drip(socket: Socket, text: string, everyMs = 20): void {
  const timer = setInterval(() => socket.write(text), everyMs);
  socket.on("close", () => clearInterval(timer));
}

/** Writes `text` as fast as it is taken, for ever. */
export function pour(socket: Socket, text: string): void {
  const more = () => {
    while (!socket.destroyed && socket.write(text));
    if (!socket.destroyed) socket.once("drain", more);
  };
  more();
}

/** A whole answer. */
export function say(socket: Socket, status: number, headers: Record<string, string>, body: string): void {
  const lines = Object.entries({ "content-length": String(Buffer.byteLength(body)), connection: "close", ...headers });
  socket.end(`HTTP/1.1 ${status} Said\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`);
}
