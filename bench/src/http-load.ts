import { connect, type Socket } from "node:net";

/** A request as it is sent over and over. */
export interface Request {
  method?: string;
  url: string;
  headers?: Record<string, string>;
  /** JSON. */
  body?: unknown;
}

/** Requests a second, and how long one took, in milliseconds. */
export interface Load {
  perSecond: number;
  median: number;
  p99: number;
}

/**
 * Sends the requests in turn, over and over, on `connections` connections for `seconds`, each waiting for its answer.
 * Speaks HTTP on bare sockets: an HTTP client of Node's would use more of the machine than the servers it measures.
 *
 * @throws Error for an answer that is not 2xx
 */
export async function load(requests: Request | readonly Request[], connections: number, seconds: number): Promise<Load> {
  const texts = [requests].flat().map((request) => ({ ...request, text: textOf(request) }));
  const { hostname, port } = new URL(texts[0]!.url);
  const times: number[] = [];
  let next = 0;
  const started = performance.now();
  const end = started + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(Number(port), hostname).setNoDelay(true);
      const answers = new Answers(socket);
      while (performance.now() < end) {
        const { text, url } = texts[next++ % texts.length]!;
        const sent = performance.now();
        socket.write(text);
        const status = await answers.next();
        if (status < 200 || status > 299) throw new Error(`${url} answered ${status}`);
        times.push(performance.now() - sent);
      }
      socket.destroy();
    }),
  );
  return {
    perSecond: times.length / ((performance.now() - started) / 1000),
    median: quantile(times, 0.5),
    p99: quantile(times, 0.99),
  };
}

/** The value that `share` of them do not exceed; sorts them. */
export function quantile(times: number[], share: number): number {
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length * share)]!;
}

function textOf({ method = "GET", url, headers = {}, body }: Request): string {
  const { host, pathname, search } = new URL(url);
  const content = body === undefined ? "" : JSON.stringify(body);
  const ofBody = body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(content) };
  const lines = Object.entries({ host, ...headers, ...ofBody }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${pathname}${search} HTTP/1.1\r\n${lines.join("")}\r\n${content}`;
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
