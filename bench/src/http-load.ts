import { connect, type Socket } from "node:net";

/** Requests a second, and how long one took, in milliseconds. */
export interface Load {
  perSecond: number;
  median: number;
  p99: number;
}

/**
 * Sends the same GET over and over on `connections` connections for `seconds`, each waiting for its answer. Speaks HTTP
 * on bare sockets: an HTTP client of Node's would use more of the machine than the servers it measures.
 */
export async function load(url: string, headers: Record<string, string>, connections: number, seconds: number): Promise<Load> {
  const { host, hostname, port, pathname, search } = new URL(url);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = `GET ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\n${lines.join("")}\r\n`;
  const times: number[] = [];
  const started = performance.now();
  const end = started + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(Number(port), hostname).setNoDelay(true);
      const answers = new Answers(socket);
      while (performance.now() < end) {
        const sent = performance.now();
        socket.write(request);
        const status = await answers.next();
        if (status !== 200) throw new Error(`${url} answered ${status}`);
        times.push(performance.now() - sent);
      }
      socket.destroy();
    }),
  );
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)]!;
  return { perSecond: times.length / ((performance.now() - started) / 1000), median: at(0.5), p99: at(0.99) };
}

/** Whole answers with a Content-Length, one after another. */
class Answers {
  #bytes = Buffer.alloc(0);
  #waiting: ((status: number) => void) | undefined;

  constructor(socket: Socket) {
    socket.on("data", (chunk) => {
      this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
      this.#deliver();
    });
  }

  next(): Promise<number> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#deliver();
    });
  }

  #deliver(): void {
    const head = this.#bytes.indexOf("\r\n\r\n");
    if (head < 0 || !this.#waiting) return;
    const text = this.#bytes.toString("latin1", 0, head);
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (this.#bytes.length < head + 4 + length) return;
    this.#bytes = this.#bytes.subarray(head + 4 + length);
    const resolve = this.#waiting;
    this.#waiting = undefined;
    resolve(Number(text.slice(9, 12)));
  }
}
